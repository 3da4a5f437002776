import { assertNever } from '../base/assert.ts';
import { COMPATIBLE_VERSION } from '../base/version.ts';
import type { ProgramKeeper } from '../clients/programs.ts';
import { Membership } from '../cluster/membership.ts';
import { Roster } from '../cluster/roster.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { CallId, Instant, JobId, MediumId, Now, Random } from '../contracts/basics.ts';
import type { Compressors } from '../contracts/compressor.ts';
import type { Config } from '../contracts/config.ts';
import type { CommandRequest, Effect, Engine, HeldResources, Input } from '../contracts/engine.ts';
import type { DurableRecord, ScriptOutcome } from '../contracts/host.ts';
import type { StatusSnapshot } from '../contracts/status.ts';
import type { Message } from '../protocol/message.ts';
import { NO_COMPRESSORS } from '../protocol/packing.ts';
import { scriptFields } from '../protocol/script-fields.ts';
import { commandResources, type ResourceControl, type ResourceRequest } from '../resources/control.ts';
import type { ResourcePort } from '../resources/port.ts';
import { ClientSide } from './client-side.ts';
import { Events } from './events.ts';
import { Inbox } from './inbox.ts';
import { Joining } from './joining.ts';
import { Leaving } from './leaving.ts';
import { MediaState } from './media-state.ts';
import { Members } from './members.ts';
import { Notes } from './notes.ts';
import { Outbox } from './outbox.ts';
import { type PeerParts, Peers } from './peers.ts';
import { createPrograms } from './programs.ts';
import { createResourceSide } from './resource-side.ts';
import { Restarting } from './restarting.ts';
import { takeSnapshot } from './snapshot.ts';

const NOT_ACTIVE = 'heartbeat is not active yet';

/**
 * One node's cluster logic: the parts joined into one step function. It reads no clock, opens nothing and
 * waits for nothing; what it wants done comes back as effects, in order.
 */
class ClusterEngine implements Engine {
  readonly #record: DurableRecord;
  readonly #membership: Membership;
  readonly #roster: Roster;
  readonly #members: Members;
  readonly #notes: Notes;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #joining: Joining;
  readonly #leaving: Leaving;
  readonly #restarting: Restarting;
  readonly #resources: ResourceControl | undefined;
  readonly #clients: ClientSide;
  readonly #events: Events;
  readonly #programs: ProgramKeeper;
  readonly #jobs = new Map<JobId, (now: Now, outcome: ScriptOutcome) => void>();
  readonly #media: MediaState;
  #config: Config;
  #effects: Effect[] = [];
  #now: Now;
  #steppedAt: Instant;
  #nextJob: JobId = 1;
  #stopping = false;

  constructor(
    config: Config,
    record: DurableRecord,
    random: Random,
    catalog: AuthCatalog,
    now: Now,
    compressors: Compressors,
    held?: HeldResources,
    epochs?: string,
  ) {
    this.#config = config;
    this.#record = record;
    this.#now = now;
    this.#steppedAt = now.at;
    const effects = (effect: Effect) => this.#effects.push(effect);
    this.#notes = new Notes(effects);
    this.#media = new MediaState(config, this.#notes);
    this.#events = new Events(effects, () => ({
      config: this.#config,
      failback: this.#resources?.failback ?? this.#config.autoFailback,
      ownStatus: this.#joining.status,
      stopping: this.#stopping,
    }));
    this.#programs = createPrograms(config.programs, effects, this.#notes);
    this.#restarting = new Restarting(this.#notes, this.#programs, effects);
    const peers = new Peers(() => parts);
    this.#membership = new Membership(config, now.at, random, {
      note: (code, facts) => {
        this.#notes.note(code, facts);
        this.#events.noted(code, facts);
      },
      appeared: (at, node) => peers.appeared(at, node),
      restarted: (at, node) => peers.restarted(at, node),
      changed: (at, node) => peers.changed(at, node),
      died: (at, node) => peers.died(at, node),
      returned: (at, node) => peers.returned(at, node),
      linkChanged: (node, link, status) => this.#clients.linkChanged(node.name, link, status),
    });
    const [membership, notes] = [this.#membership, this.#notes];
    const posted = (message: Message) => {
      this.#clients.sent(message);
      this.#events.posted(message, this.#outbox);
    };
    const roster = new Roster(membership, config.nodes, {
      note: (code, facts) => notes.note(code, facts),
      removed: (at, node) => peers.removed(at, node),
      partnerChanged: (at) => this.#resources?.peerRestarted(at),
    });
    this.#roster = roster;
    this.#outbox = new Outbox({ config, record, catalog, compressors, membership, notes, effects, now, posted });
    this.#members = new Members({ membership, roster, outbox: this.#outbox, notes, stop: (at) => this.#stop(at) });
    this.#inbox = new Inbox({
      config,
      catalog,
      compressors,
      membership,
      roster,
      outbox: this.#outbox,
      notes,
      deliver: (at, node, header, message) => peers.deliver(at, node, header, message),
      newsAstray: (at, node) => peers.newsAstray(at, node),
      heard: (message, treatment) => this.#clients.heard(message, treatment),
      loopedBack: (message) => this.#clients.loopedBack(message),
    });
    this.#joining = new Joining({
      config,
      membership,
      roster,
      outbox: this.#outbox,
      notes,
      active: (at) => {
        this.#resources?.activate(at);
        if (!this.#stopping) this.#programs.activate(at);
      },
    });
    this.#leaving = new Leaving(this.#membership, this.#outbox, this.#programs, () => {
      this.#notes.note('shutdownComplete', { node: this.#config.self });
      this.#effects.push({ kind: 'exit', status: 0 });
    });
    this.#resources = createResourceSide({
      config,
      generation: record.generation,
      port: this.#resourcePort(),
      partner: () => this.#roster.partner,
      held,
      epochs,
    });
    this.#clients = new ClientSide({
      now: () => this.#now,
      config: () => this.#config,
      catalog,
      membership,
      outbox: this.#outbox,
      notes,
      effect: effects,
      command: (at, request) => this.#resourceCommand(at, request),
      members: this.#members,
      active: () => this.#joining.status === 'active',
      status: () => this.#status(),
    });
    const parts: PeerParts = {
      membership,
      roster,
      notes,
      outbox: this.#outbox,
      joining: this.#joining,
      members: this.#members,
      events: this.#events,
      clients: this.#clients,
      resources: this.#resources,
    };
  }

  step(now: Now, input: Input): readonly Effect[] {
    this.#effects = [];
    this.#now = now;
    this.#outbox.at(now);
    this.#lookAtGap(now);
    this.#take(now, input);
    this.#clients.drain(now);
    // The others learn at once by which key we are known from now on.
    if (this.#outbox.keys.changed()) this.#joining.sendStatus();
    this.#leaving.look(now);
    this.#restarting.look(now, this.#resources, this.#outbox.opened);
    return this.#effects;
  }

  /** There is a step each keepalive at least, for our own beat; where there was none we got no time. */
  #lookAtGap(now: Now): void {
    const { keepaliveMs, warntimeMs, self } = this.#config;
    const gapMs = now.at - this.#steppedAt;
    this.#steppedAt = now.at;
    if (!this.#outbox.opened || gapMs <= 2 * keepaliveMs) return;
    this.#membership.stoodStill(now);
    if (gapMs > warntimeMs) this.#notes.note('lateHeartbeat', { node: self, intervalMs: Math.round(gapMs) });
  }

  nextAlarm(): Instant | undefined {
    let next: Instant | undefined;
    const parts = this.#outbox.opened
      ? [
          this.#joining,
          this.#membership,
          this.#inbox,
          this.#notes,
          this.#leaving,
          this.#programs,
          this.#restarting,
          ...(this.#resources === undefined ? [] : [this.#resources]),
        ]
      : [this.#joining];
    for (const part of parts) {
      const at = part.nextAlarm();
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  #take(now: Now, input: Input): void {
    switch (input.kind) {
      case 'started':
        this.#notes.note('version', { version: COMPATIBLE_VERSION });
        this.#notes.note('generation', { generation: this.#record.generation });
        if (this.#config.nodes.length > 2) this.#notes.note('moreThanTwoNodes', { count: this.#config.nodes.length });
        this.#effects.push({ kind: 'save', record: this.#record });
        this.#joining.started(now);
        break;
      case 'saved':
        this.#joining.saved(now);
        break;
      case 'saveFailed':
        this.#notes.note('saveFailed', { detail: input.fault.detail });
        this.#effects.push({ kind: 'exit', status: 1 });
        break;
      case 'alarm':
        this.#alarm(now);
        break;
      case 'frame':
        this.#frame(now, input.medium, input.bytes, input.from);
        break;
      case 'mediumOpened':
        this.#media.opened(input.medium);
        this.#joining.mediumSettled(now, input.medium);
        break;
      case 'mediumFailed':
        this.#media.failed(input.medium, input.fault);
        this.#joining.mediumSettled(now, input.medium);
        break;
      case 'scriptEnded': {
        const ended = this.#jobs.get(input.job);
        this.#jobs.delete(input.job);
        ended?.(now, input.outcome);
        break;
      }
      case 'command':
        this.#command(now, input.call, input.request);
        break;
      case 'configured':
        this.#configure(now, input.config);
        this.#programs.configure(now, input.config.programs);
        break;
      case 'localMessage':
      case 'clientConnected':
      case 'clientMessage':
      case 'clientGone':
        this.#clients.input(now, input);
        break;
      case 'restartAsked':
        if (!this.#stopping) this.#restarting.ask();
        break;
      case 'programEnded':
        this.#programs.ended(now, input.program, input.outcome);
        break;
      case 'stopAsked':
        this.#stop(now);
        break;
      default:
        assertNever(input);
    }
  }

  #frame(now: Now, id: MediumId, bytes: Uint8Array, from: string): void {
    const medium = this.#media.find(id);
    // Before the generation is on disk nothing can be answered; the peers say everything again.
    if (medium !== undefined && this.#outbox.opened) this.#inbox.frame(now, medium, bytes, from);
  }

  #alarm(now: Now): void {
    this.#joining.alarm(now);
    if (!this.#outbox.opened) return;
    this.#membership.alarm(now);
    this.#joining.look(now);
    this.#inbox.askForMissing(now);
    this.#resources?.alarm(now);
    this.#programs.alarm(now);
    this.#notes.alarm(now);
  }

  #stop(now: Now): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#restarting.cancel();
    if (this.#resources === undefined) this.#leaving.begin(now);
    else this.#resources.stop(now);
  }

  /** Of a reload: all but our name and the kind of resource side. Nodes and media come and go without a missed beat. */
  #configure(now: Now, config: Config): void {
    const { self, autoFailback, niceFailback, manageResources } = this.#config;
    const failback = autoFailback === 'legacy' || config.autoFailback === 'legacy' ? autoFailback : config.autoFailback;
    this.#config = { ...config, self, autoFailback: failback, niceFailback, manageResources };
    this.#media.configure(config);
    this.#membership.configure(this.#config);
    this.#outbox.configure(this.#config);
    this.#inbox.configure(this.#config);
    this.#joining.configure(this.#config);
    this.#roster.configure(now, config.nodes);
    if (this.#resources === undefined && manageResources && config.nodes.length <= 2) this.#notes.note('noResourcesUntilRestart');
    this.#resources?.configure(now, {
      groups: config.groups,
      failback,
      stopRetryMax: config.stopRetryMax,
      failureTimeoutMs: config.failureTimeoutMs,
    });
  }

  // --- resources ---

  #resourcePort(): ResourcePort {
    return {
      note: (code, facts) => this.#notes.note(code, facts),
      send: (type, fields) => this.#outbox.send(type, fields),
      unsent: (type, fields) => scriptFields(this.#outbox.unsent(type, fields)),
      tell: (type, fields) => this.#events.unsent(type, fields),
      run: (job, ended) => {
        const id = this.#nextJob;
        this.#nextJob += 1;
        this.#jobs.set(id, ended);
        this.#effects.push({ kind: 'runScript', job: { ...job, id } });
      },
      announce: (address) => this.#effects.push({ kind: 'announce', address }),
      silence: (address) => this.#effects.push({ kind: 'silence', address }),
      now: () => this.#now.at,
      keepEpochs: (text) => this.#effects.push({ kind: 'keepEpochs', text }),
      resetHost: (reason) => this.#effects.push({ kind: 'resetHost', reason }),
      released: () => this.#leaving.begin(this.#now),
    };
  }

  #command(now: Now, call: CallId, request: CommandRequest): void {
    if (request.name === 'status') {
      this.#effects.push({ kind: 'reply', call, result: { ok: true, status: this.#status() } });
      return;
    }
    const moves = request.name === 'standby' || request.name === 'takeover' || request.name === 'clearfailure';
    const refusal =
      this.#joining.status !== 'active' ? NOT_ACTIVE : moves ? this.#resourceCommand(now, request) : this.#members.command(now, request);
    this.#effects.push({ kind: 'reply', call, result: refusal === undefined ? { ok: true } : { ok: false, reason: refusal } });
  }

  #status(): StatusSnapshot {
    return takeSnapshot({
      at: this.#now.at,
      config: this.#config,
      generation: this.#record.generation,
      state: this.#stopping ? 'stopping' : this.#joining.status,
      membership: this.#membership,
      resources: this.#resources,
      counters: this.#notes.counters,
      keys: this.#outbox.keys,
    });
  }

  #resourceCommand(now: Now, request: ResourceRequest): string | undefined {
    if (this.#resources === undefined)
      return this.#config.manageResources ? 'resources move between two nodes only' : 'heartbeat runs with -M';
    return commandResources(this.#resources, now, request);
  }
}

/**
 * `now` is the moment of the start: the waiting for absent nodes begins with it.
 * Compressed messages are understood as far as `compressors` goes; the rest is refused.
 * `held`: what a life of this daemon before this one, in its place, has left running.
 * `epochs`: what a `keepEpochs` of an earlier life wrote.
 */
export function createEngine(
  config: Config,
  record: DurableRecord,
  random: Random,
  catalog: AuthCatalog,
  now: Now,
  compressors: Compressors = NO_COMPRESSORS,
  held?: HeldResources,
  epochs?: string,
): Engine {
  return new ClusterEngine(config, record, random, catalog, now, compressors, held, epochs);
}
