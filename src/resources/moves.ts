import type { Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import { eventFields } from './event-fields.ts';
import type { InitialNotes } from './initial-notes.ts';
import { EVERYTHING, type SideSet } from './ownership.ts';
import type { ResourceState } from './state.ts';
import { type TakeoverCause, tellTakeover } from './takeover-notes.ts';

/** What a node takes up or gives up by itself, without a handshake (wire-protocol 7.3, 7.6, 7.7). It decides nothing. */
export class Moves {
  readonly #state: ResourceState;
  readonly #initial: InitialNotes;
  /** Everything moves no more: tell the peer and look for the next thing to do. */
  readonly #settled: (now: Now) => void;

  constructor(state: ResourceState, initial: InitialNotes, settled: (now: Now) => void) {
    this.#state = state;
    this.#initial = initial;
    this.#settled = settled;
  }

  /** Everything of the peer's and our own, because nobody else is there to hold it (wire-protocol 7.6, 7.7). */
  takeFromPeer(now: Now, cause: TakeoverCause): void {
    const state = this.#state;
    const { port, work } = state;
    const node = state.peerView()?.name ?? '';
    tellTakeover(state, cause);
    state.needsFailback = true;
    const had = state.claimed;
    state.phase = 'stable';
    state.ownership.claim(EVERYTHING, state.groups);
    if (cause !== 'died') state.epochs.confirm(state.groups);
    for (const group of state.groupsIn({ local: false, foreign: true })) {
      if (work.state(group) !== 'running') port.note('takingOverGroup', { key: group.key });
    }
    this.#take(now, state.groups, 'event', (later) => {
      if (!had.foreign) {
        port.note('foreignAcquired');
        port.note('machDownDone', { node });
        port.note('machDownComplete');
      }
      if (!had.local) this.#initial.localAcquired();
      this.#initial.settled('mach_down');
      this.#settled(later);
    });
  }

  takeOwn(now: Now, reason: string): void {
    const state = this.#state;
    const local = { local: true, foreign: false };
    state.phase = 'stable';
    state.ownership.claim(local, state.groups);
    this.#take(now, state.groupsIn(local), 'event', (later) => {
      this.#initial.localAcquired();
      this.#initial.settled(reason);
      this.#settled(later);
    });
  }

  /** The peer's groups, which it has given away to nobody. It stays away from them: no failback follows. */
  takeTheirs(now: Now): void {
    const state = this.#state;
    const foreign = { local: false, foreign: true };
    state.ownership.claim(foreign, state.groups);
    this.#take(now, state.groupsIn(foreign), 'found', this.#settled);
  }

  /** Single groups of our own that nobody holds. */
  takeGroups(now: Now, groups: readonly ResourceGroup[]): void {
    this.#state.ownership.claimGroups(groups);
    this.#take(now, groups, 'event', this.#settled);
  }

  /** Groups that are ours already are made whole: no event is behind it whose fields the scripts could get. */
  complete(now: Now, groups: readonly ResourceGroup[]): void {
    this.#take(now, groups, 'found', this.#settled);
  }

  giveUp(now: Now, set: SideSet, info: string): void {
    const state = this.#state;
    state.ownership.drop(set, state.groups);
    this.#release(
      now,
      state.everyGroup.filter((group) => state.ownership.inSet(group, set)),
      info,
    );
  }

  /** The same for single groups. */
  giveUpGroups(now: Now, groups: readonly ResourceGroup[], info: string): void {
    const state = this.#state;
    state.ownership.dropGroups(groups, state.groups);
    this.#release(now, groups, info);
  }

  /** What of these runs here is stopped, but for what the peer could not start. */
  #release(now: Now, groups: readonly ResourceGroup[], info: string): void {
    const { lending, work } = this.#state;
    const running = groups.filter((group) => work.mayRun(group));
    const staying = running.filter((group) => lending.keeps(group));
    lending.keep(staying);
    // Said first: where nothing runs the end of it is said at once.
    this.#state.sendResource(true, { info });
    work.giveAddressesFirst(
      now,
      running.filter((group) => !staying.includes(group)),
      this.#settled,
    );
  }

  #take(now: Now, groups: readonly ResourceGroup[], why: 'event' | 'found', finished: (now: Now) => void): void {
    const env = why === 'event' ? eventFields(this.#state) : () => ({});
    this.#state.take(now, groups, { env }, finished);
  }
}
