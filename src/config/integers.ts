/** A plain decimal number, or `undefined`. Long rows of digits become the largest safe number. */
export function parseInteger(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** As 3.0.6 reads most numbers: what follows the digits is passed over, and a word that is none is 0. */
export function lenientInteger(text: string): number {
  return leadingInteger(text) ?? 0;
}

/** The number a word begins with, whatever follows: `2(K)` is 2. `undefined` when there is none. */
export function leadingInteger(text: string): number | undefined {
  const digits = /^[+-]?[0-9]+/.exec(text)?.[0];
  return digits === undefined ? undefined : parseInteger(digits);
}
