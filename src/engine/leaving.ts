import type { Membership } from '../cluster/membership.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Outbox } from './outbox.ts';

/** The longest that a leaver stays to answer requests for its last messages (wire-protocol 6.5: 2 to 3 s). */
const LINGER_MS = 2000;

/** The end of a clean stop: stay until every living peer has the last message, or could have asked for it. */
export class Leaving {
  readonly #membership: Membership;
  readonly #outbox: Outbox;
  readonly #gone: () => void;
  #until: Instant | undefined;
  #last = 0;

  constructor(membership: Membership, outbox: Outbox, gone: () => void) {
    this.#membership = membership;
    this.#outbox = outbox;
    this.#gone = gone;
  }

  begin(now: Now): void {
    this.#until = now.at + LINGER_MS;
    this.#last = this.#outbox.lastWord;
    this.look(now);
  }

  look(now: Now): void {
    if (this.#until === undefined) return;
    const waiting = this.#membership.others.some((node) => node.alive && this.#outbox.history.ackedBy(node.name) < this.#last);
    if (waiting && now.at < this.#until) return;
    this.#until = undefined;
    this.#gone();
  }

  nextAlarm(): Instant | undefined {
    return this.#until;
  }
}
