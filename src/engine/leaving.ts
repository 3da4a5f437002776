import type { Membership } from '../cluster/membership.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Outbox } from './outbox.ts';

/** The longest that a leaver stays to answer requests for its last messages (wire-protocol 6.5: 2 to 3 s). */
const LINGER_MS = 2000;

/** Programs of ha.cf, which end after the resources (tools 1). */
interface Ending {
  stop(now: Now): void;
  readonly idle: boolean;
}

/**
 * The end of a clean stop: the programs of ha.cf end, and we stay until every living peer has the last message, or could
 * have asked for it. The peer serves already.
 */
export class Leaving {
  readonly #membership: Membership;
  readonly #outbox: Outbox;
  readonly #programs: Ending;
  readonly #gone: () => void;
  #until: Instant | undefined;
  #last = 0;

  constructor(membership: Membership, outbox: Outbox, programs: Ending, gone: () => void) {
    this.#membership = membership;
    this.#outbox = outbox;
    this.#programs = programs;
    this.#gone = gone;
  }

  begin(now: Now): void {
    this.#until = now.at + LINGER_MS;
    this.#last = this.#outbox.lastWord;
    this.#programs.stop(now);
    this.look(now);
  }

  look(now: Now): void {
    if (this.#until === undefined || !this.#programs.idle) return;
    const waiting = this.#membership.others.some((node) => node.alive && this.#outbox.history.ackedBy(node.name) < this.#last);
    if (waiting && now.at < this.#until) return;
    this.#until = undefined;
    this.#gone();
  }

  /** While programs end, their own end or alarm asks again. */
  nextAlarm(): Instant | undefined {
    return this.#programs.idle ? this.#until : undefined;
  }
}
