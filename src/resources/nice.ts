import { earliest } from '../base/earliest.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { HeldResources } from '../contracts/engine.ts';
import type { GroupStatus, ResourceSetWord } from '../contracts/status.ts';
import { NiceAbsence } from './absence.ts';
import { Asking } from './asking.ts';
import type { ResourceControl, ResourceMessage, ResourceSettings } from './control.ts';
import { Ending } from './ending.ts';
import { Failback } from './failback.ts';
import { FoundDoubled } from './found-doubled.ts';
import { HandOn } from './hand-on.ts';
import { Heal } from './heal.ts';
import { InitialNotes } from './initial-notes.ts';
import { shownSet } from './loan-sets.ts';
import { Moves } from './moves.ts';
import { Orphans } from './orphans.ts';
import { isEmpty, toWord, without } from './ownership.ts';
import { hearResource, unknownPeer } from './peer-resources.ts';
import { Requests } from './requests.ts';
import { Standby } from './standby.ts';
import type { ResourceNews, ResourceState } from './state.ts';
import type { TakeoverCause } from './takeover-notes.ts';
import { Upkeep } from './upkeep.ts';

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
  readonly #asking: Asking;
  readonly #heal: Heal;
  readonly absence: NiceAbsence;
  readonly #orphans: Orphans;
  readonly #handOn: HandOn;
  readonly #requests: Requests;
  readonly #ending: Ending;
  readonly #upkeep: Upkeep;
  readonly #initial: InitialNotes;
  readonly #moves: Moves;
  readonly #failback: Failback;
  readonly #foundDoubled: FoundDoubled;
  /** Something was to be said of our resources before the scripts had told what runs here. */
  #owesWord = false;
  #stopping = false;

  constructor(state: ResourceState) {
    this.#state = state;
    this.#standby = new Standby(state, (now) => this.#settled(now));
    this.#asking = new Asking(state);
    this.#initial = new InitialNotes(state);
    const settled = (now: Now): void => this.#settled(now);
    const say = (news?: ResourceNews): void => this.#sendResource(news);
    this.#moves = new Moves(state, this.#initial, settled);
    this.#upkeep = new Upkeep(state, (now, groups) => this.#moves.complete(now, groups), settled);
    this.#orphans = new Orphans(state, this.#standby, this.#moves);
    this.#foundDoubled = new FoundDoubled(state, this.#moves);
    this.#handOn = new HandOn(state, this.#standby);
    this.#ending = new Ending(state, this.#standby);
    this.#requests = new Requests(state, this.#standby, (now, clear) => this.#decideAndTell(now, clear));
    this.#heal = new Heal(state, this.#moves, (ask) => say(ask ? { ask } : {}));
    this.#failback = new Failback(state, this.#standby, this.#initial, this.#heal);
    this.absence = new NiceAbsence(state, this.#standby, this.#moves, say, (now) => this.#decide(now));
  }

  // --- events ---

  activate(now: Now): void {
    const state = this.#state;
    // Asked to stop while communication came up: there is nothing to join any more.
    if (state.phase !== 'waiting') return;
    state.phase = 'starting';
    // What runs already is ours until the peer says that it is its own (scenarios 3: kill -9 and start again).
    state.work.probe(now, state.everyGroup, (later) => {
      state.probed = true;
      state.epochs.found(state.everyGroup.filter((group) => state.work.mayRun(group)));
      if (state.inherited === undefined && state.running.foreign) state.needsFailback = true;
      if (this.#owesWord) this.#sendResource();
      this.#decide(later);
    });
    if (state.peerView()?.status === 'active') this.#asking.peerActive(now);
  }

  peerDied(now: Now): void {
    const state = this.#state;
    const heldNothing = state.peer.told && isEmpty(state.peerMayHold);
    const { left, holds: theirs } = state.peer;
    // The same life may come back, and then its dialect is known.
    state.peer = { ...unknownPeer(), speaksOurs: state.peer.speaksOurs };
    state.elsewhere.peerGone();
    state.lending.peerGone();
    this.#standby.cancel();
    if (state.phase === 'shutdown' || state.phase === 'waiting') return;
    if (state.phase === 'stable' && !left) this.#heal.remember(now, theirs);
    if (this.#stopping) this.#decide(now);
    else this.#takeFromPeer(now, heldNothing || left ? 'gaveUp' : 'died');
  }

  peerReturned(now: Now): void {
    const state = this.#state;
    if (state.phase === 'waiting') return;
    this.#heal.peerReturned(now);
    this.#decide(now);
  }

  /** A node that we have not heard in its present life: it may have been there all along, behind a cut. */
  peerAppeared(): void {
    if (this.#state.phase === 'stable') this.#sendResource({ ask: true });
  }

  newsAstray(): void {
    const { phase } = this.#state;
    if (phase === 'starting' || phase === 'stable') this.#sendResource({ ask: true });
  }

  peerRestarted(now: Now): void {
    const state = this.#state;
    state.elsewhere.peerRestarted();
    state.counted.peerRestarted();
    state.lending.peerRestarted();
    state.peer = unknownPeer();
    this.#asking.peerRestarted();
    this.#heal.forget(now);
    this.#standby.cancel();
    state.announceHeld();
    this.#decide(now);
  }

  peerActive(now: Now): void {
    this.#asking.peerActive(now);
  }

  message(now: Now, message: ResourceMessage): void {
    if (this.#state.phase === 'waiting' && message.type !== 'shutdone') {
      // Answered once there is something to say (wire-protocol 12.17).
      if (message.type === 'starting') {
        this.#state.peer.startingGeneration = message.generation;
        this.#owesWord = true;
      }
      return;
    }
    this.#state.elsewhere.hear(message);
    this.#state.lending.hear(message);
    switch (message.type) {
      case 'starting':
        this.#peerStarting(now, message);
        break;
      case 'resource':
        this.#peerResource(now, message);
        break;
      case 'ask_resources':
        this.#standby.hear(now, message);
        break;
      case 'hb_takeover':
        this.#standby.takeoverAsked(now, message.from, message.get('rsc_hold'));
        break;
      case 'shutdone':
        this.#peerLeft(now, message);
        break;
    }
  }

  // --- files and restarts ---

  configure(now: Now, { groups, failback, stopRetryMax, failureTimeoutMs }: ResourceSettings): void {
    const state = this.#state;
    state.lending.timeoutMs = failureTimeoutMs;
    state.work.stopRetryMax = stopRetryMax;
    if (failback !== 'legacy' && state.failback !== 'legacy') state.failback = failback;
    this.#state.changes.read(groups);
    if (state.phase === 'waiting') this.#state.changes.applyAtOnce();
    else this.#decide(now);
  }

  get atRest(): boolean {
    const { phase, work } = this.#state;
    return phase === 'waiting' || (phase === 'stable' && this.#standby.idle && !work.busy && !this.#state.changes.waiting);
  }

  get held(): HeldResources {
    const state = this.#state;
    return state.phase === 'waiting' ? state.expected : state.heldAs(state.claimed);
  }

  // --- commands ---

  standby(now: Now, word: ResourceSetWord | 'failback'): string | undefined {
    return this.#requests.standby(now, word);
  }

  takeover(now: Now, word: ResourceSetWord | 'failback'): string | undefined {
    return this.#requests.takeover(now, word);
  }

  clearFailures(now: Now, key: string): string | undefined {
    return this.#requests.clearFailures(now, key);
  }

  stop(now: Now): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#decide(now);
  }

  // --- time ---

  nextAlarm(): Instant | undefined {
    const { phase, work } = this.#state;
    // While scripts run nothing is decided, their end asks again; and who stops decides nothing any more.
    const decides = phase === 'stable' && !this.#stopping && !work.busy;
    const records = this.#standby.idle ? this.#state.lending.nextAlarm() : undefined;
    const decisions = decides ? [this.#orphans.nextAlarm(), this.#heal.nextAlarm(), records] : [];
    return earliest([work.nextAlarm(), this.#standby.nextAlarm(), this.#asking.nextAlarm(), ...decisions]);
  }

  alarm(now: Now): void {
    this.#state.work.alarm(now);
    this.#standby.alarm(now);
    this.#asking.alarm(now);
    this.#decideAndTell(now);
  }

  rscstatus(): ResourceSetWord | 'transition' {
    const { phase, work } = this.#state;
    return phase !== 'stable' || work.busy || !this.#standby.idle ? 'transition' : toWord(shownSet(this.#state));
  }

  groupStatus(at?: Instant): GroupStatus[] {
    return this.#state.groupStatus(at);
  }

  // --- the peer's messages ---

  #peerStarting(now: Now, message: ResourceMessage): void {
    const state = this.#state;
    state.peer.startingGeneration = message.generation;
    state.peer.speaksOurs ||= message.get('hbd_v') !== undefined;
    // One that was lost, and comes after what followed it, is answered and changes nothing.
    if (message.seq > state.peer.seq) {
      state.peer.stable = false;
      state.peer.left = false;
    }
    // A restart of ours in place has hidden its death, or its leave, from us; it has not if it restarts in place, too.
    const newcomer = message.get('hbd_held') === undefined;
    if (state.phase === 'starting' && state.inherited !== undefined && newcomer) state.needsFailback = true;
    this.#sendResource();
    this.#asking.peerActive(now);
  }

  #peerResource(now: Now, message: ResourceMessage): void {
    const { peer, port } = this.#state;
    const counts = hearResource(peer, message, port);
    if (counts) this.#asking.hear(message);
    if (counts) this.#state.epochs.heard();
    // It was away, or believed us to be: it needs to know what we hold, and may have missed when we said so.
    this.absence.answer((field) => message.get(field));
    if (!counts) return;
    this.absence.heard(now, message.get('hbd_dead'));
    if (message.get('info') === 'standby') this.#standby.peerReleases(now);
    const stable = message.get('isstable');
    if (stable === '0') peer.stable = false;
    if (stable === '1') {
      if (peer.speaksOurs) this.#standby.peerSettled(now, message.seq);
      if (!peer.stable) {
        peer.stable = true;
        port.note('remoteTransitionDone');
        // Where the decision follows at once it says more.
        if (!peer.answered || !this.#undecided || this.#state.work.busy) this.#sendResource();
      }
    }
    this.#decideAndTell(now);
  }

  #peerLeft(now: Now, message: ResourceMessage): void {
    const state = this.#state;
    state.port.note('shutdownNotice', { node: message.from });
    state.elsewhere.peerGone();
    state.lending.peerGone();
    state.peer = { ...unknownPeer(), left: true, told: true, speaksOurs: state.peer.speaksOurs, seq: message.seq };
    this.#heal.forget(now);
    this.#standby.cancel();
    if (state.phase === 'shutdown' || this.#stopping) state.port.note('takeoverCancelled');
    else if (state.phase !== 'waiting') this.#takeFromPeer(now, 'left');
  }

  // --- moves ---

  #sendResource(more: ResourceNews = {}): void {
    const state = this.#state;
    // The peer starts its groups on our word, so there is none until the scripts have told what runs here.
    this.#owesWord = !this.#state.probed;
    if (this.#owesWord) return;
    state.sendResource(state.work.busy || !this.#standby.idle || this.#undecided, more);
  }

  /** Found running, or left by a life in this place, and not claimed yet: a 3.0.6 peer sees claims alone, and would start it. */
  get #undecided(): boolean {
    const { claimed, phase, running } = this.#state;
    return phase === 'starting' && !isEmpty(without(running, claimed));
  }

  /** Not before the scripts have told what runs here already. */
  #takeFromPeer(now: Now, cause: TakeoverCause): void {
    if (this.#state.phase === 'starting' && !this.#state.probed) return;
    this.#moves.takeFromPeer(now, cause);
  }

  /** A script run or a handshake has ended: say where we stand, then see what follows. */
  #settled(now: Now): void {
    if (this.#state.phase === 'shutdown') return;
    this.#sendResource();
    this.#decide(now);
  }

  // --- the one place that decides ---

  /** The peer waits for our word on groups that one of us serves for the other, also while scripts run here. */
  #decideAndTell(now: Now, clear?: string): void {
    if (clear !== undefined) this.#sendResource({ clear });
    this.#decide(now);
    const { lending, phase } = this.#state;
    if ((phase === 'starting' || phase === 'stable') && lending.owesWord) this.#sendResource();
  }

  #decide(now: Now): void {
    const state = this.#state;
    if (state.phase === 'waiting') {
      if (this.#stopping) this.#ending.begin(now);
      return;
    }
    if (state.phase === 'shutdown') return;
    if (this.#stopping) {
      this.#ending.begin(now);
      return;
    }
    if (!this.#state.probed) return;
    // Also while scripts run: the claim falls at once, and what was to be started of it is not.
    if (state.phase === 'stable') this.#heal.decide(now);
    if (state.work.busy) return;
    if (state.phase === 'starting') this.#decideStart(now);
    else if (!this.#standby.idle || !(this.#upkeep.decide(now) || state.lending.decide(now, (later) => this.#settled(later)))) {
      this.#failback.decide(now);
      this.#handOn.decide(now);
      this.#orphans.decide(now);
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
    state.lending.adopt();
    // We are the newcomer: what the peer holds and we found running is the peer's, at once.
    if (this.#foundDoubled.giveUp(now)) return;
    if (this.#upkeep.giveDoubled(now, 'newcomer')) return;
    // The rest of what was found is ours, and said so: where both run the other one's, each waits for that word. What a
    // life in this place has left us is said, too: a peer that starts just now has asked a life that is over.
    if (!isEmpty(without(state.running, state.claimed))) {
      this.#foundDoubled.claimRest();
      this.#sendResource();
    }
    const found = state.groups.filter((group) => state.ownership.owns(group));
    if (state.peerMayHold.local) {
      // Claimed there, or still on its way out there. In the first case it stays until a failback.
      if (!peer.holds.local) return;
      state.phase = 'stable';
      state.port.note('localAcquiredNone');
      this.#initial.settled('T_RESOURCES(them)');
      this.#moves.complete(now, found);
      return;
    }
    // `isstable=0` from a 3.0.6 node may hide a release that is still running; one of ours would say so.
    if (!peer.stable && peer.runs === undefined) return;
    this.#moves.takeOwn(now, 'T_RESOURCES(us)');
    // Groups of the peer that were found running: made whole, then handed back by the usual failback.
    const foreign = found.filter((group) => state.ownership.sideOf(group) === 'foreign');
    if (foreign.length > 0) this.#moves.complete(now, foreign);
  }
}
