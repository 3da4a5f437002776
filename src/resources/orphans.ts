import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { Moves } from './moves.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

/** This long nobody holds our own groups although both nodes are settled: then we take them. */
const ORPHAN_MS = 2000;
/**
 * A 3.0.6 node that hands its groups over waits an hour for the taker's last word, and does not notice when the taker has begun
 * a new life meanwhile: then nobody serves them. Longer than for our own, since it counts them out when their stop begins.
 */
const THEIR_ORPHAN_MS = 30_000;

/** Groups that a broken hand-over has left to nobody. 3.0.6 only logs it. */
export class Orphans {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  readonly #moves: Moves;
  #since: Instant | undefined;
  #theirsSince: Instant | undefined;

  constructor(state: ResourceState, standby: Standby, moves: Moves) {
    this.#state = state;
    this.#standby = standby;
    this.#moves = moves;
  }

  nextAlarm(): Instant | undefined {
    const own = this.#since === undefined ? undefined : this.#since + ORPHAN_MS;
    return own ?? (this.#theirsSince === undefined ? undefined : this.#theirsSince + THEIR_ORPHAN_MS);
  }

  decide(now: Now): void {
    this.#decideTheirs(now);
    const groups = this.#groups();
    if (groups === undefined) {
      this.#since = undefined;
      return;
    }
    this.#since ??= now.at;
    if (now.at < this.#since + ORPHAN_MS) return;
    this.#since = undefined;
    this.#state.port.note('nobodyOwnsLocal');
    if (groups.length === 0) this.#moves.takeOwn(now, 'req_our_resources');
    else this.#moves.takeGroups(now, groups);
  }

  /** Those of our own, and those served here for the peer, that nobody holds; none of them by name means the whole set. undefined: there are none. */
  #groups(): readonly ResourceGroup[] | undefined {
    const { claimed, elsewhere, groups, lending, ownership, peer, peerMayHold, work } = this.#state;
    if (!this.#bothSettled) return undefined;
    if (!claimed.local && !peerMayHold.local) return [];
    // Where the set is held, its groups may still be with nobody: what the two tell of each shows it.
    if (peer.terms === undefined || !elsewhere.sameFile) return undefined;
    // One that cannot be started here is owned all the same: only its owner can have the other node serve it.
    const down = (group: ResourceGroup) => work.state(group) === 'stopped' || work.state(group) === 'failed';
    const lost = (group: ResourceGroup) => lending.isGuest(group) || (ownership.sideOf(group) === 'local' && down(group));
    const alone = groups.filter((group) => !ownership.owns(group) && !this.#state.peerHas(group) && lost(group));
    return alone.length === 0 ? undefined : alone;
  }

  #decideTheirs(now: Now): void {
    const { claimed, peer, peerMayHold, port } = this.#state;
    if (peer.speaksOurs || claimed.foreign || peerMayHold.foreign || !this.#bothSettled) {
      this.#theirsSince = undefined;
      return;
    }
    this.#theirsSince ??= now.at;
    if (now.at < this.#theirsSince + THEIR_ORPHAN_MS) return;
    this.#theirsSince = undefined;
    port.note('nobodyOwnsForeign');
    this.#moves.takeTheirs(now);
  }

  get #bothSettled(): boolean {
    const { peer, work } = this.#state;
    return peer.told && peer.stable && this.#state.peerView()?.status === 'active' && this.#standby.idle && !work.busy;
  }
}
