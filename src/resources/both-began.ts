import { earliest } from '../base/earliest.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import { isEmpty, type SideSet } from './ownership.ts';
import type { ResourceState } from './state.ts';

/** A 3.0.6 node that starts says what it holds at once; one that has been there for longer is asked after this. */
const ASK_MS = 3000;
/** What we say may be lost, or reach it in another order. */
const ASK_AGAIN_MS = 10_000;
/** One that has counted us as dead without our knowing it, as we stood still, leaves by itself within some seconds (scenarios 4). */
const CLAIMS_MS = 10_000;

/**
 * A 3.0.6 peer and we have each begun behind a cut, or our life before this one has died behind it: neither has missed the
 * other in its present life, so neither has anything to heal, and a 3.0.6 node would hold what we hold for ever. Then we give it up.
 */
export class BothBegan {
  readonly #state: ResourceState;
  readonly #ask: () => void;
  #askAt: Instant | undefined;
  /** Whom we have asked already. */
  #askedOf: object | undefined;
  #claimsSince: Instant | undefined;

  constructor(state: ResourceState, ask: () => void) {
    this.#state = state;
    this.#ask = ask;
  }

  nextAlarm(): Instant | undefined {
    return earliest([this.#askAt, this.#claimsSince === undefined ? undefined : this.#claimsSince + CLAIMS_MS]);
  }

  /** The peer turned out to be one of ours: it is decided otherwise. */
  forget(): void {
    this.#askAt = undefined;
    this.#claimsSince = undefined;
  }

  /** true: what both hold is to be given up here. */
  decide(now: Now, both: SideSet): boolean {
    const { before, peer, peerPresent, phase, work } = this.#state;
    const alone = before === undefined && !peer.speaksOurs && peerPresent && phase === 'stable';
    this.#askWhenSilent(now, alone && !peer.told);
    if (isEmpty(both) || !alone || !peer.told || !peer.stable || work.busy) {
      this.#claimsSince = undefined;
      return false;
    }
    this.#claimsSince ??= now.at;
    if (now.at < this.#claimsSince + CLAIMS_MS) return false;
    this.#claimsSince = undefined;
    return true;
  }

  #askWhenSilent(now: Now, silent: boolean): void {
    const { peer } = this.#state;
    if (!silent) this.#askAt = undefined;
    else if (this.#askAt === undefined || now.at >= this.#askAt) {
      if (this.#askAt !== undefined) this.#ask();
      this.#askAt = now.at + (this.#askedOf === peer ? ASK_AGAIN_MS : ASK_MS);
      this.#askedOf = peer;
    }
  }
}
