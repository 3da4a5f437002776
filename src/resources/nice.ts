import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { GroupStatus, ResourceSetWord } from '../contracts/status.ts';
import type { ResourceControl, ResourceMessage } from './control.ts';
import { toGiveUp } from './heal.ts';
import { common, EVERYTHING, fromWord, isEmpty, mirrored, NOTHING, type Side, type SideSet, toWord, union, without } from './ownership.ts';
import { Standby } from './standby.ts';
import { type ResourceState, unknownPeer } from './state.ts';

/** An unanswered `starting` is said again at this pace: a 3.0.6 node may have missed it (wire-protocol 7.2.1). */
const STARTING_AGAIN_MS = 1000;
/** Nobody holds our own groups although both nodes are settled: this long, then we take them. */
const ORPHAN_MS = 2000;
/** A start script failed: the peer is asked this much later (haresources 4). */
const FAILED_START_STANDBY_MS = 30_000;
/** A 3.0.6 peer gives everything up by itself within 2 s of a heal; after this long it evidently does not. */
const PEER_GIVES_UP_MS = 10_000;

/**
 * The R1 resource protocol for `auto_failback on` and `off` (wire-protocol 7.1 to 7.7). Each event records its
 * facts and then asks `#decide` what follows, so the order in which facts arrive does not matter.
 *
 *   waiting --activate--> starting --peer answered or is dead--> stable --stop--> shutdown
 *
 * The invariant: own groups are never started before the peer has answered our `starting` of this generation,
 * or is declared dead, or has taken its leave.
 */
export class NiceFailback implements ResourceControl {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  #probed = false;
  #stopping = false;
  #delayTold = false;
  #initialTold = false;
  #localTold = false;
  #keepTold = false;
  #startingAgainAt: Instant | undefined;
  #orphanSince: Instant | undefined;
  /** The newest `resource` of the peer's present life: older ones, delivered late, are history. */
  #resourceSeq = 0;
  /** The peer's newest number when our `starting` left: what it sent earlier is no answer. */
  #answerAfterSeq = 0;
  #healDeadline: Instant | undefined;
  /** Of a 3.0.6 peer that came back: what it held before we took it. */
  #theirsBefore: SideSet = NOTHING;
  readonly #failedStarts = new Map<string, { readonly side: Side; readonly at: Instant; asked: boolean }>();

  constructor(state: ResourceState) {
    this.#state = state;
    this.#standby = new Standby(
      state,
      (now) => this.#settled(now),
      (now, group) => this.#startFailed(now, group),
    );
  }

  // --- events ---

  activate(now: Now): void {
    const state = this.#state;
    state.phase = 'starting';
    // What runs already is ours until the peer says that it is its own (scenarios 3: kill -9 and start again).
    state.work.probe(now, state.groups, (later) => {
      this.#probed = true;
      if (!isEmpty(common(state.running, { local: false, foreign: true }))) state.needsFailback = true;
      this.#decide(later);
    });
    if (state.peerPresent) this.#sayStarting(now);
  }

  peerDied(now: Now): void {
    const state = this.#state;
    const heldNothing = state.peer.told && isEmpty(state.peerMayHold);
    const theirs = state.peer.holds;
    const { left } = state.peer;
    // The same life may come back, and then its dialect is known.
    state.peer = { ...unknownPeer(), speaksOurs: state.peer.speaksOurs };
    this.#resourceSeq = 0;
    this.#standby.cancel();
    if (state.phase === 'shutdown' || state.phase === 'waiting') return;
    if (state.phase === 'stable' && !left) {
      state.before = state.claimed;
      this.#theirsBefore = theirs;
    }
    this.#takeFromPeer(now, heldNothing || left ? 'gaveUp' : 'died');
  }

  peerReturned(now: Now): void {
    const state = this.#state;
    this.#resourceSeq = 0;
    if (state.phase === 'waiting') return;
    if (!state.peer.speaksOurs) {
      state.peer.holds = this.#theirsBefore;
      this.#healDeadline = now.at + PEER_GIVES_UP_MS;
    }
    this.#sendResource({ ask: true });
    this.#decide(now);
  }

  /** A node that we have not heard in its present life: it may have been there all along, behind a cut. */
  peerAppeared(): void {
    if (this.#state.phase === 'stable') this.#sendResource({ ask: true });
  }

  peerRestarted(now: Now): void {
    const state = this.#state;
    state.peer = unknownPeer();
    this.#resourceSeq = 0;
    this.#answerAfterSeq = 0;
    state.before = undefined;
    this.#healDeadline = undefined;
    this.#standby.cancel();
    this.#decide(now);
  }

  peerActive(now: Now): void {
    // Whatever we said before it was active is lost without a trace on a 3.0.6 node (wire-protocol 7.2).
    if (this.#state.phase === 'starting' && !this.#state.peer.answered) this.#sayStarting(now);
  }

  message(now: Now, message: ResourceMessage): void {
    if (this.#state.phase === 'waiting' && message.type !== 'shutdone') {
      if (message.type === 'starting') this.#state.peer.startingGeneration = message.generation;
      return;
    }
    switch (message.type) {
      case 'starting':
        this.#peerStarting(now, message);
        break;
      case 'resource':
        this.#peerResource(now, message);
        break;
      case 'ask_resources':
        this.#standby.heard(now, message.from, message.seq, message.get('rsc_hold'), message.get('info') ?? '');
        break;
      case 'hb_takeover':
        this.#peerTakeover(now, message);
        break;
      case 'shutdone':
        this.#peerLeft(now, message);
        break;
    }
  }

  // --- commands ---

  standby(now: Now, word: ResourceSetWord | 'failback'): string | undefined {
    const refusal = this.#standby.refusal();
    if (refusal !== undefined) return refusal;
    this.#state.port.note('goingStandby', { set: word === 'failback' ? 'foreign' : word });
    this.#standby.request(now, fromWord(word === 'failback' ? 'foreign' : word) ?? NOTHING);
    return undefined;
  }

  takeover(_now: Now, word: ResourceSetWord | 'failback'): string | undefined {
    if (this.#state.phase === 'shutdown') return 'heartbeat is shutting down';
    if (!this.#state.peerPresent) return 'the other node is not there: its resources are here already';
    // A 3.0.6 node does not know the word `failback` here and would give up all (wire-protocol 7.4).
    this.#state.port.send('hb_takeover', [['rsc_hold', word === 'failback' ? 'local' : word]]);
    return undefined;
  }

  stop(now: Now): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#decide(now);
  }

  // --- time ---

  nextAlarm(): Instant | undefined {
    const failed = [...this.#failedStarts.values()].filter((start) => !start.asked).map((start) => start.at);
    // While scripts run nothing is decided; their end asks again.
    const decisions = this.#state.work.busy
      ? []
      : [this.#orphanSince === undefined ? undefined : this.#orphanSince + ORPHAN_MS, this.#healDeadline];
    const all = [this.#state.work.nextAlarm(), this.#standby.nextAlarm(), this.#startingAgainAt, ...decisions, ...failed].filter(
      (at) => at !== undefined,
    );
    return all.length === 0 ? undefined : Math.min(...all);
  }

  alarm(now: Now): void {
    this.#state.work.alarm(now);
    this.#standby.alarm(now);
    if (this.#startingAgainAt !== undefined && now.at >= this.#startingAgainAt) this.#sayStarting(now);
    this.#handOnFailedStarts(now);
    this.#decide(now);
  }

  rscstatus(): ResourceSetWord | 'transition' {
    const { phase, work } = this.#state;
    return phase !== 'stable' || work.busy || !this.#standby.idle ? 'transition' : toWord(this.#state.claimed);
  }

  groupStatus(): GroupStatus[] {
    const { work, ownership } = this.#state;
    return this.#state.groups.map((group) => ({
      key: group.key,
      home: group.home,
      resources: group.resources.map((resource) => resource.word),
      state: work.state(group),
      ours: ownership.owns(group),
    }));
  }

  // --- the peer's messages ---

  #peerStarting(now: Now, message: ResourceMessage): void {
    const state = this.#state;
    state.peer.startingGeneration = message.generation;
    state.peer.speaksOurs ||= message.get('hbd_v') !== undefined;
    state.peer.stable = false;
    state.peer.left = false;
    this.#sendResource();
    // It may have been deaf to ours until it said this (wire-protocol 7.2.1).
    if (state.phase === 'starting' && !state.peer.answered) this.#sayStarting(now);
  }

  #peerResource(now: Now, message: ResourceMessage): void {
    const state = this.#state;
    const word = message.get('rsc_hold');
    if (word === undefined) {
      state.port.note('resourceWithoutHold');
      return;
    }
    const theirs = fromWord(word);
    if (theirs === undefined) {
      state.port.note('badResourceType', { word });
      return;
    }
    if (message.seq < this.#resourceSeq || state.peer.left) return;
    this.#resourceSeq = message.seq;
    const peer = state.peer;
    const holds = mirrored(theirs);
    if (message.get('rtype') === 'full' || isEmpty(holds)) peer.holds = holds;
    else peer.holds = union(peer.holds, holds);
    peer.told = true;
    peer.speaksOurs ||= message.get('hbd_v') !== undefined;
    const runs = fromWord(message.get('hbd_hold'));
    peer.runs = runs === undefined ? undefined : mirrored(runs);
    const before = fromWord(message.get('hbd_before'));
    peer.before = before === undefined ? undefined : mirrored(before);
    peer.answered ||= this.#isAnswer(message);
    // It was away, or believed us to be: it needs to know what we hold, and may have missed when we said so.
    if (message.get('hbd_ask') !== undefined) this.#sendResource();
    const stable = message.get('isstable');
    if (stable === '0') peer.stable = false;
    if (stable === '1') {
      this.#standby.peerSettled(now, message.seq);
      if (!peer.stable) {
        peer.stable = true;
        state.port.note('remoteTransitionDone');
        this.#sendResource();
      }
    }
    this.#decide(now);
  }

  /** A heartbeatd node quotes the generation it answers; of a 3.0.6 node anything sent after our `starting` counts. */
  #isAnswer(message: ResourceMessage): boolean {
    if (this.#state.phase !== 'starting') return false;
    const quoted = message.get('hbd_re');
    if (message.get('hbd_v') !== undefined) return quoted === this.#state.generation.toString(16);
    return message.seq > this.#answerAfterSeq;
  }

  #peerTakeover(now: Now, message: ResourceMessage): void {
    const wanted = fromWord(message.get('rsc_hold'));
    if (wanted === undefined) return;
    const refusal = this.#standby.refusal();
    if (refusal === undefined) {
      const set = mirrored(wanted);
      this.#state.port.note('goingStandby', { set: toWord(set) });
      this.#standby.request(now, set);
    } else this.#state.port.note('takeoverRefused', { node: message.from, reason: refusal });
  }

  #peerLeft(now: Now, message: ResourceMessage): void {
    const state = this.#state;
    state.port.note('shutdownNotice', { node: message.from });
    state.peer = { ...unknownPeer(), left: true, told: true, speaksOurs: state.peer.speaksOurs };
    this.#healDeadline = undefined;
    this.#standby.cancel();
    if (state.phase === 'shutdown' || this.#stopping) state.port.note('takeoverCancelled');
    else if (state.phase !== 'waiting') this.#takeFromPeer(now, 'left');
  }

  // --- moves ---

  #sayStarting(now: Now): void {
    const state = this.#state;
    this.#answerAfterSeq = state.peerView()?.lastSeq ?? 0;
    this.#startingAgainAt = now.at + STARTING_AGAIN_MS;
    state.port.send('starting', [['hbd_v', '1']]);
  }

  #sendResource(more: { readonly ask?: true } = {}): void {
    const state = this.#state;
    const moving = state.work.busy || !this.#standby.idle || !this.#probed;
    state.sendResource(moving, more);
  }

  /** Everything of the peer's and our own, because nobody else is there to hold it (wire-protocol 7.6, 7.7). */
  #takeFromPeer(now: Now, why: 'died' | 'gaveUp' | 'left'): void {
    const state = this.#state;
    const { port, work } = state;
    const node = state.peerView()?.name ?? '';
    if (state.phase === 'starting' && !this.#probed) return;
    if (why === 'gaveUp') {
      port.note('deadGaveUp', { node });
      port.send('stonith', [
        ['node', node],
        ['result', 'unneeded'],
      ]);
    } else {
      if (why === 'died' && node !== '') {
        port.send('stonith', [
          ['node', node],
          ['result', 'n_stnth'],
        ]);
        port.note('noStonith');
        port.note('disksUnprotected');
      }
      if (node !== '') port.note('acquiringFrom', { node });
    }
    state.needsFailback = true;
    const had = state.claimed;
    state.phase = 'stable';
    this.#startingAgainAt = undefined;
    state.ownership.claim(EVERYTHING, state.groups);
    for (const group of state.groupsIn({ local: false, foreign: true })) {
      if (work.state(group) !== 'running') port.note('takingOverGroup', { key: group.key });
    }
    state.take(
      now,
      state.groups,
      (later, group) => this.#startFailed(later, group),
      (later) => {
        if (!had.foreign) {
          port.note('foreignAcquired');
          port.note('machDownDone', { node });
          port.note('machDownComplete');
        }
        if (!had.local) this.#tellLocalAcquired();
        this.#tellInitial('mach_down');
        this.#settled(later);
      },
    );
  }

  #takeOwn(now: Now, reason: string): void {
    const state = this.#state;
    const local = { local: true, foreign: false };
    state.phase = 'stable';
    this.#startingAgainAt = undefined;
    state.ownership.claim(local, state.groups);
    state.take(
      now,
      state.groupsIn(local),
      (later, group) => this.#startFailed(later, group),
      (later) => {
        this.#tellLocalAcquired();
        this.#tellInitial(reason);
        this.#settled(later);
      },
    );
  }

  #giveUp(now: Now, set: SideSet, info: string): void {
    const state = this.#state;
    state.ownership.drop(set, state.groups);
    const held = state.groupsIn(set).filter((group) => state.work.mayRun(group));
    state.work.give(now, held, (later) => this.#settled(later));
    state.sendResource(true, { info });
  }

  #tellLocalAcquired(): void {
    const state = this.#state;
    if (state.groupsIn({ local: true, foreign: false }).length > 0) state.port.note('localAcquired');
    else state.port.note('noLocalResources', { node: state.self });
  }

  #tellInitial(reason: string): void {
    if (!this.#localTold) this.#state.port.note('localTransitionDone');
    this.#localTold = true;
    if (!this.#initialTold) this.#state.port.note('initialAcquisition', { reason });
    this.#initialTold = true;
  }

  /** A script run or a handshake has ended: say where we stand, then see what follows. */
  #settled(now: Now): void {
    if (this.#state.phase === 'shutdown') return;
    this.#sendResource();
    this.#decide(now);
  }

  #startFailed(now: Now, group: ResourceGroup): void {
    if (this.#failedStarts.has(group.id)) return;
    this.#failedStarts.set(group.id, { side: this.#state.ownership.sideOf(group), at: now.at + FAILED_START_STANDBY_MS, asked: false });
  }

  #handOnFailedStarts(now: Now): void {
    const state = this.#state;
    for (const [id, failed] of this.#failedStarts) {
      const group = state.groups.find((candidate) => candidate.id === id);
      if (group === undefined || state.work.state(group) !== 'failed') this.#failedStarts.delete(id);
      else if (!failed.asked && now.at >= failed.at) {
        failed.asked = true;
        if (state.ownership.owns(group) && this.#standby.refusal() === undefined) {
          this.#standby.request(now, { ...NOTHING, [failed.side]: true });
        }
      }
    }
  }

  // --- the one place that decides ---

  #decide(now: Now): void {
    const state = this.#state;
    if (state.phase === 'waiting') {
      if (this.#stopping) this.#beginShutdown(now);
      return;
    }
    if (state.phase === 'shutdown') return;
    if (this.#stopping) {
      this.#tryShutdown(now);
      return;
    }
    if (!this.#probed) return;
    // Also while scripts run: the claim falls at once, and what was to be started of it is not.
    if (state.phase === 'stable') this.#decideConflict(now);
    if (state.work.busy) return;
    if (state.phase === 'starting') this.#decideStart(now);
    else {
      this.#decideFailback(now);
      this.#decideOrphan(now);
    }
  }

  #decideStart(now: Now): void {
    const state = this.#state;
    const { peer } = state;
    if (!state.peerPresent) {
      this.#takeFromPeer(now, peer.left ? 'left' : 'died');
      return;
    }
    if (!peer.answered) return;
    // We are the newcomer: what the peer holds and we found running is the peer's, at once.
    const doubled = common(state.running, state.peerMayHold);
    if (!isEmpty(doubled)) {
      this.#giveUp(now, doubled, 'start');
      return;
    }
    if (state.peerMayHold.local) {
      // Claimed there, or still on its way out there. In the first case it stays until a failback.
      if (!peer.holds.local) return;
      state.phase = 'stable';
      this.#startingAgainAt = undefined;
      state.port.note('localAcquiredNone');
      this.#tellInitial('T_RESOURCES(them)');
      state.ownership.claim(state.running, state.groups);
      this.#settled(now);
      return;
    }
    // `isstable=0` from a 3.0.6 node may hide a release that is still running; one of ours would say so.
    if (!peer.stable && peer.runs === undefined) return;
    state.ownership.claim(state.running, state.groups);
    this.#takeOwn(now, 'T_RESOURCES(us)');
    // Groups of the peer that were found running: made whole, then handed back by the usual failback.
    const found = state.groupsIn({ local: false, foreign: true }).filter((group) => state.work.mayRun(group));
    if (found.length > 0) {
      state.take(
        now,
        found,
        (later, group) => this.#startFailed(later, group),
        (later) => this.#settled(later),
      );
    }
  }

  /** Both hold the same: after a partition, or after one that only the peer noticed. */
  #decideConflict(now: Now): void {
    const state = this.#state;
    const both = common(state.claimed, state.peer.holds);
    if (isEmpty(both) || !state.peerPresent) {
      if (this.#keepTold) this.#announceAll();
      this.#keepTold = false;
      if (isEmpty(both) && state.peerPresent && state.peer.told) {
        state.before = undefined;
        this.#healDeadline = undefined;
      }
      return;
    }
    let loses: SideSet;
    if (state.peer.before !== undefined) loses = toGiveUp(both, state.before ?? state.claimed, state.peer.before);
    else if (this.#healDeadline !== undefined && now.at >= this.#healDeadline) {
      this.#healDeadline = undefined;
      loses = toGiveUp(both, state.before ?? state.claimed, this.#theirsBefore);
    } else return;
    const node = state.peerView()?.name ?? '';
    const keeps = without(both, loses);
    if (!isEmpty(keeps) && !this.#keepTold) {
      this.#keepTold = true;
      state.port.note('healKeep', { keys: this.#keys(keeps), node });
      this.#sendResource();
      this.#announceAll();
    }
    if (isEmpty(loses)) return;
    state.port.note('healRelease', { keys: this.#keys(loses), node });
    this.#giveUp(now, loses, 'heal');
  }

  #keys(set: SideSet): string {
    return this.#state
      .groupsIn(set)
      .map((group) => group.key)
      .join(' ');
  }

  #announceAll(): void {
    this.#state.work.announce(this.#state.groups);
  }

  #decideFailback(now: Now): void {
    const state = this.#state;
    if (!state.claimed.foreign) state.needsFailback = false;
    if (state.failback !== 'on' || !state.needsFailback) return;
    if (state.peerView()?.status !== 'active' || state.peer.holds.foreign || this.#standby.refusal() !== undefined) return;
    this.#tellInitial('auto_failback');
    this.#standby.request(now, { local: false, foreign: true });
  }

  #decideOrphan(now: Now): void {
    const state = this.#state;
    const orphan =
      !state.claimed.local &&
      !state.peerMayHold.local &&
      state.peer.told &&
      state.peer.stable &&
      state.peerView()?.status === 'active' &&
      this.#standby.idle &&
      !state.work.busy;
    if (!orphan) {
      this.#orphanSince = undefined;
      return;
    }
    this.#orphanSince ??= now.at;
    if (now.at < this.#orphanSince + ORPHAN_MS) return;
    this.#orphanSince = undefined;
    state.port.note('nobodyOwnsLocal');
    this.#takeOwn(now, 'req_our_resources');
  }

  // --- the end ---

  #tryShutdown(now: Now): void {
    const state = this.#state;
    const inHandshake = !this.#standby.idle && !this.#standby.waitingForReply && state.peerPresent;
    if (state.work.busy || inHandshake) {
      if (!this.#delayTold) state.port.note('shutdownDelayed');
      this.#delayTold = true;
      return;
    }
    this.#beginShutdown(now);
  }

  #beginShutdown(now: Now): void {
    const state = this.#state;
    const { port, work } = state;
    this.#standby.cancel();
    const held = state.groups.filter((group) => work.mayRun(group));
    const others = state.groups.filter((group) => !work.mayRun(group));
    const wasActive = state.phase !== 'waiting';
    state.phase = 'shutdown';
    state.ownership.drop(EVERYTHING, state.groups);
    port.note('shutdownStarted');
    if (wasActive) state.sendResource(true, { info: 'shutdown' });
    port.note('givingUpAll');
    work.give(now, held, (later) => {
      port.note('allRelinquished');
      // The peer may take over from here; a left-over of a group that we did not hold is swept up meanwhile.
      port.send('shutdone', [['st', 'dead']]);
      work.give(later, wasActive ? others : [], () => port.released());
    });
  }
}
