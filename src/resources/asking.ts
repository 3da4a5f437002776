import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceMessage } from './control.ts';
import type { ResourceState } from './state.ts';

/**
 * A lost `starting` is sent again like every numbered message. This is for one that got there and was dropped, and
 * slow, because a 3.0.6 node that has heard it already logs an error at the second one.
 */
const AGAIN_MS = 3000;

/**
 * Our `starting`, until the peer has answered it. Only an answer to this very start counts: on it rests that own
 * groups are not started while the peer holds them.
 */
export class Asking {
  readonly #state: ResourceState;
  #againAt: Instant | undefined;
  /** The peer's newest number when our `starting` left: what it sent earlier is no answer. */
  #afterSeq = 0;

  constructor(state: ResourceState) {
    this.#state = state;
  }

  /** The question is open: own groups wait for its answer. */
  get open(): boolean {
    return this.#state.phase === 'starting' && !this.#state.peer.answered;
  }

  /**
   * Said once the peer is active: before that a 3.0.6 node drops it without a trace (wire-protocol 7.2), so its
   * turning active, or its own `starting`, is what this waits for.
   */
  peerActive(now: Now): void {
    if (this.open && this.#againAt === undefined) this.#say(now);
  }

  #say(now: Now): void {
    this.#afterSeq = this.#state.peerView()?.lastSeq ?? 0;
    this.#againAt = now.at + AGAIN_MS;
    const inherited = this.#state.inherited;
    const held: [string, string][] = inherited === undefined ? [] : [['hbd_held', inherited.set]];
    this.#state.port.send('starting', [['hbd_v', '1'], ...held, ...this.#state.elsewhere.fields()]);
  }

  /** The peer lives anew: its numbers begin again. */
  peerRestarted(): void {
    this.#afterSeq = 0;
    this.#againAt = undefined;
  }

  /** A heartbeatd node quotes the generation it answers; of a 3.0.6 node anything sent after our `starting` counts. */
  hear(message: ResourceMessage): void {
    // Before we have asked, nothing is an answer.
    if (!this.open || this.#againAt === undefined) return;
    const ours = message.get('hbd_v') !== undefined;
    this.#state.peer.answered = ours ? message.get('hbd_re') === this.#state.generation.toString(16) : message.seq > this.#afterSeq;
  }

  nextAlarm(): Instant | undefined {
    return this.open && this.#state.peerPresent ? this.#againAt : undefined;
  }

  alarm(now: Now): void {
    const due = this.nextAlarm();
    if (due !== undefined && now.at >= due) this.#say(now);
  }
}
