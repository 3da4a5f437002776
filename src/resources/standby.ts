import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceSetWord } from '../contracts/status.ts';
import type { ResourceMessage } from './control.ts';
import { fromWord, isEmpty, mirrored, type SideSet, toWord, without } from './ownership.ts';
import type { ResourceState } from './state.ts';

/** No reply to a request: cancelled (wire-protocol 7.4). */
const REPLY_MS = 10_000;
/** The giver has our offer and has begun to release, or it never will: it waits REPLY_MS for the offer. */
const OFFER_MS = 15_000;
/** The giver's scripts may be slow, but not for ever. */
const RELEASE_MS = 3_600_000;

/** What an operator asks for goes to a node that has failed to start it, too: the failures there are cleared. */
type Asker = 'operator' | 'daemon';

/**
 * The handshake by which one node hands a set of groups to the other (wire-protocol 7.4).
 *
 *   giver A:  none --me--> asked --other--> giving --scripts--> given --done from B--> none
 *   taker B:  none --me from A--> offered --done from A--> taking --scripts--> none
 *
 * Sets are from A's viewpoint on the wire and in this file's `set`.
 */
type Handshake =
  | { readonly step: 'none' }
  /** `seq`: the peer's newest number when we asked; its answer comes after. */
  | { readonly step: 'asked'; readonly set: SideSet; readonly deadline: Instant; readonly seq: number; readonly asker: Asker }
  /** `seq` of the offer: what the taker said before it is no word about this move. */
  | { readonly step: 'giving' | 'given'; readonly set: SideSet; readonly seq: number }
  /** `seq` of the request: an older `resource`, delivered late, says nothing about it. */
  | { readonly step: 'offered'; readonly set: SideSet; readonly deadline: Instant; readonly seq: number; readonly asker: Asker }
  | { readonly step: 'taking'; readonly set: SideSet };

/** 3.0.6's numbers for the same steps, for the line people know (log-lines 5). */
const STEP_NUMBER = { none: 0, asked: 1, giving: 1, offered: 2, taking: 2, given: 3 } as const;

const LOCAL_FLUX = 'local resources are in flux: try again when they have settled';

export class Standby {
  readonly #state: ResourceState;
  /** Everything moves no more: tell the peer and look for the next thing to do. */
  readonly #settled: (now: Now) => void;
  #shake: Handshake = { step: 'none' };
  /** Of the set that we give: not these. */
  #stays: readonly ResourceGroup[] = [];
  /** The peer's word that ended the last handshake: an older `done`, delivered late, belongs to that one. */
  #overSeq = 0;

  constructor(state: ResourceState, settled: (now: Now) => void) {
    this.#state = state;
    this.#settled = settled;
  }

  get idle(): boolean {
    return this.#shake.step === 'none';
  }

  /** We wait for the peer in it, and no script of ours runs: nothing is lost when it is dropped. */
  get waitingForReply(): boolean {
    return this.#shake.step === 'asked';
  }

  nextAlarm(): Instant | undefined {
    return this.#shake.step === 'asked' || this.#shake.step === 'offered' ? this.#shake.deadline : undefined;
  }

  alarm(now: Now): void {
    const due = this.nextAlarm();
    if (due === undefined || now.at < due) return;
    this.#state.port.note('standbyTimeout');
    this.#shake = { step: 'none' };
    this.#settled(now);
  }

  /** Why a request of ours would be refused now; undefined when it would be sent. */
  refusal(): string | undefined {
    const { phase, peer, work } = this.#state;
    if (phase === 'shutdown') return 'heartbeat is shutting down';
    if (!this.#state.peerPresent) return 'the other node is not there to take the resources';
    if (!this.idle) return 'a standby is in progress already';
    if (phase !== 'stable' || work.busy) return LOCAL_FLUX;
    if (!peer.stable) return "the other node's resources are in flux: try again when they have settled";
    return undefined;
  }

  /** `hb_takeover`: asks the peer to stand by. Answers why not. */
  askForTakeover(word: ResourceSetWord | 'failback'): string | undefined {
    if (this.#state.phase === 'shutdown') return 'heartbeat is shutting down';
    if (!this.#state.peerPresent) return 'the other node is not there: its resources are here already';
    // The peer would ask us to take them, and we would not answer while something moves here.
    if (!this.idle) return 'a standby is in progress already';
    if (this.#state.phase !== 'stable' || this.#state.work.busy) return LOCAL_FLUX;
    // A 3.0.6 node does not know the word `failback` here and would give up all (wire-protocol 7.4).
    this.#state.port.send('hb_takeover', [['rsc_hold', word === 'failback' ? 'local' : word]]);
    return undefined;
  }

  /** Asks the peer to take `set` (our viewpoint), but for the groups that stay. */
  request(now: Now, set: SideSet, asker: Asker = 'daemon', stays: readonly ResourceGroup[] = []): void {
    this.#stays = stays;
    this.#shake = { step: 'asked', set, deadline: now.at + REPLY_MS, seq: this.#state.peerView()?.lastSeq ?? 0, asker };
    this.#state.port.note('wantsStandby', { node: this.#state.self, set: toWord(set) });
    this.#say(set, 'me', asker === 'operator' ? [['hbd_clear', 'all']] : []);
  }

  /** The peer's `hb_takeover`: it wants what `word` says from its viewpoint. */
  takeoverAsked(now: Now, from: string, word: string | undefined): void {
    // A 3.0.6 node hands `failback` on as it was typed; its own groups are meant.
    const wanted = fromWord(word === 'failback' ? 'local' : word);
    if (wanted === undefined) return;
    const reason = this.refusal();
    if (reason !== undefined) {
      this.#state.port.note('takeoverRefused', { node: from, reason });
      return;
    }
    const set = mirrored(wanted);
    this.#state.port.note('goingStandby', { set: toWord(set) });
    this.request(now, set, 'operator');
  }

  hear(now: Now, message: ResourceMessage): void {
    const clear = message.get('hbd_clear') !== undefined;
    this.heard(now, message.from, message.seq, message.get('rsc_hold'), message.get('info') ?? '', clear);
  }

  /** The peer's `ask_resources`. `clear`: an operator has asked for it. */
  heard(now: Now, from: string, seq: number, word: string | undefined, info: string, clear = false): void {
    const set = fromWord(word);
    if (set === undefined || this.#state.phase === 'shutdown') return;
    const { step } = this.#shake;
    // A word of an earlier move, lost and sent again: taken for one of this move it would start what still runs there.
    if (info !== 'me' && 'seq' in this.#shake && seq <= this.#shake.seq) return;
    if (info === 'me') this.#peerAsks(now, from, seq, set, clear);
    else if (info === 'other' && step === 'asked') this.#give(now, from, seq, this.#shake.set, this.#shake.asker);
    else if (info === 'done' && step === 'offered') this.#take(now, from, seq, this.#shake.set, this.#shake.asker);
    else if (info === 'done' && step === 'given') this.#completed(now, this.#shake.set);
    else if (seq > this.#overSeq) {
      this.#state.port.note('standbyOutOfTurn', { info, node: from, state: STEP_NUMBER[step] });
      // An answer to a request that was dropped: say that nothing moves here, so that the peer drops it too.
      if (step === 'none') this.#settled(now);
    }
  }

  /** The peer died or started anew: whatever was agreed is void. */
  cancel(): void {
    this.#overSeq = 0;
    if (this.idle) return;
    this.#state.port.note('standbyCancelled');
    this.#shake = { step: 'none' };
  }

  /** Its `resource` with `info=standby`: the offer was taken, its scripts run. */
  peerReleases(now: Now): void {
    if (this.#shake.step === 'offered') this.#shake = { ...this.#shake, deadline: now.at + RELEASE_MS };
  }

  /**
   * One of ours says that nothing moves there: an offer that it does not use any more is void, and what it was to
   * take it has, or never will. A 3.0.6 node says so in the middle of a handshake, too.
   */
  peerSettled(now: Now, seq: number): void {
    const shake = this.#shake;
    if ((shake.step !== 'offered' && shake.step !== 'given') || seq < shake.seq) return;
    const taken = shake.step === 'given' && isEmpty(without(shake.set, this.#state.peer.holds));
    if (taken) this.#completed(now, shake.set);
    else this.cancel();
    this.#overSeq = seq;
    if (!taken) this.#settled(now);
  }

  #say(set: SideSet, info: 'me' | 'other' | 'done', more: readonly (readonly [string, string])[] = []): void {
    this.#state.port.send('ask_resources', [
      ['rsc_hold', toWord(set)],
      ['info', info],
      ...(info === 'done' ? [...this.#state.elsewhere.cautions(), ...this.#state.lending.cautions()] : []),
      ...more,
    ]);
  }

  // --- taker ---

  #peerAsks(now: Now, from: string, seq: number, set: SideSet, clear: boolean): void {
    const { port, peer, self } = this.#state;
    // Both asked at once: the lower name goes first, and both know it. A 3.0.6 node lets both run out.
    if (this.#shake.step === 'asked' && peer.speaksOurs && from < self) this.cancel();
    if (!this.idle) {
      const due = this.nextAlarm();
      port.note('standbyBusy', { node: from, seconds: due === undefined ? 0 : Math.ceil((due - now.at) / 1000) });
      return;
    }
    if (this.#state.phase !== 'stable' || this.#state.work.busy) {
      port.note('standbyLocalFlux', { info: 'me', node: from });
      return;
    }
    port.note('wantsStandby', { node: from, set: toWord(set) });
    this.#shake = { step: 'offered', set, deadline: now.at + OFFER_MS, seq, asker: clear ? 'operator' : 'daemon' };
    const { groups, lending, ownership } = this.#state;
    const asked = groups.filter((group) => ownership.inSet(group, mirrored(set)));
    // Said before the offer: the giver must not keep what it believes to have failed here.
    if (clear && lending.clear(asked, 'cleared: an operator moves it here') > 0) this.#state.sendResource(false);
    this.#say(set, 'other');
  }

  #take(now: Now, from: string, seq: number, set: SideSet, asker: Asker): void {
    const { port, peer } = this.#state;
    // Whatever it held before this word is history, should it arrive after it.
    peer.seq = Math.max(peer.seq, seq);
    const ours = mirrored(set);
    const shake: Handshake = { step: 'taking', set };
    this.#shake = shake;
    port.note('standbyAcquire', { set: toWord(set), node: from });
    port.note('acquireSet', { set: toWord(ours) });
    // What somebody has moved here does not go back by itself because of an older takeover.
    if (asker === 'operator' && ours.foreign) this.#state.needsFailback = false;
    this.#state.takeOver(ours);
    if (!peer.speaksOurs) this.#state.elsewhere.released(this.#state.groupsIn(ours));
    peer.holds = without(peer.holds, ours);
    peer.runs = peer.runs && without(peer.runs, ours);
    this.#state.take(now, this.#state.groupsIn(ours), {}, (later) => {
      port.note('acquiredSet', { set: toWord(ours) });
      if (this.#shake === shake) {
        this.#say(set, 'done');
        port.note('standbyAcquired', { set: toWord(set) });
        this.#shake = { step: 'none' };
      }
      this.#settled(later);
    });
  }

  // --- giver ---

  #give(now: Now, from: string, seq: number, set: SideSet, asker: Asker): void {
    const { lending, port, ownership, groups, work } = this.#state;
    const shake: Handshake = { step: 'giving', set, seq };
    this.#shake = shake;
    port.note('standbyCanTake', { node: from, set: toWord(set) });
    const leaving = this.#state.groupsIn(set).filter((group) => !this.#stays.includes(group));
    if (this.#stays.length === 0) ownership.drop(set, groups);
    else ownership.dropGroups(leaving, groups);
    const guests = asker === 'operator' ? [] : leaving.filter((group) => lending.keeps(group));
    lending.keep(guests);
    this.#state.sendResource(true, { info: 'standby' });
    port.note('giveUpSet', { set: toWord(set) });
    const held = leaving.filter((group) => work.mayRun(group) && !guests.includes(group));
    work.give(now, held, (later) => {
      port.note('releasedSet', { set: toWord(set) });
      if (this.#shake !== shake) {
        this.#settled(later);
        return;
      }
      port.note('localStandbyDone', { set: toWord(set) });
      this.#shake = { step: 'given', set, seq };
      this.#say(set, 'done');
    });
  }

  #completed(now: Now, set: SideSet): void {
    this.#state.port.note('otherCompletedStandby', { set: toWord(set) });
    // Its own word for it may still be on the way, and until then nobody would seem to hold the set.
    this.#state.handedOver(set);
    this.#shake = { step: 'none' };
    this.#settled(now);
  }
}
