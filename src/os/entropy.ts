import { randomBytes, randomInt } from 'node:crypto';
import type { Random } from '../contracts/basics.ts';

/** Numbers nobody can foretell. Limits up to 2 ** 48 - 1; a limit below 2 leaves only 0. */
export const systemRandom: Random = {
  below: (limit) => (limit < 2 ? 0 : randomInt(Math.floor(limit))),
};

/** 16 bytes of a random (version 4) UUID. */
export function newUuid(): Uint8Array {
  const bytes = Uint8Array.from(randomBytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}
