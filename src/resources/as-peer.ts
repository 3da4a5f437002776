import type { Instant, Now } from '../contracts/basics.ts';
import type { AutoFailback } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';
import type { GroupStatus, ResourceSetWord } from '../contracts/status.ts';
import { type Absence, clearFailures, type ResourceControl, type ResourceMessage, type ResourceSettings } from './control.ts';
import { LegacyFailback } from './legacy.ts';
import { NiceFailback } from './nice.ts';
import type { ResourceState } from './state.ts';

/** Requests of a 3.0.6 node that came while scripts still ran: it asks once for each group (wire-protocol 7.3). */
const KEPT_MAX = 100;

/**
 * `nice_failback on`: what its writer meant is that resources stay where they are, `auto_failback off`; 3.0.6 reads it as
 * `legacy`. So this node works as its peer does, `off` while it is alone. When the peer is replaced by one of the other
 * kind, this node changes over as in a restart in place: it begins anew with what it holds, and stops nothing.
 */
export class AsPeer implements ResourceControl {
  readonly #state: ResourceState;
  #control: ResourceControl;
  #stopping = false;
  /** Communication is up, and the peer has not said yet what it is. */
  #activates = false;
  #kept: ResourceMessage[] = [];

  constructor(state: ResourceState) {
    this.#state = state;
    state.failback = 'off';
    this.#control = new NiceFailback(state);
  }

  // --- which of the two ---

  /** What the peer does, as long as it lives; nobody there says nothing new. */
  get #wanted(): 'off' | 'legacy' {
    const peer = this.#state.peerView();
    if (peer === undefined || peer.legacy === undefined || peer.status === 'dead') return this.#mode;
    return peer.legacy ? 'legacy' : 'off';
  }

  get #mode(): 'off' | 'legacy' {
    return this.#state.failback === 'legacy' ? 'legacy' : 'off';
  }

  #follow(now: Now): void {
    const wanted = this.#wanted;
    const { phase, work } = this.#state;
    if (wanted === this.#mode || this.#stopping || work.busy || phase === 'shutdown') return;
    const active = phase !== 'waiting';
    this.#begin(wanted);
    if (active) this.#control.activate(now);
    if (active && this.#state.peerView()?.status === 'active') this.#control.peerActive(now);
    const kept = this.#kept;
    this.#kept = [];
    for (const message of kept) this.#control.message(now, message);
  }

  #begin(mode: 'off' | 'legacy'): void {
    const state = this.#state;
    const before = state.phase === 'waiting' ? state.inherited : state.heldAs(state.occupied);
    state.port.note('followsPeer', { mode, node: state.peerView()?.name ?? '' });
    state.beginAnew(mode, before);
    this.#control = mode === 'legacy' ? new LegacyFailback(state) : new NiceFailback(state);
  }

  // --- what both do ---

  activate(now: Now): void {
    this.#follow(now);
    const peer = this.#state.peerView();
    // It is there, by a message of another kind: its next status, a keepalive away, tells what it is, or it dies.
    this.#activates = peer !== undefined && peer.legacy === undefined && peer.status !== 'dead';
    if (!this.#activates) this.#control.activate(now);
  }

  peerSpoke(now: Now): void {
    this.#follow(now);
    this.#activateNow(now);
  }

  peerDied(now: Now): void {
    this.#kept = [];
    this.#control.peerDied(now);
    this.#activateNow(now);
  }

  #activateNow(now: Now): void {
    if (!this.#activates) return;
    this.#activates = false;
    this.#control.activate(now);
  }

  peerReturned(now: Now): void {
    this.#control.peerReturned(now);
  }

  peerAppeared(now: Now): void {
    this.#control.peerAppeared(now);
  }

  peerRestarted(now: Now): void {
    this.#kept = [];
    this.#control.peerRestarted(now);
  }

  newsAstray(now: Now): void {
    this.#control.newsAstray(now);
  }

  peerActive(now: Now): void {
    this.#control.peerActive(now);
  }

  message(now: Now, message: ResourceMessage): void {
    this.#follow(now);
    if (this.#wanted === this.#mode) this.#control.message(now, message);
    else if (message.type === 'shutdone') this.#control.message(now, message);
    else if (message.type === 'ip-request' && this.#kept.length < KEPT_MAX) this.#kept.push(message);
  }

  get absence(): Absence {
    return this.#control.absence;
  }

  configure(now: Now, settings: ResourceSettings): void {
    this.#control.configure(now, settings);
  }

  standby(now: Now, set: ResourceSetWord | 'failback'): string | undefined {
    return this.#control.standby(now, set);
  }

  takeover(now: Now, set: ResourceSetWord | 'failback'): string | undefined {
    return this.#control.takeover(now, set);
  }

  stop(now: Now): void {
    this.#stopping = true;
    this.#control.stop(now);
  }

  alarm(now: Now): void {
    this.#control.alarm(now);
    this.#follow(now);
  }

  nextAlarm(): Instant | undefined {
    return this.#control.nextAlarm();
  }

  get atRest(): boolean {
    return this.#control.atRest && this.#wanted === this.#mode;
  }

  get failback(): AutoFailback {
    return this.#state.failback;
  }

  get held(): HeldResources {
    return this.#control.held;
  }

  clearFailures(now: Now, key: string): string | undefined {
    return clearFailures(this.#control, now, key);
  }

  rscstatus(): ResourceSetWord | 'transition' {
    return this.#control.rscstatus();
  }

  groupStatus(at?: Instant): GroupStatus[] {
    return this.#control.groupStatus(at);
  }
}
