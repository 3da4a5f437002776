import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCompressors } from '../../src/os/compressor.ts';
import { openLibrary } from '../../src/os/libc.ts';

const compressors = createCompressors();

describe('compressors', () => {
  for (const name of ['zlib', 'bz2']) {
    const compressor = compressors.find(name);

    it(`${name}: gives back what it took, at exactly the limit and not above it`, () => {
      assert.ok(compressor);
      for (const length of [1, 100, 99_999, 100_001, 700_000]) {
        const bytes = Uint8Array.from({ length }, (_, at) => (at * at) >> 5);
        const packed = compressor.compress(bytes);
        assert.ok(packed);
        assert.deepEqual(Uint8Array.from(compressor.decompress(packed, length) ?? []), bytes);
        assert.deepEqual(Uint8Array.from(compressor.decompress(packed, 2_097_152) ?? []), bytes);
        if (length > 1) assert.equal(compressor.decompress(packed, length - 1), undefined);
      }
    });

    it(`${name}: what cannot be compressed still fits`, () => {
      let state = 1;
      const noise = Uint8Array.from({ length: 300_000 }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state >>> 24;
      });
      const packed = compressor?.compress(noise);
      assert.ok(packed && compressor);
      assert.deepEqual(Uint8Array.from(compressor.decompress(packed, noise.length) ?? []), noise);
    });

    it(`${name}: is nothing for what is none of its own`, () => {
      for (const bytes of [new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(0x78, 0x9c), new Uint8Array(1000).fill(0x42)]) {
        assert.equal(compressor?.decompress(bytes, 1000), undefined);
      }
    });
  }

  it('writes bzip2 in blocks of 100,000 bytes, as 3.0.6 does', () => {
    assert.equal(String.fromCharCode(...(compressors.find('bz2')?.compress(Uint8Array.of(1)) ?? []).slice(0, 4)), 'BZh1');
  });

  it('knows no others', () => {
    for (const name of ['', 'gzip', 'ZLIB', 'toString']) assert.equal(compressors.find(name), undefined);
  });

  it('a library that is missing, or lacks a function, is nothing', () => {
    assert.equal(openLibrary(['libnothing-of-the-kind.so.9'], { f: 'int f(int a)' }), undefined);
    assert.equal(openLibrary(['libbz2.so.1.0'], { f: 'int no_such_function(int a)' }), undefined);
    assert.ok(openLibrary(['libnothing-of-the-kind.so.9', 'libbz2.so.1.0'], { BZ2_bzlibVersion: 'const char *BZ2_bzlibVersion()' }));
  });
});
