import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { GroupStatus, ResourceSetWord } from '../contracts/status.ts';
import type { ResourceControl, ResourceMessage } from './control.ts';
import { eventFields, scriptEnv } from './event-fields.ts';
import { releaseEverything } from './release.ts';
import type { ResourceState } from './state.ts';
import { tellTakeover } from './takeover-notes.ts';
import type { ScriptEnv } from './work.ts';

/** An `ip-request` without an answer is said again at this pace, so that a lost answer delays and does not block. */
const ASK_AGAIN_MS = 2000;

/**
 * `auto_failback legacy` (wire-protocol 7.8): no sets, no handshake. A node asks the other for each of its own
 * groups by key (`ip-request`); the other gives the group up if it runs it and answers; the asker then starts it.
 * The peer's groups are taken when it dies or leaves.
 */
export class LegacyFailback implements ResourceControl {
  readonly #state: ResourceState;
  /** Own groups asked for and not granted yet. */
  readonly #asked = new Set<string>();
  #askAgainAt: Instant | undefined;
  #stopping = false;
  #initialTold = false;

  constructor(state: ResourceState) {
    this.#state = state;
  }

  activate(now: Now): void {
    // Asked to stop while communication came up: there is nothing to join any more.
    if (this.#state.phase !== 'waiting') return;
    this.#state.phase = 'starting';
    this.#state.work.probe(now, this.#state.groups, (later) => this.#begin(later));
  }

  #begin(now: Now): void {
    this.#state.phase = 'stable';
    if (this.#stopping) this.#beginShutdown(now);
    else if (this.#state.peerPresent) {
      this.#releaseForeign(now);
      this.#askForOwn(now);
    } else this.#takeAll(now);
  }

  peerDied(now: Now): void {
    const { peer, phase } = this.#state;
    const { left } = peer;
    peer.left = false;
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
    this.#state.peer.left = false;
  }

  peerActive(now: Now): void {
    if (this.#asked.size > 0) this.#askForOwn(now);
  }

  message(now: Now, message: ResourceMessage): void {
    if (this.#state.phase !== 'stable') return;
    if (message.type === 'ip-request') this.#peerAsks(now, message);
    else if (message.type === 'ip-request-resp') this.#peerAnswers(now, message);
    else if (message.type === 'shutdone') this.#peerLeft(now, message);
    else if (message.type === 'ask_resources') this.#state.port.note('standbyLegacy');
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
    const work = this.#state.work.nextAlarm();
    if (work === undefined || this.#askAgainAt === undefined) return work ?? this.#askAgainAt;
    return Math.min(work, this.#askAgainAt);
  }

  alarm(now: Now): void {
    this.#state.work.alarm(now);
    if (this.#askAgainAt !== undefined && now.at >= this.#askAgainAt) this.#askAgain(now);
  }

  /** Always `none`, as 3.0.6 answers in this mode (tools 3). */
  rscstatus(): ResourceSetWord {
    return 'none';
  }

  groupStatus(): GroupStatus[] {
    return this.#state.groupStatus();
  }

  // --- asking ---

  #releaseForeign(now: Now): void {
    const foreign = { local: false, foreign: true };
    const held = this.#state.groupsIn(foreign).filter((group) => this.#state.work.mayRun(group));
    this.#state.ownership.drop(foreign, held);
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
    if (granted.length > 0) this.#take(now, granted, 'ip-request-resp', scriptEnv(this.#state, message.fields?.() ?? {}));
  }

  #peerAsks(now: Now, message: ResourceMessage): void {
    const key = message.get('ipaddr') ?? '';
    const { work, ownership } = this.#state;
    // Only a group that is not homed here can be asked away.
    const wanted = this.#state.groups.filter((group) => group.key === key && ownership.sideOf(group) === 'foreign');
    const held = wanted.filter((group) => work.mayRun(group));
    const answer = (weown: string) =>
      this.#state.port.send('ip-request-resp', [
        ['dest', message.from],
        ['ipaddr', key],
        ['weown', weown],
        ['ok', 'OK'],
      ]);
    if (held.length === 0 && !work.busy) {
      answer('no');
      return;
    }
    // Dropped first: a take that is under way starts no more of it.
    ownership.drop({ local: false, foreign: true }, wanted);
    const released = (later: Now) => {
      answer('yes');
      this.#idle(later);
    };
    work.give(now, wanted, released, scriptEnv(this.#state, message.fields?.() ?? {}));
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
      ownership.claim({ local: true, foreign: true }, [group]);
      if (ownership.sideOf(group) === 'foreign' && work.state(group) !== 'running') port.note('takingOverGroup', { key: group.key });
    }
    const env = granted === undefined ? eventFields(this.#state) : () => granted;
    this.#state.take(now, groups, { failed: () => undefined, env }, (later) => {
      port.note('localAcquired');
      if (!this.#initialTold) port.note('initialAcquisition', { reason });
      this.#initialTold = true;
      this.#idle(later);
    });
  }

  // --- the end ---

  #idle(now: Now): void {
    if (this.#stopping) this.#tryShutdown(now);
  }

  #tryShutdown(now: Now): void {
    const { phase, work, port } = this.#state;
    if (phase === 'shutdown') return;
    if (work.busy) port.note('shutdownDelayed');
    else this.#beginShutdown(now);
  }

  #beginShutdown(now: Now): void {
    releaseEverything(this.#state, now, () => undefined);
  }
}
