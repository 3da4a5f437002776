import type { Instant, Now } from '../contracts/basics.ts';
import type { AutoFailback, ResourceGroup } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';
import type { GroupStatus } from '../contracts/status.ts';
import { Changes } from './changes.ts';
import { CountedDead } from './counted-dead.ts';
import { Elsewhere } from './elsewhere.ts';
import type { GroupTerm } from './epoch-list.ts';
import { Epochs } from './epochs.ts';
import { identified, wordsOf } from './group-list.ts';
import { Lending } from './lending.ts';
import { loanStatus, shownSet } from './loan-sets.ts';
import { EVERYTHING, fromWord, NOTHING, Ownership, type SideSet, toWord, union } from './ownership.ts';
import { type PeerResources, unknownPeer } from './peer-resources.ts';
import type { PeerView, ResourcePort } from './port.ts';
import { GroupWork, type TakeOrder } from './work.ts';

/**
 * waiting   communication is not up: nothing is known, nothing is said
 * starting  `starting` is out, the peer has not answered it yet
 * stable    own groups were asked for, or are with the peer
 * shutdown  giving everything up for good
 */
export type Phase = 'waiting' | 'starting' | 'stable' | 'shutdown';

/** What a `resource` says besides how things stand. */
export interface ResourceNews {
  readonly info?: string;
  /** Please say yours. */
  readonly ask?: true;
  /** The same, and quote this. */
  readonly question?: string;
  /** The peer's question, quoted. */
  readonly saw?: string;
  /** Whose failures are forgotten. */
  readonly clear?: string;
}
/** A heal that has not begun this long after we stood still has nothing to do with it. */
const AWAY_MS = 30_000;

/** The facts that the start-up exchange, the standby handshake and the takeover share. */
export class ResourceState {
  readonly self: string;
  readonly generation: number;
  readonly port: ResourcePort;
  readonly ownership: Ownership;
  readonly work: GroupWork;
  readonly elsewhere: Elsewhere;
  readonly counted: CountedDead;
  readonly epochs: Epochs;
  /** Failed starts, and groups that the other node serves because of one. */
  readonly lending: Lending;
  /** Readings of haresources that wait for a quiet moment. */
  readonly changes: Changes;
  /** What the file said when it was read last, as far as it has been acted upon. */
  groups: readonly ResourceGroup[];
  /** In the file no more, and not stopped yet. */
  departing: readonly ResourceGroup[] = [];
  failback: AutoFailback;
  /** The scripts have told what an earlier life has left running. */
  probed = false;
  /** What an earlier life in this process's place has left us. */
  inherited: HeldResources | undefined;
  /** The sets of it, until the peer has answered our start: while we were away it may have taken them. */
  inheritedSet: SideSet = NOTHING;
  /** The peer as the membership sees it; undefined when we are configured alone. */
  readonly peerView: () => PeerView | undefined;
  phase: Phase = 'waiting';
  peer: PeerResources = unknownPeer();
  /** What we held before we took the peer's groups at its death; undefined when we did not. */
  before: SideSet | undefined;
  needsFailback = false;
  /** We stood still then, and may have been counted as dead: the other node is more likely to be right. */
  awayAt: Instant | undefined;

  constructor(setup: {
    readonly self: string;
    readonly generation: number;
    readonly groups: readonly ResourceGroup[];
    readonly failback: AutoFailback;
    readonly stopRetryMax: number;
    readonly failureTimeoutMs: number;
    readonly port: ResourcePort;
    readonly peerView: () => PeerView | undefined;
  }) {
    this.self = setup.self;
    this.generation = setup.generation;
    this.groups = identified(setup.groups);
    this.failback = setup.failback;
    this.port = setup.port;
    this.peerView = setup.peerView;
    this.epochs = new Epochs(this);
    this.ownership = new Ownership(setup.self, this.epochs);
    this.work = new GroupWork(setup.port, setup.stopRetryMax);
    this.elsewhere = new Elsewhere(this);
    this.lending = new Lending(this, setup.failureTimeoutMs);
    this.changes = new Changes(this);
    this.counted = new CountedDead(this);
  }

  get claimed(): SideSet {
    return this.ownership.claimed;
  }

  /** All that runs here or may: claims, what a life in this place had, and groups in motion or found running. */
  get running(): SideSet {
    const running = union(this.claimed, this.occupied);
    return this.phase === 'waiting' || this.phase === 'starting' ? union(running, this.inheritedSet) : running;
  }

  /** Of which sets some group runs here, or may. */
  get occupied(): SideSet {
    let running: SideSet = NOTHING;
    for (const group of this.everyGroup) {
      if (this.work.mayRun(group) && !this.lending.isGuest(group))
        running = union(running, { local: false, foreign: false, [this.ownership.sideOf(group)]: true });
    }
    return running;
  }

  get everyGroup(): readonly ResourceGroup[] {
    return this.departing.length === 0 ? this.groups : [...this.departing, ...this.groups];
  }

  groupsIn(set: SideSet): ResourceGroup[] {
    return this.groups.filter((group) => this.ownership.inSet(group, set));
  }

  /** `at`: ages and what is left of times are told as well. */
  groupStatus(at?: Instant): GroupStatus[] {
    return this.everyGroup.map((group) => ({
      key: group.key,
      home: group.home,
      resources: wordsOf(this.work.definition(group)),
      state: this.work.state(group),
      ours: this.lending.isGuest(group) || (this.ownership.owns(group) && !this.lending.isAway(group)),
      ...loanStatus(this, group, at),
    }));
  }

  /** For a next life in this process's place. */
  heldAs(set: SideSet): HeldResources {
    const running = this.everyGroup.filter((group) => this.work.mayRun(group));
    return { set: toWord(set), running: running.map((group) => this.work.definition(group)) };
  }

  /** For the journal: a life after this one that had no time to say anything begins with it. */
  get record(): HeldResources {
    const early = this.phase === 'waiting' || this.phase === 'starting';
    return { set: toWord(early ? union(this.claimed, this.inheritedSet) : this.claimed), ...this.work.started.record };
  }

  /** The same before the scripts were asked: what a life before this one has left, and by which definitions, should it run. */
  get expected(): HeldResources {
    const known = this.everyGroup.filter((group) => this.departing.includes(group) || this.work.expects(group));
    return { set: toWord(this.inheritedSet), running: known.map((group) => this.work.definition(group)) };
  }

  /**
   * What an earlier life of this process has left running: the sets are ours unless the peer has taken them, and its groups run by what it says.
   * Those that the file does not have any more are stopped when nothing moves.
   */
  inherit(held: HeldResources): void {
    this.inherited = held;
    this.groups = identified(this.groups, held.running);
    const set = fromWord(held.set) ?? NOTHING;
    const known = new Set(held.running.map((group) => group.id));
    const missing: ResourceGroup[] = [];
    for (const [at, group] of held.running.entries()) {
      const words = held.words?.[at];
      const listed = this.groups.find((candidate) => candidate.id === group.id);
      const moved = this.groups.find(
        (candidate) => candidate.key === group.key && !known.has(candidate.id) && this.ownership.inSet(candidate, set),
      );
      if (listed !== undefined) this.work.started.leftBehind(group, words);
      else if (moved !== undefined) this.work.started.leftBehind({ ...group, id: moved.id, home: moved.home }, words);
      else {
        missing.push(group);
        this.work.started.leftBehind(group, words);
      }
    }
    this.departing = missing;
    this.inheritedSet = set;
  }

  /** The other protocol begins, with what this one holds: nothing is stopped, and everything else is asked for anew. */
  beginAnew(failback: AutoFailback, held: HeldResources | undefined): void {
    const { speaksOurs } = this.peer;
    this.failback = failback;
    this.phase = 'waiting';
    this.peer = { ...unknownPeer(), speaksOurs };
    this.before = undefined;
    this.needsFailback = false;
    this.probed = false;
    this.ownership.drop(EVERYTHING, this.groups);
    this.lending.beginAnew();
    if (held === undefined) return;
    this.inherited = held;
    this.inheritedSet = fromWord(held.set) ?? NOTHING;
  }

  /** The keys of a set's groups, for the log. */
  keys(set: SideSet): string {
    return this.groupsIn(set)
      .map((group) => group.key)
      .join(' ');
  }

  /** A resource of the group runs on the other node, or here in a group that is in the file no more. */
  occupiedElsewhere(group: ResourceGroup): boolean {
    if (this.elsewhere.contested(group)) return true;
    const leaving = this.departing.filter((other) => this.work.mayRun(other)).flatMap((other) => wordsOf(this.work.definition(other)));
    return leaving.length > 0 && wordsOf(group).some((word) => leaving.includes(word));
  }

  /** Starts groups that we own, for as long as we do and the other node does not run them. */
  take(now: Now, groups: readonly ResourceGroup[], order: Pick<TakeOrder, 'env'>, finished: (now: Now) => void): void {
    const free = (group: ResourceGroup) =>
      !this.occupiedElsewhere(group) && this.termOf(group) === undefined && !this.lending.blocked(group);
    // Scripts take their time: a peer that came back meanwhile, and has not said what it holds, may run what its life before had.
    const known = () => this.failback === 'legacy' || !this.peerPresent || this.peer.told;
    const wanted = (group: ResourceGroup) => this.ownership.owns(group) && free(group) && known();
    const failed = this.lending.failed.bind(this.lending);
    this.work.take(now, groups, { ...order, failed, wanted }, finished);
  }

  /** The peer lives anew. Its life before may have taken our addresses up behind a cut, and told the neighbours so. */
  announceHeld(): void {
    // What is on its way out is somebody else's already, though its scripts may still have to wait.
    const held = this.groups.filter((group) => this.ownership.owns(group) || this.lending.isGuest(group));
    if (this.phase === 'stable') this.work.announce(held);
  }

  /** Starts groups of the peer's sets that it has asked us to serve. */
  takeGuests(now: Now, groups: readonly ResourceGroup[], finished: (now: Now) => void): void {
    const ours = (group: ResourceGroup) => this.ownership.owns(group) || this.lending.isGuest(group);
    const wanted = (group: ResourceGroup) => ours(group) && !this.occupiedElsewhere(group) && !this.peerRuns(group);
    const failed = this.lending.failed.bind(this.lending);
    this.work.take(now, groups, { failed, wanted }, finished);
  }

  /** The peer lives, as far as we know, and has not taken its leave. */
  get peerPresent(): boolean {
    const peer = this.peerView();
    return peer !== undefined && peer.status !== 'dead' && !this.peer.left;
  }

  /** The peer owns the group or runs something of it: by its own list, where it tells one, and else by the sets. */
  peerHas(group: ResourceGroup): boolean {
    if (!this.peerPresent) return false;
    return this.peer.terms === undefined ? this.ownership.inSet(group, this.peerMayHold) : this.termOf(group) !== undefined;
  }

  /** The peer owns it: by its own list, where it tells one, and else by the sets. What runs there for us is not its own. */
  peerOwns(group: ResourceGroup): boolean {
    if (!this.peerPresent) return false;
    return this.peer.terms === undefined ? this.ownership.inSet(group, this.peer.holds) : this.termOf(group)?.owned === true;
  }

  /** By its list, whoever owns it. */
  peerRuns(group: ResourceGroup): boolean {
    return (this.termOf(group)?.runs ?? 'nothing') !== 'nothing';
  }

  /** What the peer tells of it. */
  termOf(group: ResourceGroup): GroupTerm | undefined {
    return this.peerPresent ? this.peer.terms?.get(this.epochs.markOf(group)) : undefined;
  }

  /** Of a set that the peer has released: all but the groups that it goes on owning, by its list. */
  takeOver(set: SideSet): void {
    const { peer, ownership } = this;
    const listed = this.groupsIn(set);
    const kept = listed.filter((group) => peer.terms?.get(this.epochs.markOf(group))?.owned === true);
    if (kept.length === 0) ownership.claim(set, this.groups);
    else ownership.claimGroups(listed.filter((group) => !kept.includes(group)));
    this.epochs.confirm(listed);
    // What it serves for us runs there still.
    const left = listed.filter((group) => !kept.includes(group) && !this.lending.isAway(group));
    for (const group of left) peer.terms?.delete(this.epochs.markOf(group));
  }

  /** The peer has taken the set; its own word for it may still be on the way, and until then nobody would seem to hold it. */
  handedOver(set: SideSet): void {
    const { peer, ownership } = this;
    peer.holds = union(peer.holds, set);
    for (const group of this.groupsIn(set)) {
      // Where it has said so itself, it knows better.
      if (ownership.owns(group) || this.peerOwns(group)) continue;
      const { epoch, rank } = this.epochs.ours(group);
      const runs = this.lending.isGuest(group) ? 'nothing' : 'whole';
      peer.terms?.set(this.epochs.markOf(group), { epoch, rank, owned: true, runs, keeps: false, seconds: 0 });
    }
  }

  isAway(at: Instant): boolean {
    return this.awayAt !== undefined && at - this.awayAt < AWAY_MS;
  }

  /** All the peer may hold: what it claims and, where it tells, what is still in motion there. */
  get peerMayHold(): SideSet {
    return this.peer.runs === undefined ? this.peer.holds : union(this.peer.holds, this.peer.runs);
  }

  /**
   * RES of wire-protocol 7.1, with our additions, which a 3.0.6 node ignores (wire-protocol 3.1). `isstable=1`
   * is only said when nothing moves here: the peer starts its groups on it at once (7.2.1).
   */
  sendResource(moving: boolean, more: ResourceNews = {}): void {
    const fields: [string, string][] = [
      ['rsc_hold', toWord(shownSet(this))],
      ['rtype', 'full'],
      ['isstable', moving || this.phase === 'shutdown' ? '0' : '1'],
    ];
    if (more.info !== undefined) fields.push(['info', more.info]);
    fields.push(['hbd_v', '1'], ['hbd_hold', toWord(this.running)], ['hbd_before', toWord(this.before ?? this.claimed)]);
    if (this.peer.startingGeneration !== undefined) fields.push(['hbd_re', this.peer.startingGeneration.toString(16)]);
    fields.push(...this.epochs.fields(), ...this.elsewhere.fields(), ...this.lending.fields(), ...this.counted.fields());
    if (more.clear !== undefined) fields.push(['hbd_clear', more.clear]);
    if (this.isAway(this.port.now())) fields.push(['hbd_away', '1']);
    if (more.ask === true || this.elsewhere.asksNow()) fields.push(['hbd_ask', '1']);
    if (more.question !== undefined) fields.push(['hbd_q', more.question]);
    if (more.saw !== undefined) fields.push(['hbd_saw', more.saw]);
    this.port.send('resource', fields);
  }
}
