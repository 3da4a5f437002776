import type { Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceState } from './state.ts';

/** What the file asks for and the sets do not tell: groups that are new, gone, missing here, or on both nodes at once. */
export class Upkeep {
  readonly #state: ResourceState;
  readonly #complete: (now: Now, groups: readonly ResourceGroup[]) => void;
  readonly #settled: (now: Now) => void;
  /** Held back because their resources run on the other node: each is told once, as long as it lasts. */
  #heldBack = new Set<string>();

  constructor(state: ResourceState, complete: (now: Now, groups: readonly ResourceGroup[]) => void, settled: (now: Now) => void) {
    this.#state = state;
    this.#complete = complete;
    this.#settled = settled;
  }

  /** Only while nothing moves here. true: scripts run now. */
  decide(now: Now): boolean {
    const { changes, lending, ownership, peer, peerPresent, work } = this.#state;
    if (changes.apply(now, (group) => ownership.owns(group), this.#settled)) return work.busy;
    // A new life of the peer's has not said what it holds: what the old one had may run there.
    if (peerPresent && !peer.told) return false;
    // While the peer starts it is the peer that gives up, as the newcomer.
    if (peer.stable && this.giveDoubled(now, 'higher name')) return true;
    const lacking = this.#state.groups.filter((group) => ownership.owns(group) && isLacking(work.state(group)) && !lending.blocked(group));
    // What both claim is the heal's to decide; until then nothing is added to it.
    const held = lacking.filter((group) => this.#state.peerHas(group) || this.#state.occupiedElsewhere(group));
    this.#tell(
      'groupHeldBack',
      held.filter((group) => !this.#heldBack.has(group.id)),
    );
    this.#heldBack = new Set(held.map((group) => group.id));
    if (held.length === lacking.length) return false;
    this.#complete(
      now,
      lacking.filter((group) => !held.includes(group)),
    );
    return true;
  }

  /** Groups of which a resource runs on both nodes; `who` has to give up says which of the two does. true: scripts run now. */
  giveDoubled(now: Now, who: 'higher name' | 'newcomer'): boolean {
    const { elsewhere, peerView, self, work } = this.#state;
    if (who === 'higher name' && self < (peerView()?.name ?? '')) return false;
    const doubled = elsewhere.doubled();
    if (doubled.length === 0) return false;
    this.#tell('groupDoubled', doubled);
    work.giveAddressesFirst(now, doubled, this.#settled);
    return true;
  }

  #tell(code: 'groupDoubled' | 'groupHeldBack', groups: readonly ResourceGroup[]): void {
    const { peerView, port } = this.#state;
    for (const { key } of groups) port.note(code, { key, node: peerView()?.name ?? '' });
  }
}

/** Neither whole, nor given up after a failed start, nor held by a failed stop. */
function isLacking(state: string): boolean {
  return state === 'stopped' || state === 'starting';
}
