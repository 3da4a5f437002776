import type { Instant, Now } from '../contracts/basics.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

/** This long nobody holds our own groups although both nodes are settled: then we take them. */
const ORPHAN_MS = 2000;

/** Own groups that a broken hand-over has left to nobody. 3.0.6 only logs it. */
export class Orphans {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  readonly #take: (now: Now) => void;
  #since: Instant | undefined;

  constructor(state: ResourceState, standby: Standby, take: (now: Now) => void) {
    this.#state = state;
    this.#standby = standby;
    this.#take = take;
  }

  nextAlarm(): Instant | undefined {
    return this.#since === undefined ? undefined : this.#since + ORPHAN_MS;
  }

  decide(now: Now): void {
    if (!this.#orphaned()) {
      this.#since = undefined;
      return;
    }
    this.#since ??= now.at;
    if (now.at < this.#since + ORPHAN_MS) return;
    this.#since = undefined;
    this.#state.port.note('nobodyOwnsLocal');
    this.#take(now);
  }

  #orphaned(): boolean {
    const { claimed, peer, peerMayHold, work } = this.#state;
    if (claimed.local || peerMayHold.local || !peer.told || !peer.stable) return false;
    return this.#state.peerView()?.status === 'active' && this.#standby.idle && !work.busy;
  }
}
