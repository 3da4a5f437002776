/**
 * Bytes as text of one character per byte (Latin-1), so that what is read can be written again to the byte.
 * Pure: no Buffer, no TextDecoder.
 */
const CHUNK_BYTES = 8192;

export function bytesToText(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = '';
  for (let at = from; at < to; at += CHUNK_BYTES) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + CHUNK_BYTES, to)) as unknown as number[]);
  }
  return text;
}

/** Characters above 255 lose their high bits: give it only what came from `bytesToText` or is ASCII. */
export function textToBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}
