import type { Now } from '../contracts/basics.ts';
import { FAILURES_MAX } from './failures.ts';
import { allFailedThere, isDown } from './loan-sets.ts';
import { NOTHING } from './ownership.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

/**
 * A peer that takes whole sets alone, as 3.0.6 does, gets the set when nothing of it runs here: then there is nothing to
 * lose. While one group of it is well it gets nothing: a service that runs is not stopped for one that does not. Asked
 * once for each failure, and no more after the last one that is tried by itself: 3.0.6 hands it back 30 s after it has
 * failed there too.
 */
export class HandOn {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  #asked = '';

  constructor(state: ResourceState, standby: Standby) {
    this.#state = state;
    this.#standby = standby;
  }

  decide(now: Now): void {
    const { claimed, lending, ownership, port, peerView } = this.#state;
    for (const side of ['local', 'foreign'] as const) {
      if (!claimed[side] || !isDown(this.#state, side)) continue;
      const set = { ...NOTHING, [side]: true };
      const groups = this.#state.groupsIn(set).filter((group) => ownership.owns(group));
      if (lending.lends && groups.every((group) => lending.lendable(group))) continue;
      if (allFailedThere(this.#state, groups)) continue;
      const failures = groups.map((group) => lending.failure(group));
      if (failures.some((failure) => failure === undefined || failure.times >= FAILURES_MAX)) continue;
      const which = `${side} ${failures.map((failure) => failure?.at).join(' ')}`;
      if (which === this.#asked || peerView()?.status !== 'active' || this.#standby.refusal() !== undefined) continue;
      this.#asked = which;
      port.note('setHandedOn', { set: side, node: peerView()?.name ?? '' });
      this.#standby.request(now, set);
      return;
    }
  }
}
