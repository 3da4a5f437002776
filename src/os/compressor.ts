import { deflateSync, inflateSync } from 'node:zlib';
import type { Compressor, Compressors } from '../contracts/compressor.ts';
import { openLibrary } from './libc.ts';

/** One RFC 1950 stream (wire-protocol 1.4). The limit holds while it unpacks: a bomb costs no more than a good message. */
const zlib: Compressor = {
  name: 'zlib',
  decompress(bytes, limitBytes) {
    try {
      return inflateSync(bytes, { maxOutputLength: limitBytes });
    } catch {
      return undefined;
    }
  },
  compress(bytes) {
    try {
      return deflateSync(bytes);
    } catch {
      return undefined;
    }
  },
};

const BZ2_FILES = ['libbz2.so.1.0', 'libbz2.so.1'];
const BZ2_SIGNATURES = {
  BZ2_bzBuffToBuffDecompress:
    'int BZ2_bzBuffToBuffDecompress(void *out, void *outLength, const void *in, unsigned int inLength, int small, int verbosity)',
  BZ2_bzBuffToBuffCompress:
    'int BZ2_bzBuffToBuffCompress(void *out, void *outLength, const void *in, unsigned int inLength, int blockSize, int verbosity, int work)',
} as const;
const BZ_OK = 0;
/** As 3.0.6 writes it: blocks of 100,000 bytes, the library's own effort. */
const BLOCK_SIZE = 1;
const DEFAULT_WORK = 0;

/** One bzip2 stream, by the library that most hosts have; nothing where it is missing. */
function createBz2(): Compressor | undefined {
  const library = openLibrary(BZ2_FILES, BZ2_SIGNATURES);
  if (library === undefined) return undefined;
  const run = (name: keyof typeof BZ2_SIGNATURES, bytes: Uint8Array, limitBytes: number, ...options: number[]) => {
    const out = new Uint8Array(limitBytes);
    const outLength = Uint32Array.of(limitBytes);
    try {
      const result = library[name](out, outLength, bytes, bytes.length, ...options);
      return result === BZ_OK ? out.slice(0, outLength[0] ?? 0) : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    name: 'bz2',
    decompress: (bytes, limitBytes) => run('BZ2_bzBuffToBuffDecompress', bytes, limitBytes, 0, 0),
    // The most that its manual says a text can grow to.
    compress: (bytes) =>
      run('BZ2_bzBuffToBuffCompress', bytes, bytes.length + Math.ceil(bytes.length / 100) + 600, BLOCK_SIZE, 0, DEFAULT_WORK),
  };
}

/** Loads what there is, once: nothing is looked for on the disk when a message comes. */
export function createCompressors(): Compressors {
  const all = [zlib, createBz2()].filter((compressor) => compressor !== undefined);
  return { find: (name) => all.find((compressor) => compressor.name === name) };
}
