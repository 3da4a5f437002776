/** A plain decimal number, or `undefined`. Long rows of digits become the largest safe number. */
export function parseInteger(text: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = Number(text);
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** The number a word begins with, whatever follows: `2(K)` is 2. `undefined` when there is none. */
export function leadingInteger(text: string): number | undefined {
  const digits = /^[+-]?[0-9]+/.exec(text)?.[0];
  return digits === undefined ? undefined : parseInteger(digits);
}
