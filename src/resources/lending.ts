import { earliest } from '../base/earliest.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceMessage } from './control.ts';
import { endOf, type Failure, Failures } from './failures.ts';
import { shownSet } from './loan-sets.ts';
import { groupMark, Heard, LOANS_MAX, listed, sameSet, Ties } from './loans.ts';
import { toWord } from './ownership.ts';
import type { ResourceState } from './state.ts';

/** A node that has just come gets its whole set back within this (`on`). */
const HOME_MS = 500;

/**
 * A group whose start failed is served by the other node although its set stays where it is: sets cannot say that one
 * group of them is somewhere else, and giving all the others away for it would stop what is well.
 *
 *   holder of the set                               the other node
 *   start fails, all of it is stopped
 *   hbd_yield: "I do not run it and will not"  -->  starts it, a guest there     hbd_guest: "it runs here"
 *   the failure is cleared, or has expired     -->  stops it (auto_failback on)
 *   hbd_yield without it, by a new name        -->  quotes the name, without it among its guests
 *   starts it
 *
 * A yield is a promise: it is taken back only when the other node has quoted the list that names the group no more, and
 * says that it does not run it. A late or lost message delays a start and never doubles one. For 3.0.6: `hand-on.ts`.
 */
export class Lending {
  readonly #state: ResourceState;
  readonly #failures = new Failures();
  readonly #heard = new Heard();
  timeoutMs: number;
  /** Groups of the peer's sets that run here, or are about to. */
  readonly #guests = new Set<string>();
  /** About to: their start waits for its turn. */
  readonly #coming = new Set<string>();
  /** Marks of the last list that the peer was told, and of groups that were in an older one and are not confirmed yet. */
  #yielded: ReadonlySet<string> = new Set();
  readonly #unconfirmed = new Set<string>();
  #turns = 0;
  #quoted: string | undefined;
  /** The failures that the peer was told. */
  #failedSaid = '';
  /** Since when a group of our own home waits whether its whole set comes home first. */
  #waitsSince: Instant | undefined;
  readonly #ties = new Ties();
  /** Served by nobody, and told so. */
  readonly #hopeless = new Set<string>();
  readonly #lentTold = new Set<string>();

  constructor(state: ResourceState, timeoutMs: number) {
    this.#state = state;
    this.timeoutMs = timeoutMs;
  }

  // --- what is asked of it ---

  /** Not to be started here now, although it is ours: the peer runs it, or may. */
  blocked(group: ResourceGroup): boolean {
    return this.#partnered && (this.mayBeAway(group) || this.#failures.of(group) !== undefined);
  }

  /** The peer runs it for us, or may. */
  mayBeAway(group: ResourceGroup): boolean {
    const name = groupMark(group);
    return this.#yielded.has(name) || this.#unconfirmed.has(name) || this.#heard.guests.has(name);
  }

  /** No group is where its set is not. */
  get quiet(): boolean {
    return this.#failures.none && this.#guests.size === 0 && this.#heard.guests.size === 0;
  }

  /** The peer takes single groups. */
  get lends(): boolean {
    return this.#partnered;
  }

  /** Here for its node, or so until it became ours. */
  serves(group: ResourceGroup): boolean {
    return this.#guests.has(group.id);
  }

  isGuest(group: ResourceGroup): boolean {
    return this.serves(group) && !this.#state.ownership.owns(group);
  }

  /** In our set, and not with us. */
  isAway(group: ResourceGroup): boolean {
    return this.#state.ownership.owns(group) && this.#partnered && !this.#runs(group) && this.#heard.guests.has(groupMark(group));
  }

  failure(group: ResourceGroup): Failure | undefined {
    return this.#failures.of(group);
  }

  /** Runs well here while its set goes to a node that failed to start it: it stays. */
  keeps(group: ResourceGroup): boolean {
    const name = groupMark(group);
    const { failed, yields } = this.#heard;
    if (!this.#partnered || this.#state.work.state(group) !== 'running' || !this.lendable(group)) return false;
    return (failed.has(name) || yields.has(name)) && !this.#heard.guests.has(name);
  }

  keep(groups: readonly ResourceGroup[]): void {
    for (const group of groups) {
      this.#guests.add(group.id);
      this.#state.port.note('groupStays', { key: group.key, node: this.#peerName });
    }
  }

  /** It can be served by another node than the rest of its set. */
  lendable(group: ResourceGroup): boolean {
    return this.#ties.isFree(this.#state.groups, group);
  }

  failedThere(group: ResourceGroup): boolean {
    return this.#partnered && this.#heard.failed.has(groupMark(group));
  }

  /** When its record ends by itself, if it does. */
  endOf(group: ResourceGroup): Instant | undefined {
    const failure = this.#failures.of(group);
    return failure === undefined ? undefined : endOf(failure, this.isHopeless(group), this.timeoutMs);
  }

  /** It is for us to serve, failed here, and no other node that is up could. */
  isHopeless(group: ResourceGroup): boolean {
    if (!this.#state.ownership.owns(group) || this.#failures.of(group) === undefined || this.#runs(group)) return false;
    if (!this.#partnered) return true;
    const name = groupMark(group);
    if (this.#heard.guests.has(name)) return false;
    return this.#heard.failed.has(name) || !this.lendable(group) || (this.#yielded.size >= LOANS_MAX && !this.#yielded.has(name));
  }

  // --- what we say ---

  /** For each `resource`. Whoever builds it sends it: what is told here is promised. */
  fields(): [string, string][] {
    const { claimed } = this.#state;
    const fields: [string, string][] = [];
    if (toWord(shownSet(this.#state)) !== toWord(claimed)) fields.push(['hbd_claim', toWord(claimed)]);
    this.#prune();
    this.#failedSaid = this.#failedList();
    const list = (name: string, found: readonly ResourceGroup[]) => {
      if (found.length > 0) fields.push([name, listed(found.map(groupMark))]);
    };
    if (this.#failedSaid !== '') fields.push(['hbd_failed', this.#failedSaid]);
    this.#promise(this.#yields());
    if (this.#yielded.size > 0) fields.push(['hbd_yield', [...this.#yielded].join(' ')]);
    list('hbd_guest', this.#guestsNow());
    if (this.#turns > 0) fields.push(['hbd_turn', this.#turn]);
    this.#quoted = this.#heard.turn;
    if (this.#quoted !== undefined) fields.push(['hbd_quote', this.#quoted]);
    return fields;
  }

  /** For the word that ends a hand-over: what of the set has stayed. */
  cautions(): [string, string][] {
    const guests = this.#guestsNow();
    return guests.length === 0 ? [] : [['hbd_guest', listed(guests.map(groupMark))]];
  }

  #failedList(): string {
    return listed(this.#standing().flatMap(([group]) => (this.#runs(group) ? [] : [groupMark(group)])));
  }

  #guestsNow(): ResourceGroup[] {
    const { groups, ownership, phase } = this.#state;
    // What an earlier life has left here counts until it is known whose it is.
    const found = (group: ResourceGroup) => phase === 'starting' && !ownership.owns(group) && this.#runs(group);
    if (this.#guests.size === 0 && phase !== 'starting') return [];
    return groups.filter((group) => this.isGuest(group) || found(group));
  }

  #yields(): Set<string> {
    if (!this.#partnered || (this.#failures.none && this.#heard.guests.size === 0)) return new Set();
    const { groups, ownership } = this.#state;
    const may = (group: ResourceGroup) =>
      ownership.owns(group) && !this.#runs(group) && (this.#failures.of(group) !== undefined || this.#heard.guests.has(groupMark(group)));
    return new Set(
      groups
        .filter((group) => may(group) && this.lendable(group))
        .map(groupMark)
        .slice(0, LOANS_MAX),
    );
  }

  get #turn(): string {
    return `${this.#state.generation.toString(16)}.${this.#turns.toString(16)}`;
  }

  #promise(next: ReadonlySet<string>): void {
    if (sameSet(next, this.#yielded)) return;
    for (const name of this.#yielded) if (!next.has(name)) this.#unconfirmed.add(name);
    for (const name of next) this.#unconfirmed.delete(name);
    this.#yielded = next;
    this.#turns += 1;
  }

  /** Something has changed that the peer waits for. */
  get owesWord(): boolean {
    if (!this.#partnered) return false;
    return this.#heard.turn !== this.#quoted || this.#failedList() !== this.#failedSaid || !sameSet(this.#yields(), this.#yielded);
  }

  // --- what the peer says ---

  hear(message: ResourceMessage): void {
    if (message.type !== 'resource' && message.type !== 'ask_resources') return;
    if (this.#state.peer.left) return;
    this.#heard.hear(message);
    if (this.#heard.quotes === this.#turn) this.#unconfirmed.clear();
    if (message.get('hbd_clear') !== undefined && message.type === 'resource') this.#clearNamed(message.get('hbd_clear') ?? '');
    for (const group of this.#state.groups) {
      if (!this.isAway(group)) this.#lentTold.delete(group.id);
      else if (!this.#lentTold.has(group.id)) {
        this.#lentTold.add(group.id);
        this.#state.port.note('groupLent', { key: group.key, node: this.#peerName });
      }
    }
  }

  peerRestarted(): void {
    this.#heard.restarted();
  }

  peerGone(): void {
    this.#heard.gone();
    this.#yielded = new Set();
    this.#unconfirmed.clear();
    this.#turns += 1;
  }

  /** The other protocol begins. What runs here is asked for anew. */
  beginAnew(): void {
    this.peerGone();
    this.#guests.clear();
    this.#coming.clear();
  }

  // --- failures ---

  failed(now: Now, group: ResourceGroup, resource: string): void {
    const { port } = this.#state;
    this.#guests.delete(group.id);
    this.#hopeless.delete(group.id);
    const failure = this.#failures.add(now.at, group, resource);
    port.note('groupFailed', { key: group.key, resource, times: failure.times });
    // At once, and not when all other groups have had their turn: the peer may start it now.
    if (this.#partnered && this.#state.phase === 'stable') this.#state.sendResource(true);
  }

  /** An operator's word, or a move onto this node that an operator has asked for. Answers how many of them had failed. */
  clear(groups: readonly ResourceGroup[], cause: string): number {
    const failed = groups.filter((group) => this.#failures.of(group) !== undefined || this.#state.work.state(group) === 'failed');
    for (const group of failed) {
      this.#failures.forget(group.id);
      this.#forgive(group, cause);
    }
    return failed.length;
  }

  /** The peer hands on an operator's word. */
  #clearNamed(names: string): void {
    const named = new Set(names.slice(0, 9 * LOANS_MAX).split(' '));
    const { groups } = this.#state;
    this.clear(names === 'all' ? groups : groups.filter((group) => named.has(groupMark(group))), 'cleared: an operator said so');
  }

  #forgive(group: ResourceGroup, cause: string): void {
    this.#hopeless.delete(group.id);
    this.#state.work.forgive(group);
    this.#state.port.note('failureOver', { key: group.key, cause });
  }

  // --- time ---

  nextAlarm(): Instant | undefined {
    const ends = this.#standing().map(([group]) => this.endOf(group));
    return earliest([...ends, this.#waitsSince === undefined ? undefined : this.#waitsSince + HOME_MS]);
  }

  /** Only while nothing moves here. true: scripts run now. */
  decide(now: Now, settled: (now: Now) => void): boolean {
    const { groups, work } = this.#state;
    this.#failures.recovered((id) => groups.some((group) => group.id === id && work.state(group) === 'running'));
    const outdated = new Set(this.#failures.outdated(groups));
    for (const id of outdated) this.#failures.forget(id);
    for (const group of groups) if (outdated.has(group.id)) this.#forgive(group, 'over: its line in haresources has changed');
    for (const [group, failure] of this.#standing()) {
      const end = this.endOf(group);
      if (end !== undefined && now.at >= end) {
        this.#failures.lift(group);
        this.#forgive(group, 'over: its time has passed');
      } else this.#tellHopeless(now, group, failure, end);
    }
    if (!this.#partnered) return false;
    return this.#giveBack(now, settled) || this.#takeIn(now, settled);
  }

  /** Guests go home when their node may start them again. */
  #giveBack(now: Now, settled: (now: Now) => void): boolean {
    const { failback, groups, peer, port, work } = this.#state;
    if (this.#guests.size === 0 || !peer.told) return false;
    const leaving = groups.filter((group) => {
      if (!this.isGuest(group) || !this.#state.peerOwns(group)) return false;
      const name = groupMark(group);
      const wanted = failback === 'on' && !this.#heard.failed.has(name);
      return this.#runs(group) && (wanted || !this.#heard.yields.has(name));
    });
    if (leaving.length === 0) return false;
    for (const { key } of leaving) port.note('groupReturns', { key, node: this.#peerName });
    work.give(now, leaving, settled);
    return true;
  }

  /** Groups that their node has failed to start, and those of a life before this one. */
  #takeIn(now: Now, settled: (now: Now) => void): boolean {
    const { groups, ownership, peer, port, work } = this.#state;
    const since = this.#waitsSince;
    this.#waitsSince = undefined;
    if (!peer.told || this.#heard.yields.size === 0) return false;
    const found = groups.filter((group) => {
      const name = groupMark(group);
      if (ownership.owns(group) || !this.#heard.yields.has(name) || !this.lendable(group)) return false;
      const known = this.#guests.has(group.id) && work.state(group) === 'starting';
      const fresh = !this.#runs(group) && this.#heard.failed.has(name) && this.#failures.of(group) === undefined;
      return (known || fresh) && !this.#state.occupiedElsewhere(group) && !this.#state.peerRuns(group);
    });
    const waits = found.some((group) => !this.#runs(group) && ownership.sideOf(group) === 'local');
    if (waits) this.#waitsSince = since ?? now.at;
    const patient = this.#waitsSince !== undefined && now.at < this.#waitsSince + HOME_MS;
    const coming = found.filter((group) => !patient || this.#runs(group) || ownership.sideOf(group) === 'foreign');
    if (!patient) this.#waitsSince = undefined;
    if (coming.length === 0) return false;
    for (const group of coming) {
      if (!this.#guests.has(group.id)) port.note('groupComes', { key: group.key, node: this.#peerName });
      this.#guests.add(group.id);
      this.#coming.add(group.id);
    }
    // Said before they start, so that their node knows as early as can be.
    this.#state.sendResource(true);
    this.#state.takeGuests(now, coming, (later) => {
      this.#coming.clear();
      settled(later);
    });
    return true;
  }

  /** What an earlier life has left running here, and its node has told us to be away. */
  adopt(): void {
    const { groups, ownership } = this.#state;
    for (const group of groups) {
      const ours = ownership.owns(group) || !this.#runs(group) || !this.lendable(group);
      if (!ours && this.#partnered && this.#heard.yields.has(groupMark(group))) this.#guests.add(group.id);
    }
  }

  // --- facts ---

  /** The other node is there, and knows of these things. */
  get #partnered(): boolean {
    return this.#heard.able && this.#state.failback !== 'legacy' && this.#state.peerPresent;
  }

  get #peerName(): string {
    return this.#state.peerView()?.name ?? '';
  }

  #runs(group: ResourceGroup): boolean {
    return this.#state.work.mayRun(group);
  }

  #standing(): (readonly [ResourceGroup, Failure])[] {
    if (this.#failures.none) return [];
    return this.#state.groups.flatMap((group) => {
      const failure = this.#failures.of(group);
      return failure === undefined ? [] : [[group, failure] as const];
    });
  }

  #tellHopeless(now: Now, group: ResourceGroup, failure: Failure, end: Instant | undefined): void {
    if (!this.isHopeless(group)) this.#hopeless.delete(group.id);
    else if (!this.#hopeless.has(group.id)) {
      this.#hopeless.add(group.id);
      const next = end === undefined ? 'it is not tried again' : `it is tried again in ${Math.ceil((end - now.at) / 1000)} s`;
      this.#state.port.note('groupServedByNobody', { key: group.key, resource: failure.resource, next });
    }
  }

  #prune(): void {
    const { groups, ownership } = this.#state;
    if (this.#guests.size === 0) return;
    const here = new Set(
      groups.filter((group) => !ownership.owns(group) && (this.#runs(group) || this.#coming.has(group.id))).map(({ id }) => id),
    );
    for (const id of this.#guests) if (!here.has(id)) this.#guests.delete(id);
  }
}
