import type { Instant } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import { ENTRIES_MAX, type GroupTerm, INCOMPLETE, writeTerms } from './epoch-list.ts';
import { mark, wordsOf } from './group-list.ts';
import { type Extent, RANK, type Rank } from './keeper.ts';
import type { ResourceState } from './state.ts';

const EPOCH_MAX = 0xffff_ffff;
/** First line of what is kept: another form of it is another first line. */
const FORM = 'hb_epochs 1';
/** Groups of which something is remembered. What is beyond begins anew after a restart. */
const KEPT_MAX = 1000;
const KEPT_LINE = /^([0-9a-f]{1,8}) (\d{1,10}) ([012]) (m?)(p?)\.$/;

interface Term {
  epoch: number;
  rank: Rank;
  /** Owned here, now or when this was written. */
  mine: boolean;
  /** Storage that both nodes had: it stays until somebody moves it. */
  pinned: boolean;
  since: Instant;
}

/**
 * The term of ownership of each group: a counter that is raised each time a node takes the group over or starts it
 * first, and how the present holder came by it. Told to the peer with each `resource` (`hbd_epochs`), kept on disk in
 * the background. It says who held a group before a split, also when a daemon has started again meanwhile. Nothing
 * rests on it alone: a lost or old file makes a heal choose the home of a group instead of its last holder.
 */
export class Epochs {
  readonly #state: ResourceState;
  readonly #terms = new Map<string, Term>();
  readonly #marks = new Map<string, string>();
  /** Left running by a life before this one, and not claimed yet. */
  readonly #found = new Set<string>();
  /** Promised to be kept in the present heal. */
  readonly #kept = new Set<string>();
  #dirty = false;
  #saved = '';
  /** This life has held something, or has heard what the peer holds. */
  #lived = false;

  constructor(state: ResourceState) {
    this.#state = state;
  }

  // --- what a life before this one knew ---

  /** Reads what `text` of an earlier life says; whatever is not in the form it should have is left out. */
  restore(text: string): void {
    const [form, ...lines] = text.split('\n', KEPT_MAX + 1);
    if (form !== FORM) return;
    for (const line of lines) {
      const [, key, epoch, rank, mine, pinned] = KEPT_LINE.exec(line) ?? [];
      if (key === undefined) continue;
      this.#terms.set(key, {
        epoch: Math.min(Number(epoch), EPOCH_MAX),
        rank: rank === '2' ? RANK.confirmed : rank === '1' ? RANK.takenOver : RANK.started,
        mine: mine === 'm',
        pinned: pinned === 'p',
        since: 0,
      });
    }
    this.#saved = text;
  }

  /** The scripts have told what runs here: claiming one of these goes on with its old term, if it was ours. */
  found(groups: readonly ResourceGroup[]): void {
    this.#found.clear();
    for (const group of groups) this.#found.add(group.id);
  }

  // --- changes of ownership, told by it ---

  gained(group: ResourceGroup): void {
    const term = this.#term(group);
    const goesOn = term.mine && term.epoch > 0 && this.#found.has(group.id);
    this.#found.delete(group.id);
    term.since = this.#now;
    if (!goesOn) {
      const peers = this.#state.peer.terms?.get(this.markOf(group))?.epoch ?? 0;
      term.epoch = Math.min(Math.max(term.epoch, peers) + 1, EPOCH_MAX);
      // What was served here for its node was so by that node's own word.
      const known = this.#undisputed(group) || (this.#state.lending.serves(group) && this.#state.work.mayRun(group));
      term.rank = known ? RANK.confirmed : this.#lived ? RANK.takenOver : RANK.started;
      term.pinned = false;
    }
    term.mine = true;
    this.#dirty = true;
  }

  /** By its own word the other node does not hold it. */
  #undisputed(group: ResourceGroup): boolean {
    return this.#state.peerPresent && this.#state.peer.told && !this.#state.peerHas(group);
  }

  lost(group: ResourceGroup): void {
    const term = this.#term(group);
    term.mine = false;
    term.pinned = false;
    this.#kept.delete(group.id);
    this.#dirty = true;
  }

  /** The other node has let go of these by its own word: no later one is needed. */
  confirm(groups: readonly ResourceGroup[]): void {
    for (const group of groups) {
      if (!this.#state.ownership.owns(group)) continue;
      this.#term(group).rank = RANK.confirmed;
      this.#dirty = true;
    }
  }

  // --- the heal ---

  keep(groups: readonly ResourceGroup[]): void {
    for (const group of groups) this.#kept.add(group.id);
  }

  keeps(group: ResourceGroup): boolean {
    return this.#kept.has(group.id);
  }

  keepNoMore(group?: ResourceGroup): void {
    if (group === undefined) this.#kept.clear();
    else this.#kept.delete(group.id);
  }

  pin(group: ResourceGroup): void {
    this.#term(group).pinned = true;
    this.#dirty = true;
  }

  isPinned(group: ResourceGroup): boolean {
    return this.#term(group).pinned;
  }

  // --- what we say ---

  /** Ours of a group, as the peer gets it. */
  ours(group: ResourceGroup): GroupTerm {
    const { epoch, rank, since } = this.#term(group);
    const seconds = Math.max(0, this.#now - since) / 1000;
    return { epoch, rank, owned: this.#state.ownership.owns(group), runs: this.#extent(group), keeps: this.keeps(group), seconds };
  }

  fields(): [string, string][] {
    this.flush();
    return [['hbd_epochs', this.#list()]];
  }

  /** All that runs here fits into one list, and no two groups look alike in it. */
  get complete(): boolean {
    return this.#list() !== INCOMPLETE;
  }

  #list(): string {
    const held = this.#state.everyGroup.filter((group) => this.#state.ownership.owns(group) || this.#state.work.mayRun(group));
    if (held.length > ENTRIES_MAX) return INCOMPLETE;
    const terms = new Map(held.map((group) => [this.markOf(group), this.ours(group)]));
    return terms.size < held.length ? INCOMPLETE : writeTerms(terms);
  }

  #extent(group: ResourceGroup): Extent {
    const { work } = this.#state;
    if (work.state(group) === 'running') return 'whole';
    if (!work.mayRun(group)) return 'nothing';
    const words = wordsOf(work.definition(group));
    const up = words.filter((word) => work.runs(word)).length;
    return up === 0 ? 'nothing' : up < words.length ? 'partly' : 'whole';
  }

  // --- what the peer says ---

  /** Of a `resource` that has just been taken into account: what the peer does not hold is ours undisputed. */
  heard(): void {
    const { peer, ownership, phase } = this.#state;
    if (phase === 'stable') this.#lived = true;
    if (peer.terms === undefined) return;
    for (const group of this.#state.groups) {
      const theirs = peer.terms.get(this.markOf(group));
      const term = this.#term(group);
      if (theirs === undefined) {
        if (!ownership.owns(group) || term.rank === RANK.confirmed) continue;
        term.rank = RANK.confirmed;
      } else {
        // While both hold it, each goes on with its own term: the two are to be compared.
        if (ownership.owns(group) || theirs.epoch <= term.epoch) continue;
        term.epoch = theirs.epoch;
      }
      this.#dirty = true;
    }
  }

  // --- the disk ---

  /** Hands what has changed to the disk; nothing waits for it. */
  flush(): void {
    // What a stop gives up needs no record: the next life finds nothing running.
    if (!this.#dirty || this.#state.phase === 'shutdown') return;
    this.#dirty = false;
    this.#lived = true;
    const known = new Set(this.#state.everyGroup.map((group) => this.markOf(group)));
    for (const key of this.#terms.keys()) if (!known.has(key)) this.#terms.delete(key);
    const lines = [...this.#terms]
      .slice(0, KEPT_MAX)
      .map(([key, { epoch, rank, mine, pinned }]) => `${key} ${epoch} ${rank} ${mine ? 'm' : ''}${pinned ? 'p' : ''}.`);
    const text = [FORM, ...lines, ''].join('\n');
    if (text !== this.#saved) this.#state.port.keepEpochs(text);
    this.#saved = text;
  }

  /** Under which name a group goes in lists. */
  markOf(group: ResourceGroup): string {
    const known = this.#marks.get(group.id);
    if (known !== undefined) return known;
    if (this.#marks.size > 2 * KEPT_MAX) this.#marks.clear();
    const made = mark(group.id);
    this.#marks.set(group.id, made);
    return made;
  }

  #term(group: ResourceGroup): Term {
    const key = this.markOf(group);
    const known = this.#terms.get(key);
    if (known !== undefined) return known;
    const made: Term = { epoch: 0, rank: RANK.started, mine: false, pinned: false, since: 0 };
    this.#terms.set(key, made);
    return made;
  }

  get #now(): Instant {
    return this.#state.port.now();
  }
}
