import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { GroupTerm } from './epoch-list.ts';
import { type Holding, keeper } from './keeper.ts';
import type { Moves } from './moves.ts';
import { common, type Side } from './ownership.ts';
import type { ResourceState } from './state.ts';
import { hasStorage } from './storage.ts';

/** Neither node has said that it keeps a group both hold: the home decides, and who still waits asks again at this pace. */
const UNDECIDED_MS = 2000;

interface Verdict {
  /** `kept`: promised already. */
  readonly does: 'keep' | 'kept' | 'lose' | 'wait';
  /** Said of the keeper, for the log. */
  readonly why: string;
}

type Decided = Verdict & { readonly group: ResourceGroup };

/** A group that runs on both nodes. */
interface Twice {
  readonly group: ResourceGroup;
  readonly since: Instant;
}

/**
 * Ends what a partition has doubled between two heartbeatd nodes, group by group, without a restart. Both know the same
 * facts (`hbd_epochs`, `hbd_away`) and the same rule (`keeper.ts`). The keeper says so first (`k`), and only on that word
 * does the other one let go: whatever got lost on the way, a group is never given up by both.
 *
 *   both own it --rule: ours--> promised, told, announced --peer lets go--> announced again
 *               --rule: theirs, or undecided--> waiting --its promise--> given up, addresses first
 */
export class HealGroups {
  readonly #state: ResourceState;
  readonly #moves: Moves;
  readonly #tellPeer: (ask: boolean) => void;
  readonly #twice = new Map<string, Twice>();
  /** Both own these and no word of the other's decides yet. */
  #waitingSince: Instant | undefined;
  #homeDecides = false;

  constructor(state: ResourceState, moves: Moves, tellPeer: (ask: boolean) => void) {
    this.#state = state;
    this.#moves = moves;
    this.#tellPeer = tellPeer;
  }

  nextAlarm(): Instant | undefined {
    return this.#waitingSince === undefined ? undefined : this.#waitingSince + UNDECIDED_MS;
  }

  /** The peer fell silent, left, or lives anew: what was promised to it is void. */
  forget(now: Now | undefined): void {
    for (const { group, since } of this.#twice.values()) {
      if (hasStorage(group)) this.#tellStorage('storageStillTwice', group, since, now?.at);
    }
    this.#twice.clear();
    this.#waitingSince = undefined;
    this.#homeDecides = false;
    this.#state.epochs.keepNoMore();
  }

  /** false: sets are all there is to compare. */
  decide(now: Now): boolean {
    const { epochs, peer, peerPresent } = this.#state;
    if (!peerPresent || peer.terms === undefined) return false;
    const { lending, ownership } = this.#state;
    // What the other node serves for us is not on both.
    const doubled = this.#state.groups.filter(
      (group) => ownership.owns(group) && this.#theirs(group) !== undefined && !lending.isAway(group),
    );
    if (doubled.length > 0 && !epochs.complete) return false;
    for (const group of doubled) this.#noteTwice(now, group);
    this.#endTwice(now, new Set(doubled));
    this.#leaveEmptySides();
    const contested = doubled.filter((group) => this.#theirs(group)?.owned === true);
    this.#verdicts(now, contested);
    return true;
  }

  /** Something of ours is held by the other node as well: no time to move anything else. */
  get active(): boolean {
    return this.#twice.size > 0 || this.#waitingSince !== undefined;
  }

  #verdicts(now: Now, contested: readonly ResourceGroup[]): void {
    const verdicts = contested.map((group) => ({ group, ...this.#verdict(now, group) }));
    const having = (does: Verdict['does']) => verdicts.filter((verdict) => verdict.does === does);
    this.#wait(now, having('wait').length > 0);
    this.#keep(having('keep'));
    const loses = having('lose');
    if (loses.length === 0) return;
    this.#note('healRelease', loses);
    this.#moves.giveUpGroups(
      now,
      loses.map(({ group }) => group),
      'heal',
    );
  }

  /** Each waits for a word of the other one's. */
  #wait(now: Now, waits: boolean): void {
    if (!waits) {
      this.#waitingSince = undefined;
      this.#homeDecides = false;
      return;
    }
    this.#waitingSince ??= now.at;
    if (now.at < this.#waitingSince + UNDECIDED_MS) return;
    this.#waitingSince = now.at;
    this.#homeDecides = true;
    this.#tellPeer(true);
  }

  #verdict(now: Now, group: ResourceGroup): Verdict {
    const { epochs, peer, work } = this.#state;
    const theirs = this.#theirs(group);
    if (theirs === undefined) return { does: 'kept', why: '' };
    const away = this.#state.isAway(now.at);
    const home = this.#isHome(group);
    const { who, why } = keeper(this.#holding(epochs.ours(group), away), this.#holding(theirs, peer.away));
    const serves = Number(epochs.ours(group).runs !== 'nothing') - Number(theirs.runs !== 'nothing');
    if (epochs.keeps(group)) {
      if (!theirs.keeps) return { does: 'kept', why };
      // Both have promised, by facts that had changed on the way: who serves it keeps its word, or else the home.
      const stays = serves > 0 || (serves === 0 && home);
      return stays ? { does: 'kept', why } : { does: 'lose', why: serves < 0 ? why : 'its home' };
    }
    // A word by facts from before we had it running is no reason to take it from everybody.
    if (theirs.keeps && serves <= 0) return { does: 'lose', why };
    // Counted as dead, and its services taken over: no word is needed to let go of them at once.
    if (away && !peer.away && theirs.runs !== 'nothing') return { does: 'lose', why };
    if (who === 'ours' || (who === 'equal' && home)) return { does: 'keep', why };
    // Nothing of it runs here: that gives up no service.
    if (!work.mayRun(group)) return { does: 'lose', why };
    return { does: this.#homeDecides && home ? 'keep' : 'wait', why };
  }

  #holding({ epoch, rank, runs }: GroupTerm, away: boolean): Holding {
    // Neither node watches ping nodes yet: equal.
    return { away, pings: 0, epoch, rank, runs };
  }

  #keep(verdicts: readonly Decided[]): void {
    if (verdicts.length === 0) return;
    const groups = verdicts.map(({ group }) => group);
    this.#state.epochs.keep(groups);
    this.#note('healKeep', verdicts);
    this.#tellPeer(false);
    this.#state.work.announce(groups);
  }

  // --- for how long something runs on both ---

  #noteTwice(now: Now, group: ResourceGroup): void {
    const { epochs } = this.#state;
    const theirs = this.#theirs(group);
    if (theirs === undefined || theirs.runs === 'nothing' || epochs.ours(group).runs === 'nothing' || this.#twice.has(group.id)) return;
    const { seconds } = epochs.ours(group);
    this.#twice.set(group.id, { group, since: now.at - 1000 * Math.min(seconds, theirs.seconds) });
  }

  #endTwice(now: Now, doubled: ReadonlySet<ResourceGroup>): void {
    const { epochs, ownership, work } = this.#state;
    for (const [id, { group, since }] of this.#twice) {
      const current = this.#state.groups.find((listed) => listed.id === id);
      const stillThere = current !== undefined && this.#theirs(current) !== undefined;
      if (current !== undefined && (doubled.has(current) || (stillThere && work.mayRun(current)))) continue;
      this.#twice.delete(id);
      if (hasStorage(group)) {
        this.#tellStorage('storageTwice', group, since, now.at);
        if (ownership.owns(group)) epochs.pin(group);
      }
    }
    // The peer has let go: once more, so that every neighbour has our address and not its.
    const free = this.#state.groups.filter((group) => epochs.keeps(group) && !doubled.has(group));
    for (const group of free) epochs.keepNoMore(group);
    work.announce(free.filter((group) => ownership.owns(group)));
    if (free.length > 0 && doubled.size === 0) this.#state.awayAt = undefined;
  }

  #tellStorage(code: 'storageTwice' | 'storageStillTwice', group: ResourceGroup, since: Instant, until: Instant | undefined): void {
    const at = until ?? this.#state.port.now();
    const node = this.#state.peerView()?.name ?? '';
    this.#state.port.note(code, { key: group.key, node, seconds: ((at - since) / 1000).toFixed(1) });
  }

  // --- small things ---

  /** A side that both claim and of which we own no group is the other one's; with no groups in it, it is its home's. */
  #leaveEmptySides(): void {
    const { claimed, groups, ownership, peer } = this.#state;
    const both = common(claimed, peer.holds);
    const none = (side: Side) => both[side] && !groups.some((group) => ownership.sideOf(group) === side && ownership.owns(group));
    const theirs = groups.some((group) => ownership.sideOf(group) === 'local' && this.#theirs(group)?.owned === true);
    const empty = { local: none('local') && theirs, foreign: none('foreign') };
    if (!empty.local && !empty.foreign) return;
    ownership.drop(empty, groups);
    this.#tellPeer(false);
  }

  #isHome(group: ResourceGroup): boolean {
    const { peerView, self } = this.#state;
    const peer = peerView()?.name ?? '';
    return group.home === self || (group.home !== peer && self < peer);
  }

  #theirs(group: ResourceGroup): GroupTerm | undefined {
    return this.#state.peer.terms?.get(this.#state.epochs.markOf(group));
  }

  #note(code: 'healKeep' | 'healRelease', verdicts: readonly Decided[]): void {
    const node = this.#state.peerView()?.name ?? '';
    for (const why of new Set(verdicts.map((verdict) => verdict.why))) {
      const keys = verdicts.filter((verdict) => verdict.why === why).map(({ group }) => group.key);
      this.#state.port.note(code, { keys: keys.join(' '), node, why });
    }
  }
}
