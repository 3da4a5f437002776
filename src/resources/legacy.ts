import { earliest } from '../base/earliest.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';
import type { GroupStatus, ResourceSetWord } from '../contracts/status.ts';
import { gateAlone } from './absence.ts';
import type { Absence, ResourceControl, ResourceMessage, ResourceSettings } from './control.ts';
import { eventFields, scriptEnv } from './event-fields.ts';
import { EVERYTHING } from './ownership.ts';
import { releaseEverything } from './release.ts';
import type { ResourceState } from './state.ts';
import { tellTakeover } from './takeover-notes.ts';
import type { ScriptEnv } from './work.ts';

/** An `ip-request` without an answer is said again at this pace, so that a lost answer delays and does not block. */
const ASK_AGAIN_MS = 2000;
/** A heartbeatd node has asked for all its groups by then. */
const ASKED_BY_MS = 10_000;
/** Requests that wait for the end of our start. */
const EARLY_MAX = 1000;

/**
 * `auto_failback legacy` (wire-protocol 7.8): no sets, no handshake. A node asks the other for each of its own
 * groups by key (`ip-request`); the other gives the group up if it runs it and answers; the asker then starts it.
 * The peer's groups are taken when it dies or leaves.
 */
export class LegacyFailback implements ResourceControl {
  readonly #state: ResourceState;
  /** Own groups asked for and not granted yet. */
  readonly #asked = new Set<string>();
  #early: ResourceMessage[] = [];
  /** By key: releases that the peer has asked for and that have not ended. Its asking again is answered by their end. */
  readonly #releases = new Map<string, object>();
  #allReleased = false;
  #askAgainAt: Instant | undefined;
  #releaseAt: Instant | undefined;
  #stopping = false;
  #initialTold = false;
  readonly absence: Absence;

  constructor(state: ResourceState) {
    this.#state = state;
    this.absence = gateAlone(state);
  }

  activate(now: Now): void {
    // Asked to stop while communication came up: there is nothing to join any more.
    if (this.#state.phase !== 'waiting') return;
    this.#state.phase = 'starting';
    this.#state.work.probe(now, this.#state.everyGroup, (later) => this.#begin(later));
  }

  #begin(now: Now): void {
    this.#state.phase = 'stable';
    if (this.#stopping) this.#beginShutdown(now);
    else if (this.#state.peerPresent) {
      // What a life in this place has held is asked away by the peer, unless it has asked while nobody was here to answer.
      if (this.#state.inherited === undefined) this.#releaseForeign(now);
      else this.#releaseAt = now.at + ASKED_BY_MS;
      this.#askForOwn(now);
      const early = this.#early;
      this.#early = [];
      for (const message of early) this.#peerAsks(now, message);
      this.#idle(now);
    } else this.#takeAll(now);
  }

  peerDied(now: Now): void {
    const { peer, phase } = this.#state;
    const { left } = peer;
    peer.left = false;
    this.#early = [];
    this.#releaseAt = undefined;
    if (phase !== 'stable') return;
    tellTakeover(this.#state, left ? 'gaveUp' : 'died');
    this.#takeAll(now);
  }

  /** While both are there every group lives at home: what was taken meanwhile goes back. */
  peerReturned(now: Now): void {
    if (this.#state.phase !== 'stable' || this.#stopping) return;
    this.#releaseForeign(now);
    // It may be hearing us for the first time, and then it releases nothing by itself.
    this.peerAppeared(now);
  }

  /** It may have lived behind a cut and taken ours: asked for also where they run here, they end in one place. */
  peerAppeared(now: Now): void {
    if (this.#state.phase !== 'stable' || this.#stopping) return;
    for (const group of this.#state.groupsIn({ local: true, foreign: false })) this.#asked.add(group.id);
    this.#askAgain(now);
  }

  newsAstray(now: Now): void {
    this.peerAppeared(now);
  }

  peerRestarted(): void {
    this.#early = [];
    this.#state.peer.left = false;
  }

  peerActive(now: Now): void {
    if (this.#asked.size > 0) this.#askForOwn(now);
    if (this.#state.peerView()?.heartbeatd === true) this.#releaseAt = now.at + ASKED_BY_MS;
  }

  /** One of ours asks until it is answered: what it has not asked for it does not take for its own, by another file. */
  #releaseUnasked(now: Now): void {
    if (this.#releaseAt === undefined || now.at < this.#releaseAt) return;
    this.#releaseAt = undefined;
    if (this.#state.phase === 'stable' && !this.#stopping && this.#state.peerPresent) this.#releaseForeign(now);
  }

  message(now: Now, message: ResourceMessage): void {
    const { phase } = this.#state;
    if (phase !== 'stable') {
      // A 3.0.6 node asks once, and may do so while our scripts still tell what runs here, or release it for good.
      if (message.type !== 'ip-request') return;
      if (this.#allReleased) this.#answer(message, 'no');
      else if (this.#early.length < EARLY_MAX && !this.#early.some((other) => other.get('ipaddr') === message.get('ipaddr')))
        this.#early.push(message);
      return;
    }
    if (message.type === 'ip-request') this.#peerAsks(now, message);
    else if (message.type === 'ip-request-resp') this.#peerAnswers(now, message);
    else if (message.type === 'shutdone') this.#peerLeft(now, message);
    else if (message.type === 'ask_resources') this.#state.port.note('standbyLegacy');
  }

  configure(now: Now, { groups, stopRetryMax }: ResourceSettings): void {
    this.#state.work.stopRetryMax = stopRetryMax;
    this.#state.changes.read(groups);
    if (this.#state.phase === 'waiting') this.#state.changes.applyAtOnce();
    else this.#idle(now);
  }

  get atRest(): boolean {
    const { phase, work } = this.#state;
    return phase === 'waiting' || (phase === 'stable' && !work.busy && !this.#state.changes.waiting);
  }

  get held(): HeldResources {
    const state = this.#state;
    return state.phase === 'waiting' ? state.expected : state.heldAs(state.occupied);
  }

  standby(): string {
    this.#state.port.note('standbyLegacy');
    return 'auto_failback is set to legacy.  Cannot enter standby.';
  }

  takeover(): string {
    return 'auto_failback is set to legacy: hb_takeover needs auto_failback on or off';
  }

  stop(now: Now): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#tryShutdown(now);
  }

  nextAlarm(): Instant | undefined {
    return earliest([this.#state.work.nextAlarm(), this.#askAgainAt, this.#releaseAt]);
  }

  alarm(now: Now): void {
    this.#state.work.alarm(now);
    this.#releaseUnasked(now);
    if (this.#askAgainAt !== undefined && now.at >= this.#askAgainAt) this.#askAgain(now);
  }

  /** Always `none`, as 3.0.6 answers in this mode (tools 3). */
  rscstatus(): ResourceSetWord {
    return 'none';
  }

  groupStatus(at?: Instant): GroupStatus[] {
    return this.#state.groupStatus(at);
  }

  // --- asking ---

  #releaseForeign(now: Now): void {
    const foreign = { local: false, foreign: true };
    const groups = this.#state.groupsIn(foreign);
    const held = groups.filter((group) => this.#state.work.mayRun(group));
    // All of them: a take that is under way starts no more of it.
    this.#state.ownership.drop(foreign, groups);
    this.#state.work.give(now, held, (later) => this.#idle(later));
  }

  #askForOwn(now: Now): void {
    for (const group of this.#state.groupsIn({ local: true, foreign: false })) {
      if (this.#state.work.state(group) !== 'running') this.#asked.add(group.id);
    }
    this.#askAgain(now);
  }

  #askAgain(now: Now): void {
    this.#askAgainAt = undefined;
    if (this.#asked.size === 0 || this.#stopping) return;
    this.#askAgainAt = now.at + ASK_AGAIN_MS;
    for (const group of this.#state.groups) {
      if (this.#asked.has(group.id)) this.#state.port.send('ip-request', [['ipaddr', group.key]]);
    }
  }

  #peerAnswers(now: Now, message: ResourceMessage): void {
    if (message.get('ok') !== 'OK' || this.#stopping) return;
    const granted = this.#state.groups.filter((group) => this.#asked.has(group.id) && group.key === message.get('ipaddr'));
    for (const group of granted) this.#asked.delete(group.id);
    const missing = granted.filter((group) => this.#state.work.state(group) !== 'running');
    if (missing.length > 0) this.#take(now, missing, 'ip-request-resp', scriptEnv(this.#state, message.fields?.() ?? {}));
  }

  #peerAsks(now: Now, message: ResourceMessage): void {
    const key = message.get('ipaddr') ?? '';
    if (this.#releases.has(key)) return;
    const { work, ownership } = this.#state;
    const named = this.#state.everyGroup.filter((group) => group.key === key);
    const foreign = named.filter((group) => ownership.sideOf(group) === 'foreign');
    if (foreign.length === 0 && named.length > 0 && !this.#yields(now, message.from, named)) return;
    // One that is gone from our file may be what is meant, and is on its way out in any case.
    const leaving = this.#state.departing.filter((group) => group.key === key && ownership.sideOf(group) === 'local');
    const wanted = foreign.length === 0 ? named : [...leaving, ...foreign];
    const held = wanted.filter((group) => work.mayRun(group));
    if (held.length === 0 && !work.busy) {
      this.#answer(message, 'no');
      return;
    }
    const release = {};
    this.#releases.set(key, release);
    // Dropped first: a take that is under way starts no more of it.
    ownership.drop(EVERYTHING, wanted);
    const released = (later: Now) => {
      // Otherwise it was taken again meanwhile.
      if (this.#releases.get(key) === release) {
        this.#releases.delete(key);
        this.#answer(message, 'yes');
      }
      this.#idle(later);
    };
    work.give(now, wanted, released, scriptEnv(this.#state, message.fields?.() ?? {}));
  }

  #answer(request: ResourceMessage, weown: 'yes' | 'no'): void {
    this.#state.port.send('ip-request-resp', [
      ['dest', request.from],
      ['ipaddr', request.get('ipaddr') ?? ''],
      ['weown', weown],
      ['ok', 'OK'],
    ]);
  }

  /**
   * By the peer's file a group is its own that is ours by our file: one of the two is older. Both ask for it. The higher
   * name gives it up; the lower one says nothing as long as it has it or waits for it.
   */
  #yields(now: Now, from: string, own: readonly ResourceGroup[]): boolean {
    const { ownership, work } = this.#state;
    // Also one that was granted and waits for its start.
    const granted = (group: ResourceGroup) => ownership.owns(group) && work.state(group) !== 'failed';
    const contends = own.some((group) => work.mayRun(group) || this.#asked.has(group.id) || granted(group));
    for (const group of own) if (this.#state.groups.includes(group)) this.#asked.add(group.id);
    this.#askAgainAt ??= now.at + ASK_AGAIN_MS;
    return from < this.#state.self || !contends;
  }

  // --- taking ---

  #peerLeft(now: Now, message: ResourceMessage): void {
    this.#state.port.note('shutdownNotice', { node: message.from });
    this.#state.peer.left = true;
    if (this.#stopping) {
      this.#state.port.note('takeoverCancelled');
      return;
    }
    tellTakeover(this.#state, 'left');
    this.#takeAll(now);
  }

  #takeAll(now: Now): void {
    this.#asked.clear();
    this.#askAgainAt = undefined;
    if (this.#stopping) return;
    this.#take(now, this.#state.groups, 'status');
  }

  #take(now: Now, groups: readonly ResourceGroup[], reason: string, granted?: ScriptEnv): void {
    const { work, ownership, port } = this.#state;
    for (const group of groups) {
      this.#releases.delete(group.key);
      ownership.claim({ local: true, foreign: true }, [group]);
      if (ownership.sideOf(group) === 'foreign' && work.state(group) !== 'running') port.note('takingOverGroup', { key: group.key });
    }
    const env = granted === undefined ? eventFields(this.#state) : () => granted;
    this.#state.take(now, groups, { env }, (later) => {
      port.note('localAcquired');
      if (!this.#initialTold) port.note('initialAcquisition', { reason });
      this.#initialTold = true;
      this.#idle(later);
    });
  }

  // --- the end ---

  #idle(now: Now): void {
    if (this.#stopping) this.#tryShutdown(now);
    else if (this.#state.phase === 'stable' && !this.#state.work.busy) {
      const keeps = (group: ResourceGroup) => this.#state.ownership.sideOf(group) === 'local' || !this.#state.peerPresent;
      this.#state.changes.apply(now, keeps, (later) => this.#changed(later));
    }
  }

  /** New groups: ours are asked for as at the start; the peer's are ours where it is not there. */
  #changed(now: Now): void {
    const { groups, ownership, work, peerPresent } = this.#state;
    for (const id of this.#asked) if (!groups.some((group) => group.id === id)) this.#asked.delete(id);
    const elsewhere = groups.filter((group) => ownership.sideOf(group) === 'foreign' && !work.mayRun(group));
    if (peerPresent) {
      ownership.drop({ local: false, foreign: true }, elsewhere);
      // Also where they run here: by its file the peer may have taken them for its own.
      this.peerAppeared(now);
      this.#idle(now);
    } else this.#takeAll(now);
  }

  #tryShutdown(now: Now): void {
    const { phase, work, port } = this.#state;
    if (phase === 'shutdown') return;
    if (work.busy) port.note('shutdownDelayed');
    else this.#beginShutdown(now);
  }

  #beginShutdown(now: Now): void {
    const answerAll = (): void => {
      this.#allReleased = true;
      for (const message of this.#early) this.#answer(message, 'no');
      this.#early = [];
    };
    releaseEverything(this.#state, now, () => undefined, answerAll);
  }
}
