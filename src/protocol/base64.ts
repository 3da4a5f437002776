import { bytesToText } from '../base/bytes.ts';

/** Standard base64 of one-character-per-byte text. Strict, so that reading and writing again gives the same bytes. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const WHOLE = /^[A-Za-z0-9+/]*={0,2}$/;

export function encodeBase64(raw: string): string {
  let out = '';
  for (let at = 0; at < raw.length; at += 3) {
    const left = raw.length - at;
    const a = raw.charCodeAt(at);
    const b = left > 1 ? raw.charCodeAt(at + 1) : 0;
    const c = left > 2 ? raw.charCodeAt(at + 2) : 0;
    out += ALPHABET.charAt(a >> 2) + ALPHABET.charAt(((a & 3) << 4) | (b >> 4));
    out += left > 1 ? ALPHABET.charAt(((b & 15) << 2) | (c >> 6)) : '=';
    out += left > 2 ? ALPHABET.charAt(c & 63) : '=';
  }
  return out;
}

/** The six bits of each character, by its code. */
const SIX_BITS = new Uint8Array(128);
for (let at = 0; at < ALPHABET.length; at += 1) SIX_BITS[ALPHABET.charCodeAt(at)] = at;

/** Nothing when the text is not base64, or has bits set that the padding says are unused. */
export function decodeBase64(coded: string): string | undefined {
  if (coded.length % 4 !== 0 || !WHOLE.test(coded)) return undefined;
  const padding = coded.endsWith('==') ? 2 : coded.endsWith('=') ? 1 : 0;
  const digits = coded.length - padding;
  const bytes = new Uint8Array((coded.length / 4) * 3 - padding);
  let filled = 0;
  let held = 0;
  let bits = 0;
  for (let at = 0; at < digits; at += 1) {
    held = ((held << 6) | (SIX_BITS[coded.charCodeAt(at)] ?? 0)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[filled] = held >> bits;
      filled += 1;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytesToText(bytes) : undefined;
}
