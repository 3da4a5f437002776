import { textToBytes } from '../../src/base/bytes.ts';
import { renderNote } from '../../src/base/notes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Clock, Instant, Random } from '../../src/contracts/basics.ts';
import type { AuthConfig, AutoFailback, Config, MediumSpec, ResourceGroup } from '../../src/contracts/config.ts';
import type { CommandRequest, CommandResult, HeldResources } from '../../src/contracts/engine.ts';
import type { Journal, ScriptRunner, Store } from '../../src/contracts/host.ts';
import type { Medium } from '../../src/contracts/media.ts';
import type { StatusSnapshot } from '../../src/contracts/status.ts';
import { Driver, type DriverParts } from '../../src/daemon/driver.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { PLAIN_CONFIG } from '../support.ts';
import { SIM_APIAUTH, SimProgram } from './clients.ts';
import { Gate } from './gate.ts';
import { afterOrphans, mortal, SimGuardians, simJournal } from './guardian.ts';
import { SimHost } from './host.ts';
import type { Forger } from './keys.ts';
import { LegacyPeer } from './legacy-peer.ts';
import { Network } from './network.ts';
import { PROGRAMS, SimPrograms } from './programs.ts';
import { SharedDisk } from './shared-disk.ts';
import { Timeline } from './timeline.ts';

export interface SimSetup {
  readonly seed: number;
  readonly failback?: AutoFailback;
  readonly links?: readonly string[];
  readonly groups?: readonly ResourceGroup[];
  readonly keepaliveMs?: number;
  readonly deadtimeMs?: number;
  readonly initdeadMs?: number;
  /** Of the digests: `sha1` unless said otherwise. */
  readonly method?: string;
  /** Instead of `bcast`: nobody hears himself. */
  readonly ucast?: boolean;
  readonly msgfmt?: 'classic' | 'netstring';
  /** `nice_failback on`. */
  readonly nice?: boolean;
  /** Nodes that run what `legacy-peer.ts` knows of 3.0.6. */
  readonly legacy?: readonly string[];
  /** What one node's files say differently. */
  readonly differs?: Readonly<Record<string, Partial<Config>>>;
}

export const NODES = ['n1', 'n2'] as const;
/** A node that is added and deleted, and never says a word. */
export const SILENT = 'n3';

export function group(home: string, ...words: string[]): ResourceGroup {
  const resources = words.map((word) => {
    const [script = '', ...args] = word.split('::');
    return { word, script, args };
  });
  return { key: words[0] ?? '', id: `${home} ${words.join(' ')}`, home, resources };
}

/** The process is stopped (its clocks go on); the machine suspended; or paused, and none of its clocks show it, or the wall clock alone. */
export type Standstill = 'process' | 'suspend' | 'wall' | 'nothing';

/** One daemon: engine and real driver on the simulated world. A crash leaves the host as it is. */
class SimDaemon {
  readonly driver: Driver;
  readonly gate = new Gate();
  /** Those of its ha.cf now. */
  links: readonly string[];
  readonly programs: SimPrograms;
  alive = true;
  stopping = false;
  exited = false;

  constructor(cluster: SimCluster, name: string, held?: HeldResources) {
    this.links = cluster.links;
    const host = cluster.host(name);
    const config = cluster.config(name);
    const clock = cluster.timeline.clock(host.hands);
    const alive = () => this.alive;
    this.programs = new SimPrograms(cluster, name, this);
    const record = {
      generation: (host.record?.generation ?? 100) + 1,
      uuid: textToBytes(`uuid-of-${name}-....`.slice(0, 16).padEnd(16, '.')),
    };
    const random = seededRandom(cluster.random.below(0x7fff_ffff));
    const engine = createEngine(config, record, random, authCatalog, clock.now(), undefined, held, host.epochs);
    const parts: DriverParts = {
      engine,
      clock: { now: clock.now, alarm: (at, ring) => this.#alarm(clock, at, ring) },
      media: config.media.map((spec) => this.#gated(cluster.network.medium(name, spec))),
      createMedium: (spec) => this.#gated(cluster.network.medium(name, spec)),
      scripts: this.#gatedScripts(afterOrphans(cluster, host, host.scripts(alive))),
      journal: this.#gatedJournal(simJournal(cluster, host, alive)),
      store: this.#gatedStore(host.store(alive)),
      announcer: { announce: (address) => cluster.announced(name, address) },
      clients: cluster.program(name).socket(),
      programs: {
        start: (id, program, ended) => this.programs.start(id, program, (outcome) => this.gate.event(() => this.alive && ended(outcome))),
        signal: (id, signal) => this.programs.signal(id, signal),
      },
      events: { run: (type, fields) => cluster.told(name, this, type, fields) },
      host: {
        reset: (reason) => cluster.log(name, `RESET ${reason}`),
        exit: (status) => {
          this.alive = false;
          this.exited = status === 0;
          cluster.program(name).unreachable();
          this.programs.daemonEnded();
          cluster.network.unplug(name);
          cluster.exited(name, status, this.stopping);
        },
        restart: (set, running) => {
          this.alive = false;
          cluster.program(name).unreachable();
          this.programs.daemonEnded();
          cluster.network.unplug(name);
          // As it goes through the arguments of a program.
          cluster.beginsAnew(name, JSON.parse(JSON.stringify({ set, running })));
        },
      },
      note: (note) => {
        const { level, text } = renderNote(note);
        cluster.log(name, `${level}: ${text}`);
        cluster.noted(name, note.code, note.facts);
      },
    };
    this.driver = new Driver(mortal(parts, () => this.alive && cluster.guardians.survives(name)));
    const { driver, gate } = this;
    cluster.program(name).reachable({
      driver,
      get open() {
        return alive() && !gate.isShut;
      },
      event: (run) => gate.event(() => alive() && run()),
    });
  }

  /** Alarms that are set and have neither rung nor been cancelled. */
  alarms = 0;

  #alarm(clock: Clock, at: Instant, ring: () => void): () => void {
    let wanted = true;
    this.alarms += 1;
    const done = (): boolean => {
      if (!wanted) return false;
      wanted = false;
      this.alarms -= 1;
      return true;
    };
    const cancel = clock.alarm(at, () => this.gate.timer(() => done() && this.alive && ring()));
    return () => {
      done();
      cancel();
    };
  }

  #gated(medium: Medium): Medium {
    return {
      spec: medium.spec,
      open: (sink) =>
        medium.open({
          opened: () => this.gate.event(() => this.alive && sink.opened()),
          failed: (fault) => this.gate.event(() => this.alive && sink.failed(fault)),
          frame: (bytes, from) => this.gate.frame(() => this.alive && sink.frame(bytes, from)),
        }),
      send: (frame) => medium.send(frame),
      waiting: () => this.gate.waiting,
      close: () => medium.close(),
    };
  }

  #gatedStore(store: Store): Store {
    return { save: (record, done) => store.save(record, (fault) => this.gate.event(() => this.alive && done(fault))) };
  }

  #gatedJournal(journal: Journal): Journal {
    return { keep: (held, done) => journal.keep(held, () => this.gate.event(() => this.alive && done())) };
  }

  #gatedScripts(runner: ScriptRunner): ScriptRunner {
    return { start: (job, ended) => runner.start(job, (outcome) => this.gate.event(() => this.alive && ended(outcome))) };
  }
}

/** Two nodes on one timeline; everything random comes from one seed. */
export class SimCluster {
  readonly timeline = new Timeline();
  readonly random: Random;
  readonly network: Network;
  readonly guardians: SimGuardians;
  readonly links: readonly string[];
  /** The newest haresources. Each node has a copy of its own, perhaps an older one. */
  groups: readonly ResourceGroup[];
  /** Every definition of a group that a file has had. */
  readonly known: ResourceGroup[] = [];
  readonly trace: string[] = [];
  /** Nodes whose next start is one of 3.0.6. */
  readonly legacyNodes: Set<string>;
  readonly setup: SimSetup;
  /** When a node was last declared dead by the other, started, or went on: a split as far as the resources go. */
  splitAt = 0;
  /** When a node last declared the other dead, or heard it return. */
  judgedAt = Number.NEGATIVE_INFINITY;
  readonly violations: string[] = [];
  /** Who writes packets in the nodes' names. */
  forger: Forger | undefined;
  /** Asked once the faults are over and everything has settled. */
  readonly inTheEnd: (() => void)[] = [];
  /** A script has failed or lied: what the nodes believe they hold may be down, and somebody must look after it. */
  needsCleaning = false;
  scriptsHungUntil = 0;
  editedAt = Number.NEGATIVE_INFINITY;
  /** Faults that were injected, by kind. */
  readonly injected = new Map<string, number>();
  /** When the faults begin. */
  stormSince = 0;
  /** When the storm ended. */
  calmSince: number | undefined;
  /** They undo what is still at work of the faults; whoever adds one must bear that it is called late, or twice. */
  readonly remedies: (() => void)[] = [];
  /** Starts and stops so far, on both hosts. */
  scriptsRun = 0;
  readonly #hosts = new Map<string, SimHost>();
  #hostList: readonly SimHost[] | undefined;
  readonly disk = new SharedDisk();
  readonly #daemons = new Map<string, SimDaemon>();
  readonly #programs = new Map<string, SimProgram>();
  readonly #legacy = new Map<string, LegacyPeer>();
  readonly #files = new Map<string, readonly ResourceGroup[]>();
  /** What a node's authkeys says, where it was written. */
  readonly authkeys = new Map<string, AuthConfig>();
  /** Nodes that were asked to begin anew in their place, and have not yet. */
  readonly restartAsked = new Set<string>();
  /** Between the lives of a restart in place. */
  readonly #between = new Map<string, HeldResources>();
  readonly #checkers: (() => void)[] = [];

  constructor(setup: SimSetup) {
    this.setup = setup;
    this.legacyNodes = new Set(setup.legacy);
    this.random = seededRandom(setup.seed);
    this.network = new Network(this.timeline, this.random);
    this.links = setup.links ?? ['eth1'];
    this.groups = setup.groups ?? [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db')];
    this.known.push(...this.groups);
    for (const name of NODES) {
      this.#files.set(name, this.groups);
      const host = new SimHost(name, this.timeline, this.random, () => this.known);
      host.watchers.push((job) => {
        if (job.action !== 'status') this.scriptsRun += 1;
      });
      this.#hosts.set(name, host);
      this.#programs.set(name, new SimProgram(this, name, seededRandom(setup.seed * 31 + this.#programs.size)));
    }
    this.guardians = new SimGuardians(this);
  }

  get deadtimeMs(): number {
    return this.setup.deadtimeMs ?? 5000;
  }

  host(name: string): SimHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  program(name: string): SimProgram {
    const program = this.#programs.get(name);
    if (program === undefined) throw new Error(`no program on ${name}`);
    return program;
  }

  get programs(): readonly SimProgram[] {
    return [...this.#programs.values()];
  }

  get hosts(): readonly SimHost[] {
    this.#hostList ??= [...this.#hosts.values()];
    return this.#hostList;
  }

  config(self: string): Config {
    const media: MediumSpec[] = this.links.map((link) =>
      this.setup.ucast === true
        ? { kind: 'ucast', id: `ucast ${link} 10.0.0.1`, link, device: link, address: '10.0.0.1', port: 694 }
        : { kind: 'bcast', id: `bcast ${link}`, link, device: link, port: 694 },
    );
    return {
      ...PLAIN_CONFIG,
      self,
      nodes: NODES,
      keepaliveMs: this.setup.keepaliveMs ?? 1000,
      deadtimeMs: this.deadtimeMs,
      warntimeMs: this.deadtimeMs / 2,
      initdeadMs: this.setup.initdeadMs ?? 10_000,
      deadpingMs: this.deadtimeMs,
      autoFailback: this.setup.nice === true ? 'legacy' : (this.setup.failback ?? 'on'),
      niceFailback: this.setup.nice === true,
      media,
      msgfmt: this.setup.msgfmt ?? 'classic',
      auth: this.authkeys.get(self) ?? {
        signing: 1,
        keys: [{ index: 1, method: this.setup.method ?? 'sha1', key: textToBytes('secret') }],
      },
      groups: this.file(self),
      programs: PROGRAMS,
      log: { debug: 0, syslogmsgfmt: true },
      apiauth: SIM_APIAUTH,
      ...this.setup.differs?.[self],
    };
  }

  check(checker: () => void): void {
    this.#checkers.push(checker);
  }

  violation(text: string): void {
    const line = `${(this.timeline.now / 1000).toFixed(3)} ${text}`;
    this.violations.push(line);
    this.trace.push(`VIOLATION ${line}`);
  }

  log(node: string, text: string): void {
    this.trace.push(
      `${(this.timeline.now / 1000).toFixed(3).padStart(9)} ${node === 'n1' ? '' : '                                        '}${node} ${text}`,
    );
  }

  /** Gratuitous ARP, a round each. */
  readonly announcements: ((node: string, address: string) => void)[] = [];

  announced(node: string, address: string): void {
    for (const listener of this.announcements) listener(node, address);
  }

  /** Facts that checkers want. */
  readonly listeners: ((node: string, code: string, facts: Readonly<Record<string, string | number>>) => void)[] = [];

  noted(node: string, code: string, facts: Readonly<Record<string, string | number>>): void {
    // It is back, whatever it says first, or it is a new node: the next death is another one.
    if (code === 'partitionReturn' || code === 'linkUp' || code === 'nodeRemoved')
      this.#scriptsKnow.get(node)?.statuses.delete(String(facts.node));
    // One that nobody shares resources with excuses nothing.
    if (facts.node === SILENT) return;
    if (code === 'nodeDead' || code === 'partitionReturn' || code === 'takingOverGroup') this.judgedAt = this.splitAt = this.timeline.now;
    if (code === 'healRelease' || code === 'countedDead' || code === 'doubledAtStart' || code === 'groupDoubled')
      this.host(node).addressesFirstUntil = this.timeline.now + 15_000;
    for (const listener of this.listeners) listener(node, code, facts);
  }

  /** A program on `node` has heard this word of the program on `source`; of its own, too. */
  readonly talks: ((node: string, source: string, number: number) => void)[] = [];

  readonly #scriptsKnow = new Map<string, { readonly life: object; readonly statuses: Map<string, string> }>();

  /** Scripts of one daemon's life hear of a change, not of the same again (`legacy` tells a leave twice, as 3.0.6 does). */
  told(name: string, life: object, type: string, fields: Readonly<Record<string, string>>): void {
    if (type !== 'status') return;
    const before = this.#scriptsKnow.get(name);
    const { statuses } = before?.life === life ? before : { statuses: new Map<string, string>() };
    this.#scriptsKnow.set(name, { life, statuses });
    const { src = '?', st = '?' } = fields;
    const twice =
      statuses.get(src) === st &&
      !(st === 'dead' && (this.setup.failback === 'legacy' || (this.setup.nice === true && this.legacyNodes.size > 0)));
    if (twice) this.violation(`${name} tells twice that ${src} is ${st}`);
    statuses.set(src, st);
  }

  // --- what can be done to a node ---

  daemonAlive(name: string): boolean {
    return (this.#daemons.get(name) ?? this.#legacy.get(name))?.alive === true;
  }

  /** Alarms that its daemon has set now. */
  alarms(name: string): number {
    return this.#daemons.get(name)?.alarms ?? 0;
  }

  /** No daemon, and none about to begin its next life. */
  isDown(name: string): boolean {
    return !this.daemonAlive(name) && !this.#between.has(name);
  }

  /** Asked to stop, and not gone yet. */
  isStopping(name: string): boolean {
    return this.#daemons.get(name)?.stopping === true || this.#legacy.get(name)?.stopping === true;
  }

  isFrozen(name: string): boolean {
    return this.#daemons.get(name)?.gate.isShut === true;
  }

  /** Told when a node goes on: for how long it stood still, and by what. */
  readonly woken: ((name: string, frozenMs: number, kind: Standstill) => void)[] = [];
  readonly #frozen = new Map<string, { readonly at: number; readonly kind: Standstill }>();

  /** The daemon gets no time. Its scripts go on. */
  freeze(name: string, kind: Standstill = 'process'): boolean {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined || !daemon.alive || this.isFrozen(name)) return false;
    this.log(name, `--- frozen (${kind})`);
    this.#frozen.set(name, { at: this.timeline.now, kind });
    daemon.gate.shut();
    return true;
  }

  thaw(name: string, keepFrames = true): void {
    if (!this.isFrozen(name)) return;
    this.log(name, '--- goes on');
    this.judgedAt = this.splitAt = this.timeline.now;
    this.host(name).addressesFirstUntil = this.timeline.now + 15_000;
    const { at, kind } = this.#frozen.get(name) ?? { at: this.timeline.now, kind: 'process' };
    const frozenMs = this.timeline.now - at;
    if (kind !== 'process') {
      const shown = { boot: kind === 'suspend', wall: kind !== 'nothing' };
      this.host(name).hands.stoodStill(this.timeline.now, frozenMs, shown);
    }
    for (const look of this.woken) look(name, frozenMs, kind);
    // What the wire has delivered and the machine has lost was not heard.
    if (!keepFrames) for (const other of NODES) this.network.statusHeardAt.delete(`${name}<${other}`);
    this.#daemons.get(name)?.gate.open(keepFrames, (turn) => this.timeline.after(0, turn));
  }

  #inBothFiles: { readonly known: number; readonly files: readonly unknown[]; readonly groups: readonly ResourceGroup[] } | undefined;

  /** Groups that both nodes have alike, and only ever had so. The same list as long as no file changes. */
  get inBothFiles(): readonly ResourceGroup[] {
    const [one, other] = [this.file(NODES[0]), this.file(NODES[1])];
    const before = this.#inBothFiles;
    if (before?.known === this.known.length && before.files[0] === one && before.files[1] === other) return before.groups;
    const once = (key: string) => new Set(this.known.filter((group) => group.key === key)).size === 1;
    const groups = one.filter((group) => other.includes(group) && once(group.key));
    this.#inBothFiles = { known: this.known.length, files: [one, other], groups };
    return groups;
  }

  get filesAlike(): boolean {
    const [one, other] = NODES.map((name) => this.file(name));
    return one === other || (one?.length === other?.length && one?.every((group, at) => group === other?.[at]) === true);
  }

  file(name: string): readonly ResourceGroup[] {
    return this.#files.get(name) ?? [];
  }

  /** haresources is written on one node, and noticed by its daemon. */
  edit(name: string, groups: readonly ResourceGroup[]): void {
    this.log(
      name,
      `--- haresources: ${groups.map(({ home, resources }) => [home, ...resources.map(({ word }) => word)].join(' ')).join('; ')}`,
    );
    this.groups = groups;
    this.known.push(...groups.filter((group) => !this.known.includes(group)));
    this.#files.set(name, groups);
    const daemon = this.#daemons.get(name);
    daemon?.gate.event(() => daemon.alive && daemon.driver.configure(this.#withLinks(name, daemon)));
  }

  /** authkeys is written on one node and, unless it is to be left for the next start, read again. */
  writeKeys(name: string, auth: AuthConfig, reload = true): void {
    this.log(name, `--- authkeys: auth ${auth.signing}; ${auth.keys.map(({ index, method }) => `${index} ${method}`).join(', ')}`);
    this.authkeys.set(name, auth);
    if (!reload) return;
    this.#legacy.get(name)?.reread(auth);
    const daemon = this.#daemons.get(name);
    daemon?.gate.event(() => daemon.alive && daemon.driver.configure(this.#withLinks(name, daemon)));
  }

  /** Of its present life, or its last. */
  generation(name: string): number {
    return this.host(name).record?.generation ?? 0;
  }

  /** A restart in place is asked for. */
  restart(name: string): boolean {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined || !daemon.alive) return false;
    this.log(name, '--- restart in place asked');
    this.restartAsked.add(name);
    daemon.gate.event(() => daemon.alive && daemon.driver.restart());
    return true;
  }

  /** The old life of a restart in place has ended. */
  beginsAnew(name: string, held: HeldResources): void {
    this.log(name, `--- restart in place, holding ${held.set}`);
    this.restartAsked.delete(name);
    this.#between.set(name, held);
    // A 3.0.6 node that asks now gets no answer, and takes what is its own.
    if (this.legacyNodes.size > 0) this.judgedAt = this.splitAt = this.timeline.now;
    this.timeline.after(200 + this.random.below(800), () => {
      // Killed meanwhile, and perhaps in a later such moment by now.
      if (this.#between.get(name) !== held) return;
      this.#between.delete(name);
      this.#launch(name, held);
    });
  }

  start(name: string): boolean {
    if (this.daemonAlive(name) || this.#between.has(name) || !this.guardians.begin(name)) return false;
    this.log(name, '--- start');
    this.restartAsked.delete(name);
    this.splitAt = this.timeline.now;
    this.#takeBack(name);
    const host = this.host(name);
    // 3.0.6 tells nobody by which definitions it had started what: that is for whoever starts the node again.
    const words = new Set(this.file(name).flatMap(({ resources }) => resources.map(({ word }) => word)));
    const named = new Set(this.legacyNodes.has(name) ? [] : host.journal?.words?.flat());
    for (const word of host.running) if (!words.has(word) && !named.has(word)) host.running.delete(word);
    this.#daemons.delete(name);
    this.#legacy.delete(name);
    if (this.legacyNodes.has(name)) this.#startLegacy(name);
    else this.#launch(name, host.journal);
    return true;
  }

  #launch(name: string, held: HeldResources | undefined): void {
    const daemon = new SimDaemon(this, name, held);
    this.#daemons.set(name, daemon);
    // It may die at the first thing that it does.
    daemon.driver.start();
  }

  /** By its guardian, after a death. */
  startAgain(name: string, stopping: boolean): void {
    this.log(name, '--- started by its guardian');
    this.restartAsked.delete(name);
    this.splitAt = this.timeline.now;
    this.#takeBack(name);
    this.#launch(name, this.host(name).journal);
    if (stopping) this.stop(name);
  }

  /** The daemon alone dies: its guardian notices at once. */
  crash(name: string): boolean {
    const daemon = this.#daemons.get(name);
    const between = this.#between.delete(name);
    if (!between && daemon?.alive !== true) return false;
    this.log(name, '--- daemon died');
    this.silence(name);
    this.guardians.daemonDied(name, daemon?.stopping === true);
    return true;
  }

  /** By itself. Nothing is left to be known of what ran here where it ended well. */
  exited(name: string, status: number, stopping: boolean): void {
    if (status === 0) {
      this.host(name).journal = undefined;
      this.guardians.end(name);
      return;
    }
    this.log(name, `--- daemon ended with status ${status}`);
    this.guardians.daemonDied(name, stopping);
  }

  /** The process is no more, whatever becomes of what it has started. */
  silence(name: string): void {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined || !daemon.alive) return;
    daemon.alive = false;
    this.program(name).unreachable();
    this.network.unplug(name);
  }

  /** Who has deleted a dead node must add it again before it starts. */
  #takeBack(name: string): void {
    for (const [other, daemon] of this.#daemons) {
      if (other === name || !daemon.alive) continue;
      daemon.gate.event(() => {
        if (daemon.alive && this.status(other)?.nodes.some((node) => node.name === name) === false)
          this.command(other, { name: 'addnode', nodes: [name] });
      });
    }
  }

  /** A reload with other links in ha.cf. */
  useLinks(name: string, links: readonly string[]): boolean {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined || !daemon.alive || daemon.gate.isShut || daemon.links.join() === links.join()) return false;
    daemon.links = links;
    this.log(name, `--- reload with ${links.join(' ')}`);
    daemon.driver.configure(this.#withLinks(name, daemon));
    return true;
  }

  /** Its files as they are now. */
  #withLinks(name: string, { links }: SimDaemon): Config {
    const config = this.config(name);
    return { ...config, media: config.media.filter(({ link }) => links.includes(link)) };
  }

  #startLegacy(name: string): void {
    const host = this.host(name);
    const generation = (host.record?.generation ?? 100) + 1;
    host.record = { generation, uuid: new Uint8Array(16) };
    const config = this.config(name);
    const peer: LegacyPeer = new LegacyPeer({
      config,
      groups: () => this.file(name),
      timeline: this.timeline,
      random: this.random,
      media: config.media.map((spec) => this.network.medium(name, spec)),
      scripts: host.scripts(() => peer.alive),
      generation,
      log: (text) => this.log(name, text),
      declaredDead: (node) => this.noted(name, 'nodeDead', { node }),
      ended: (againAfterMs) => {
        this.network.unplug(name);
        if (againAfterMs !== undefined) this.timeline.after(againAfterMs, () => this.start(name));
      },
    });
    this.#legacy.set(name, peer);
  }

  legacy(name: string): LegacyPeer | undefined {
    return this.#legacy.get(name);
  }

  /** kill -9 of the daemon and its guardian: what runs goes on running. */
  kill(name: string): boolean {
    this.guardians.end(name);
    const between = this.#between.delete(name);
    if (between) this.log(name, '--- killed between its lives');
    const daemon = this.#daemons.get(name) ?? this.#legacy.get(name);
    if (daemon === undefined || !daemon.alive) return between;
    this.log(name, '--- daemon killed');
    daemon.alive = false;
    this.program(name).unreachable();
    this.network.unplug(name);
    return true;
  }

  powerOff(name: string): boolean {
    this.guardians.end(name);
    const between = this.#between.delete(name);
    this.log(name, '--- power off');
    const daemon = this.#daemons.get(name) ?? this.#legacy.get(name);
    const was = between || daemon?.alive === true || this.host(name).running.size > 0;
    if (daemon !== undefined) daemon.alive = false;
    this.program(name).unreachable();
    this.network.unplug(name);
    this.host(name).powerOff();
    return was;
  }

  stop(name: string): boolean {
    if (!this.daemonAlive(name)) return false;
    this.log(name, '--- stop asked');
    this.#legacy.get(name)?.stop();
    const daemon = this.#daemons.get(name);
    if (daemon === undefined) return true;
    daemon.stopping = true;
    daemon.gate.event(() => daemon.alive && daemon.driver.stop());
    return true;
  }

  command(name: string, request: CommandRequest): CommandResult | undefined {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined || !daemon.alive || daemon.gate.isShut) return undefined;
    let result: CommandResult | undefined;
    if (request.name !== 'status') this.log(name, `--- ${request.name} ${'set' in request ? request.set : JSON.stringify(request)}`);
    daemon.driver.command(request, (answer) => {
      result = answer;
      if (!answer.ok) this.log(name, `--- refused: ${answer.reason}`);
    });
    return result;
  }

  /** `hb_standby` on a node of either kind. Answers why not. */
  standby(name: string, set: 'all' | 'local' | 'foreign'): string | undefined {
    const legacy = this.#legacy.get(name);
    if (legacy !== undefined) {
      this.log(name, `--- standby ${set}`);
      return legacy.resources.request(set);
    }
    const result = this.command(name, { name: 'standby', set });
    return result?.ok === true ? undefined : (result?.reason ?? 'no answer');
  }

  /** Into the FIFO. */
  write(name: string, ...pairs: (readonly [string, string])[]): boolean {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined || !daemon.alive) return false;
    this.log(name, `--- FIFO ${pairs.map((pair) => pair.join('=')).join(' ')}`);
    const bytes = writePlain(Message.of(...pairs), 'classic');
    daemon.gate.event(() => daemon.alive && daemon.driver.localMessage(bytes));
    return true;
  }

  status(name: string): StatusSnapshot | undefined {
    const result = this.command(name, { name: 'status' });
    return result?.ok === true ? result.status : undefined;
  }

  run(ms: number): void {
    this.timeline.runUntil(this.timeline.now + ms, () => {
      for (const checker of this.#checkers) checker();
    });
  }

  held(word: string): boolean {
    for (const host of this.#hosts.values()) if (host.running.has(word)) return true;
    return false;
  }

  holders(word: string): string[] {
    return this.hosts.filter((host) => host.running.has(word)).map((host) => host.name);
  }
}
