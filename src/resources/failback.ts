import type { Now } from '../contracts/basics.ts';
import type { Heal } from './heal.ts';
import type { InitialNotes } from './initial-notes.ts';
import { allFailedThere } from './loan-sets.ts';
import { NOTHING } from './ownership.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

/**
 * The return home of what was taken over, once both nodes are settled (wire-protocol 7.3, `auto_failback on`). A
 * storage group that both nodes had up at once is left where it is: somebody has to look at its data first.
 */
export class Failback {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  readonly #initial: InitialNotes;
  readonly #heal: Heal;
  #told = '';

  constructor(state: ResourceState, standby: Standby, initial: InitialNotes, heal: Heal) {
    this.#state = state;
    this.#standby = standby;
    this.#initial = initial;
    this.#heal = heal;
  }

  /** Only while nothing moves here. */
  decide(now: Now): void {
    const state = this.#state;
    if (!state.claimed.foreign) state.needsFailback = false;
    if (state.failback !== 'on' || !state.needsFailback || this.#heal.active) return;
    if (state.peerView()?.status !== 'active' || this.#standby.refusal() !== undefined) return;
    const ours = state.groupsIn({ local: false, foreign: true }).filter((group) => state.ownership.owns(group));
    // By its list the peer may have some groups of its set already, and the rest is here.
    const split = state.peer.terms !== undefined && ours.length > 0 && state.elsewhere.sameFile;
    // What the peer serves for us is on its way home already.
    if (split ? ours.some((group) => state.peerHas(group) && !state.lending.isAway(group)) : state.peer.holds.foreign) return;
    const stays = ours.filter((group) => state.epochs.isPinned(group));
    this.#tell(stays.map(({ key }) => key).join(' '));
    if (stays.length > 0 && stays.length === ours.length) return;
    const leaving = ours.filter((group) => !stays.includes(group));
    if (allFailedThere(state, leaving)) return;
    this.#initial.settled('auto_failback');
    this.#standby.request(now, { ...NOTHING, foreign: true }, 'daemon', stays);
  }

  #tell(keys: string): void {
    if (keys !== '' && keys !== this.#told) this.#state.port.note('notFailedBack', { keys, node: this.#state.peerView()?.name ?? '' });
    this.#told = keys;
  }
}
