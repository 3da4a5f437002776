/**
 * Messages that travel compressed as a whole (wire-protocol 1.4). The packet then holds two fields and nothing else,
 * `_compressed_payload` and `_compression_algorithm`, and is signed as any other; inside lies the message with its
 * header and its number, unsigned, in either form. Unpacking comes after the digest and has a bound on what comes out.
 */
import { bytesToText, textToBytes } from '../base/bytes.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Compressor, Compressors } from '../contracts/compressor.ts';
import type { AuthConfig } from '../contracts/config.ts';
import { type FrameFault, finishMessage, openFrame, sealFrame } from './envelope.ts';
import { FIELD } from './fields.ts';
import { MAX_FRAME_BYTES, MAX_UNPACKED_BYTES } from './limits.ts';
import { binary, Message, text } from './message.ts';
import { readPlain, writePlain } from './plain.ts';

export type MessageFault =
  | FrameFault
  /** Its algorithm is not known, or not to be had on this host. */
  | 'unknownCompression'
  /** Does not unpack, unpacks to more than `MAX_UNPACKED_BYTES`, or to what is no message. */
  | 'badCompression';

export type MessageVerdict =
  | { readonly ok: true; readonly message: Message; readonly keyIndex: number }
  | { readonly ok: false; readonly fault: MessageFault; readonly keyIndex?: number };

export const NO_COMPRESSORS: Compressors = { find: () => undefined };

/** The message inside of `payload` (one character per byte), or what is wrong with it. */
export function unpack(payload: string, algorithm: string, compressors: Compressors): Message | 'unknownCompression' | 'badCompression' {
  const compressor = compressors.find(algorithm);
  if (compressor === undefined) return 'unknownCompression';
  const plain = compressor.decompress(textToBytes(payload), MAX_UNPACKED_BYTES);
  return (plain === undefined ? undefined : readPlain(plain)) ?? 'badCompression';
}

/**
 * `openFrame`, and the message inside when the packet holds a compressed one. That is done once: a compressed message
 * in a compressed message stays as it is, and lacks all that a header needs.
 */
export function openMessage(bytes: Uint8Array, auth: AuthConfig, catalog: AuthCatalog, compressors: Compressors): MessageVerdict {
  const opened = openFrame(bytes, auth, catalog);
  if (!opened.ok) return opened;
  const payload = opened.message.get(FIELD.compressedPayload);
  const algorithm = opened.message.get(FIELD.compressionAlgorithm);
  if (payload === undefined || algorithm === undefined) return opened;
  const { keyIndex } = opened;
  const inside = unpack(payload, algorithm, compressors);
  return typeof inside === 'string' ? { ok: false, fault: inside, keyIndex } : { ok: true, message: inside, keyIndex };
}

export interface Packing {
  readonly compressor: Compressor;
  /** With `traditional_compression`: what is longer than this is compressed. Otherwise only what could not travel as it is. */
  readonly thresholdBytes?: number;
}

/**
 * The packet for the network, compressed where 1.4 asks for it. What counts is the size of the plain message, inner
 * `auth` included. Nothing when the message is too long even so.
 */
export function sealMessage(
  message: Message,
  auth: AuthConfig,
  catalog: AuthCatalog,
  msgfmt: 'classic' | 'netstring',
  packing: Packing | undefined,
): Uint8Array | undefined {
  const plain = writePlain(finishMessage(message, auth, catalog, msgfmt), msgfmt);
  const sealPlain = () => unlessTooLong(sealFrame(message, auth, catalog, msgfmt));
  const wanted = packing?.thresholdBytes !== undefined && plain.length > packing.thresholdBytes;
  const frame = wanted ? undefined : sealPlain();
  if (frame !== undefined || packing === undefined) return frame;
  const packed = plain.length > MAX_UNPACKED_BYTES ? undefined : packing.compressor.compress(plain);
  if (packed === undefined) return sealPlain();
  const outer = new Message([
    binary(FIELD.compressedPayload, bytesToText(packed)),
    text(FIELD.compressionAlgorithm, packing.compressor.name),
  ]);
  return unlessTooLong(sealFrame(outer, auth, catalog, 'netstring')) ?? sealPlain();
}

/**
 * Fields that a local program wants compressed (type 5) as type 4, with the name of the algorithm as one more field (1.4).
 * One that would not get smaller becomes an ordinary nested message.
 */
export function packFields(message: Message, compressor: Compressor): Message {
  if (!message.fields.some(({ type }) => type === 5)) return message;
  let packed = false;
  const fields = message.mapFields((field) => {
    if (field.type !== 5 || field.value.length > MAX_UNPACKED_BYTES) return field;
    const bytes = compressor.compress(textToBytes(field.value));
    if (bytes === undefined || bytes.length >= field.value.length) return { ...field, type: 2 };
    packed = true;
    return { ...field, type: 4, value: bytesToText(bytes) };
  });
  return packed ? fields.without(FIELD.compressionAlgorithm).with(text(FIELD.compressionAlgorithm, compressor.name)) : fields;
}

function unlessTooLong(frame: Uint8Array): Uint8Array | undefined {
  return frame.length > MAX_FRAME_BYTES ? undefined : frame;
}
