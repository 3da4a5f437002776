/**
 * The UUID that 3.0.6 makes of a node name under `uuidfrom nodename` (wire-protocol 9), read from running ones: the name's
 * hash (31 h + byte, 32 bits) seeds the C library's generator, whose next 32 numbers modulo 16 are the digits.
 */
const DIGITS = 32;
const DEGREE = 31;
const SEPARATION = 3;
/** Numbers that the generator throws away after it is seeded. */
const DISCARDED = 310;
const MODULUS = 2_147_483_647;
const MULTIPLIER = 16_807;

/** 16 bytes. `name` has one character per byte, in lower case as node names are kept. */
export function uuidFromName(name: string): Uint8Array {
  let hash = 0;
  for (let index = 0; index < name.length; index += 1) hash = (Math.imul(hash, 31) + (name.charCodeAt(index) & 0xff)) | 0;
  const digits = numbers(hash, DIGITS).map((number) => number % 16);
  return Uint8Array.from({ length: DIGITS / 2 }, (_, index) => (digits[2 * index] ?? 0) * 16 + (digits[2 * index + 1] ?? 0));
}

/** What `rand` of the GNU C library gives after `srand(seed)`: an additive feedback generator. */
function numbers(seed: number, count: number): readonly number[] {
  // `%` keeps the sign of the first, which may be negative; all later ones are not.
  const state = [seed === 0 ? 1 : seed];
  while (state.length < DEGREE) {
    const next = ((state.at(-1) ?? 0) * MULTIPLIER) % MODULUS;
    state.push(next < 0 ? next + MODULUS : next);
  }
  for (let index = DEGREE; index < DEGREE + SEPARATION; index += 1) state.push(state[index - DEGREE] ?? 0);
  const first = DEGREE + SEPARATION + DISCARDED;
  for (let index = state.length; index < first + count; index += 1) {
    state.push(((state[index - DEGREE] ?? 0) + (state[index - SEPARATION] ?? 0)) | 0);
  }
  return state.slice(first).map((number) => number >>> 1);
}
