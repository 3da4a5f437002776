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

function digit(code: number): number {
  if (code >= 97) return code - 71;
  if (code >= 65) return code - 65;
  if (code >= 48) return code + 4;
  return code === 43 ? 62 : 63;
}

/** Nothing when the text is not base64, or has bits set that the padding says are unused. */
export function decodeBase64(coded: string): string | undefined {
  if (coded.length % 4 !== 0 || !WHOLE.test(coded)) return undefined;
  const padding = coded.endsWith('==') ? 2 : coded.endsWith('=') ? 1 : 0;
  const digits = coded.length - padding;
  let out = '';
  let held = 0;
  let bits = 0;
  for (let at = 0; at < digits; at += 1) {
    held = ((held << 6) | digit(coded.charCodeAt(at))) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 0xff);
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? out : undefined;
}
