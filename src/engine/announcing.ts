import { earliest } from '../base/earliest.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Effect } from '../contracts/engine.ts';

/** The first round leaves at once; these follow, half as far apart as those of 3.0.6 (agents 3). */
const ROUNDS = 10;
const ROUND_EVERY_MS = 250;
/** More addresses than any host takes over at a time: those beyond get one round. */
const ADDRESSES_MAX = 1024;

interface Repeated {
  /** Still to come. */
  rounds: number;
  at: Instant;
}

/**
 * Says, again and again for some seconds, that an address is here. By the engine's own clock and not by timers beside it,
 * so that a node that stood still, and whose addresses may be served elsewhere meanwhile, keeps quiet about them until it
 * knows better.
 */
export class Announcing {
  readonly #effects: (effect: Effect) => void;
  readonly #now: () => Now;
  readonly #repeated = new Map<string, Repeated>();
  #held = false;

  constructor(effects: (effect: Effect) => void, now: () => Now) {
    this.#effects = effects;
    this.#now = now;
  }

  announce(address: string): void {
    const { at } = this.#now();
    this.#repeated.delete(address);
    if (this.#repeated.size < ADDRESSES_MAX) this.#repeated.set(address, { rounds: ROUNDS, at: at + ROUND_EVERY_MS });
    if (!this.#held) this.#effects({ kind: 'announce', address });
  }

  /** The address is being given up. */
  silence(address: string): void {
    this.#repeated.delete(address);
  }

  /** Nothing is said until `go`. */
  hold(): void {
    this.#held = true;
  }

  /** What is still here is said again, in full. */
  go(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const address of [...this.#repeated.keys()]) this.announce(address);
  }

  nextAlarm(): Instant | undefined {
    if (this.#held) return undefined;
    return earliest([...this.#repeated.values()].map(({ at }) => at));
  }

  alarm(now: Now): void {
    if (this.#held) return;
    for (const [address, repeated] of this.#repeated) {
      if (now.at < repeated.at) continue;
      repeated.rounds -= 1;
      repeated.at = now.at + ROUND_EVERY_MS;
      if (repeated.rounds <= 0) this.#repeated.delete(address);
      this.#effects({ kind: 'announce', address });
    }
  }
}
