import type { Instant } from '../contracts/basics.ts';
import type { Compressors } from '../contracts/compressor.ts';

/**
 * Bytes that may be unpacked in one second. A large message takes tens of ms, and its number is only known once it is
 * unpacked: whoever has kept one signed packet could otherwise hold the loop with copies of it.
 */
const BYTES_PER_SECOND = 4 * 1024 * 1024;
const SECOND_MS = 1000;

/** Compressors that are no more there once a second's share is used up; the refused message is asked for again later. */
export class UnpackBudget {
  readonly #compressors: Compressors;
  #secondEndsAt: Instant = Number.NEGATIVE_INFINITY;
  #left = 0;

  constructor(compressors: Compressors) {
    this.#compressors = compressors;
  }

  at(now: Instant): Compressors {
    if (now >= this.#secondEndsAt) {
      this.#secondEndsAt = now + SECOND_MS;
      this.#left = BYTES_PER_SECOND;
    }
    return { find: (name) => (this.#left > 0 ? this.#metered(name) : undefined) };
  }

  #metered(name: string): ReturnType<Compressors['find']> {
    const compressor = this.#compressors.find(name);
    if (compressor === undefined) return undefined;
    return {
      ...compressor,
      decompress: (bytes, limitBytes) => {
        const text = compressor.decompress(bytes, limitBytes);
        // A bomb is only unpacked up to its limit, and not read.
        this.#left -= text?.length ?? limitBytes / 4;
        return text;
      },
    };
  }
}
