import type { Now } from '../contracts/basics.ts';
import { releaseEverything } from './release.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

/** The stop that was asked for, once nothing moves. */
export class Ending {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  #delayTold = false;

  constructor(state: ResourceState, standby: Standby) {
    this.#state = state;
    this.#standby = standby;
  }

  /** Asked again at each event until it begins. */
  begin(now: Now): void {
    const state = this.#state;
    const inHandshake = !this.#standby.idle && !this.#standby.waitingForReply && state.peerPresent;
    if (state.phase !== 'waiting' && (state.work.busy || inHandshake)) {
      if (!this.#delayTold) state.port.note('shutdownDelayed');
      this.#delayTold = true;
      return;
    }
    this.#standby.cancel();
    releaseEverything(state, now, () => state.sendResource(true, { info: 'shutdown' }));
  }
}
