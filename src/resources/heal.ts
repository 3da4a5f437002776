import { earliest } from '../base/earliest.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import { BothBegan } from './both-began.ts';
import { HealGroups } from './heal-groups.ts';
import type { Moves } from './moves.ts';
import { common, isEmpty, NOTHING, type SideSet, union, without } from './ownership.ts';
import type { ResourceState } from './state.ts';

const BY_SETS = 'it alone held it before, or is its home';
/** A 3.0.6 peer gives everything up by itself within 2 s of a heal; after this long it evidently does not. */
const PEER_GIVES_UP_MS = 10_000;
/**
 * Not a word to a 3.0.6 peer before: it leaves on its own 2 s after it has noticed the return (scenarios 4), and would take what we say
 * as a settled state, log errors, and hand its groups over once more on the way.
 */
const PEER_LEAVES_MS = 3000;

/**
 * Who keeps what both nodes hold after a partition. Pure arithmetic over facts that both nodes have exchanged,
 * so both come to the same answer:
 *
 *   held before the split by exactly one of them  -> that one keeps it
 *   by both or by neither                         -> its home node keeps it
 *
 * All sets from our viewpoint. Answers what we have to give up.
 */
export function toGiveUp(both: SideSet, ourBefore: SideSet, theirBefore: SideSet): SideSet {
  const onlyTheirs = without(theirBefore, ourBefore);
  const onlyOurs = without(ourBefore, theirBefore);
  const undecided = without(both, union(onlyTheirs, onlyOurs));
  return union(common(both, onlyTheirs), { local: false, foreign: undecided.foreign });
}

/**
 * Ends what a partition has doubled, without a restart and without a moment in which nobody holds it: group by group with
 * a heartbeatd node (`heal-groups.ts`), by sets where these are all that the other node tells.
 */
export class Heal {
  readonly #state: ResourceState;
  readonly #moves: Moves;
  readonly #tellPeer: (ask: boolean) => void;
  readonly #bothBegan: BothBegan;
  readonly #groups: HealGroups;
  #keepTold = false;
  #deadline: Instant | undefined;
  /** Then a 3.0.6 peer that is still here is asked whether it has missed us at all. */
  #askAt: Instant | undefined;
  /** Both hold something: when that is over, the neighbours have to hear from whom is left. */
  #shared = false;
  /** What the peer held when it died: a 3.0.6 node cannot tell us itself. */
  #theirsBefore: SideSet = NOTHING;

  constructor(state: ResourceState, moves: Moves, tellPeer: (ask: boolean) => void) {
    this.#state = state;
    this.#moves = moves;
    this.#groups = new HealGroups(state, moves, tellPeer);
    this.#tellPeer = tellPeer;
    this.#bothBegan = new BothBegan(state, () => this.#askWhetherMissed());
  }

  /** The peer falls silent while resources are settled: what each held now decides later. */
  remember(now: Now, theirs: SideSet): void {
    this.#announceAgain();
    this.#state.counted.count(now);
    this.#groups.forget(now);
    this.#state.awayAt = undefined;
    this.#state.before = this.#state.claimed;
    this.#deadline = undefined;
    this.#askAt = undefined;
    this.#theirsBefore = theirs;
  }

  /** The split is over in another way: the peer has left, or lives anew. */
  forget(now?: Now): void {
    this.#announceAgain();
    this.#groups.forget(now);
    this.#state.before = undefined;
    this.#state.counted.settle();
    this.#deadline = undefined;
    this.#askAt = undefined;
  }

  #announceAgain(): void {
    if (this.#shared) this.#state.announceHeld();
    this.#shared = false;
  }

  peerReturned(now: Now): void {
    if (this.#state.peer.speaksOurs) {
      this.#tellPeer(true);
      return;
    }
    this.#state.peer.holds = this.#theirsBefore;
    this.#deadline = now.at + PEER_GIVES_UP_MS;
    if (this.#state.phase === 'stable') this.#askAt = now.at + PEER_LEAVES_MS;
    else this.#askWhetherMissed();
  }

  /** It answers a change from 0 to 1 only, and what it says tells whether it had missed us, too. */
  #askWhetherMissed(): void {
    if (this.#state.probed) this.#state.sendResource(true);
    this.#tellPeer(true);
  }

  nextAlarm(): Instant | undefined {
    return earliest([this.#askAt ?? this.#deadline, this.#bothBegan.nextAlarm(), this.#groups.nextAlarm()]);
  }

  /** What both nodes hold is not settled yet. */
  get active(): boolean {
    return this.#groups.active;
  }

  decide(now: Now): void {
    const state = this.#state;
    if (this.#groups.decide(now)) {
      this.#bothBegan.forget();
      this.#deadline = undefined;
      this.#askAt = undefined;
      this.#keepTold = false;
      if (!this.#groups.active) state.before = undefined;
      return;
    }
    if (this.#askAt !== undefined && now.at >= this.#askAt) {
      this.#askAt = undefined;
      this.#askWhetherMissed();
    }
    const both = common(state.claimed, state.peer.holds);
    const overdue = this.#deadline !== undefined && (now.at >= this.#deadline || this.#unnoticed);
    if (overdue) this.#deadline = undefined;
    const bothBegan = this.#bothBegan.decide(now, both);
    if (isEmpty(both) || !state.peerPresent) {
      // The peer has let go: once more, so that every neighbour has our address and not its. A start of its that was under
      // way when its claim fell has announced the address, too.
      if (!isEmpty(common(state.claimed, state.peerMayHold)) && state.peerPresent) return;
      if (state.peerPresent) this.#announceAgain();
      this.#keepTold = false;
      if (state.peerPresent && state.peer.told) this.forget();
      return;
    }
    this.#shared = true;
    const loses = bothBegan ? both : this.#loses(both, overdue);
    if (loses === undefined) return;
    const node = state.peerView()?.name ?? '';
    const keeps = without(both, loses);
    if (!isEmpty(keeps) && !this.#keepTold) {
      this.#keepTold = true;
      state.port.note('healKeep', { keys: state.keys(keeps), node, why: BY_SETS });
      this.#tellPeer(false);
      state.work.announce(state.groups);
    }
    if (isEmpty(loses)) return;
    const released = state.keys(loses);
    if (released.length > 0) {
      if (bothBegan) state.port.note('doubledAtStart', { keys: released, node });
      else state.port.note('healRelease', { keys: released, node, why: BY_SETS });
    }
    this.#moves.giveUp(now, loses, 'heal');
  }

  /** A 3.0.6 peer that had declared us dead would hold our groups now; this one has missed nothing and goes on as before. */
  get #unnoticed(): boolean {
    const { told, stable, holds } = this.#state.peer;
    return told && stable && !holds.local;
  }

  /** undefined: not to be decided yet. */
  #loses(both: SideSet, overdue: boolean): SideSet | undefined {
    const { keeper } = this.#state.counted;
    if (keeper !== undefined) return keeper === 'we' ? NOTHING : both;
    const ours = this.#state.before ?? this.#state.claimed;
    const theirs = this.#state.peer.before ?? (overdue ? this.#theirsBefore : undefined);
    return theirs === undefined ? undefined : toGiveUp(both, ours, theirs);
  }
}
