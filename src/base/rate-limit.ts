import type { Instant } from '../contracts/basics.ts';
import type { Note } from '../contracts/notes.ts';
import { note } from './notes.ts';

/**
 * Lets the first few refusals of each kind into the log and tells the rest as one line per window
 * (`refusedMore`): 3.0.6 writes about 17 lines for each bad packet, without limit (log-lines 8).
 *
 * Time is an argument. Memory is bounded: the keys of one window, at most `keysMax`.
 */
export interface RateLimits {
  /** Lines per key and window. */
  readonly perKey: number;
  readonly windowMs: number;
  /** Keys told apart in one window; refusals of any further key are only counted. */
  readonly keysMax: number;
}

export const REFUSAL_LIMITS: RateLimits = { perKey: 3, windowMs: 10_000, keysMax: 64 };

export interface RefusalVerdict {
  /** true: write the full line. */
  readonly pass: boolean;
  /** The summary of a window that had ended before this refusal; write it first. */
  readonly summary?: Note;
}

export class RefusalLimiter {
  readonly #limits: RateLimits;
  readonly #passed = new Map<string, number>();
  #windowEndsAt: Instant | undefined;
  #held = 0;
  #lastKey = '';
  #lastFrom = '';

  constructor(limits: RateLimits = REFUSAL_LIMITS) {
    this.#limits = limits;
  }

  /** @param key what is refused and why, e.g. a note's code with the medium. @param from who sent it. */
  refuse(at: Instant, key: string, from: string): RefusalVerdict {
    const summary = this.flush(at);
    this.#windowEndsAt ??= at + this.#limits.windowMs;
    const pass = this.#takePlace(key);
    if (!pass) {
      this.#held += 1;
      this.#lastKey = key;
      this.#lastFrom = from;
    }
    return summary === undefined ? { pass } : { pass, summary };
  }

  /** Ends the window when its time is over; the summary when anything was held back in it. */
  flush(at: Instant): Note | undefined {
    if (this.#windowEndsAt === undefined || at < this.#windowEndsAt) return undefined;
    const held = this.#held;
    this.#windowEndsAt = undefined;
    this.#held = 0;
    this.#passed.clear();
    if (held === 0) return undefined;
    const seconds = Math.round(this.#limits.windowMs / 1000);
    return note('refusedMore', { count: held, seconds, code: this.#lastKey, from: this.#lastFrom });
  }

  /** When `flush` is wanted; nothing while nothing is held back. */
  nextAlarm(): Instant | undefined {
    return this.#held > 0 ? this.#windowEndsAt : undefined;
  }

  #takePlace(key: string): boolean {
    const passed = this.#passed.get(key);
    if (passed === undefined && this.#passed.size >= this.#limits.keysMax) return false;
    if ((passed ?? 0) >= this.#limits.perKey) return false;
    this.#passed.set(key, (passed ?? 0) + 1);
    return true;
  }
}
