import type { Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { Moves } from './moves.ts';
import { common, isEmpty, without } from './ownership.ts';
import type { ResourceState } from './state.ts';

/** What was found running at our start and the peer holds: we are the newcomer, and it is the peer's at once. */
export class FoundDoubled {
  readonly #state: ResourceState;
  readonly #moves: Moves;

  constructor(state: ResourceState, moves: Moves) {
    this.#state = state;
    this.#moves = moves;
  }

  /** true: scripts run now. */
  giveUp(now: Now): boolean {
    const state = this.#state;
    const doubled = common(state.running, state.peerMayHold);
    if (isEmpty(doubled)) return false;
    state.inheritedSet = without(state.inheritedSet, doubled);
    if (state.peer.terms === undefined) {
      this.#tell(state.groupsIn(doubled));
      this.#moves.giveUp(now, doubled, 'start');
      return true;
    }
    // The peer may have some groups of a set, and others of it run here.
    const groups = state.groups.filter((group) => state.work.mayRun(group) && state.peerHas(group) && !state.lending.isGuest(group));
    if (groups.length === 0) return false;
    this.#tell(groups);
    this.#moves.giveUpGroups(now, groups, 'start');
    return true;
  }

  /** All that was found and not given up is ours. */
  claimRest(): void {
    const { groups, ownership, peerMayHold, running, work } = this.#state;
    ownership.claim(without(running, peerMayHold), groups);
    ownership.claimGroups(groups.filter((group) => work.mayRun(group) && !this.#state.peerHas(group)));
  }

  #tell(groups: readonly ResourceGroup[]): void {
    const node = this.#state.peerView()?.name ?? '';
    this.#state.port.note('doubledAtStart', { keys: groups.map(({ key }) => key).join(' '), node });
  }
}
