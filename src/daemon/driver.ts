import { assertNever } from '../base/assert.ts';
import type { CallId, Clock, Instant } from '../contracts/basics.ts';
import type { ClientCredentials, ClientId, Clients, EventScripts, Programs } from '../contracts/clients.ts';
import type { Config, MediumSpec } from '../contracts/config.ts';
import type { CommandRequest, CommandResult, Effect, Engine, HeldResources, Input } from '../contracts/engine.ts';
import type { Announcer, Host, Journal, ScriptJob, ScriptRunner, Store } from '../contracts/host.ts';
import type { Medium } from '../contracts/media.ts';
import type { Note } from '../contracts/notes.ts';

/** The outside world of one engine, real or simulated. */
export interface DriverParts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly media: readonly Medium[];
  /** For media that a reload brings. Without it the media stay those of the start. Nothing for a kind that is not known. */
  readonly createMedium?: (spec: MediumSpec) => Medium | undefined;
  readonly scripts: ScriptRunner;
  readonly store: Store;
  readonly announcer: Announcer;
  readonly clients: Clients;
  readonly programs: Programs;
  readonly events: EventScripts;
  /** Without it nothing is recorded, and no start waits for that. */
  readonly journal?: Journal;
  readonly host: Host;
  readonly note: (note: Note) => void;
}

/** An alarm by so much too late is no matter of the loop's ordinary work any more. */
const LATE_MS = 20;
/** No longer than this an alarm waits for packets that keep coming. */
const READING_MS_MAX = 250;

/**
 * Turns events of the outside world into inputs and carries out the effects that come back, in order. One step
 * runs to its end before the next begins; one alarm is set, to what the engine asks for. It decides nothing.
 */
export class Driver {
  readonly #parts: DriverParts;
  readonly #waiting: Input[] = [];
  #media: readonly Medium[];
  readonly #calls = new Map<CallId, (result: CommandResult) => void>();
  #nextCall: CallId = 1;
  /** Records under way, and the scripts that wait for them. */
  #recording = 0;
  #held: ScriptJob[] = [];
  #stepping = false;
  #ended = false;
  /** What waits in the sockets is being read since then, before an alarm that is late. */
  #lateSince: Instant | undefined;
  #alarm: { readonly at: Instant; readonly cancel: () => void } | undefined;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#media = parts.media;
  }

  start(): void {
    this.#input({ kind: 'started' });
    for (const medium of this.#media) this.#open(medium);
  }

  /** One that a reload has closed says nothing any more, also when its successor has the same name. */
  #open(medium: Medium): void {
    const { id } = medium.spec;
    const tell = (input: Input): void => {
      if (this.#media.includes(medium)) this.#input(input);
    };
    medium.open({
      opened: () => tell({ kind: 'mediumOpened', medium: id }),
      frame: (bytes, from) => tell({ kind: 'frame', medium: id, bytes, from }),
      failed: (fault) => tell({ kind: 'mediumFailed', medium: id, fault }),
    });
  }

  command(request: CommandRequest, answer: (result: CommandResult) => void): void {
    if (this.#ended) {
      answer({ ok: false, reason: 'heartbeat has stopped' });
      return;
    }
    const call = this.#nextCall;
    this.#nextCall += 1;
    this.#calls.set(call, answer);
    this.#input({ kind: 'command', call, request });
  }

  configure(config: Config): void {
    this.#input({ kind: 'configured', config });
    if (!this.#ended) this.#changeMedia(config.media);
  }

  /** What stays is not touched. What is new is opened before what is gone is closed: a change of all of them loses no beat. */
  #changeMedia(specs: readonly MediumSpec[]): void {
    const { createMedium } = this.#parts;
    if (createMedium === undefined) return;
    const before = this.#media;
    const kept = (spec: MediumSpec) => before.find((medium) => sameMedium(medium.spec, spec));
    this.#media = specs.map((spec) => kept(spec) ?? createMedium(spec)).filter((medium) => medium !== undefined);
    for (const medium of this.#media) if (!before.includes(medium)) this.#open(medium);
    for (const medium of before) if (!this.#media.includes(medium)) medium.close();
  }

  restart(): void {
    this.#input({ kind: 'restartAsked' });
  }

  /** One packet from the FIFO. */
  localMessage(bytes: Uint8Array): void {
    this.#input({ kind: 'localMessage', bytes });
  }

  clientConnected(client: ClientId, credentials: ClientCredentials): void {
    this.#input({ kind: 'clientConnected', client, credentials });
  }

  clientMessage(client: ClientId, bytes: Uint8Array): void {
    this.#input({ kind: 'clientMessage', client, bytes });
  }

  clientGone(client: ClientId): void {
    this.#input({ kind: 'clientGone', client });
  }

  stop(): void {
    this.#input({ kind: 'stopAsked' });
  }

  #input(input: Input): void {
    this.#waiting.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#step(next);
    this.#stepping = false;
    this.#setAlarm();
  }

  #step(input: Input): void {
    if (this.#ended) return;
    const { engine, clock } = this.#parts;
    for (const effect of engine.step(clock.now(), input)) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    const { store, announcer, clients, programs, events, host, note } = this.#parts;
    switch (effect.kind) {
      case 'send':
        for (const medium of this.#media) medium.send(effect.bytes);
        break;
      case 'save':
        store.save(effect.record, (fault) => this.#input(fault === undefined ? { kind: 'saved' } : { kind: 'saveFailed', fault }));
        break;
      case 'keepEpochs':
        store.keepEpochs?.(effect.text);
        break;
      case 'runScript':
        if (this.#recording > 0 && effect.job.action === 'start') this.#held.push(effect.job);
        else this.#run(effect.job);
        break;
      case 'journal':
        this.#record(effect.held);
        break;
      case 'announce':
        announcer.announce(effect.address);
        break;
      case 'reply': {
        const answer = this.#calls.get(effect.call);
        this.#calls.delete(effect.call);
        answer?.(effect.result);
        break;
      }
      case 'note':
        note(effect.note);
        break;
      case 'clientSend':
        clients.send(effect.client, effect.bytes);
        break;
      case 'clientClose':
        clients.close(effect.client);
        break;
      case 'clientSignal':
        clients.signal(effect.pid, effect.signal);
        break;
      case 'startProgram': {
        const { id } = effect;
        programs.start(id, effect.program, (outcome) => this.#input({ kind: 'programEnded', program: id, outcome }));
        break;
      }
      case 'signalProgram':
        programs.signal(effect.id, effect.signal);
        break;
      case 'event':
        events.run(effect.type, effect.fields);
        break;
      case 'restart':
        this.#close();
        host.restart(effect.held, effect.running);
        break;
      case 'resetHost':
        host.reset(effect.reason);
        break;
      case 'exit':
        this.#end(effect.status);
        break;
      default:
        assertNever(effect);
    }
  }

  #run(job: ScriptJob): void {
    const { id } = job;
    this.#parts.scripts.start(job, (outcome) => this.#input({ kind: 'scriptEnded', job: id, outcome }));
  }

  /** What is started is in the journal before: whoever finds the services of a daemon that died there finds all of them. */
  #record(held: HeldResources): void {
    const { journal } = this.#parts;
    if (journal === undefined) return;
    this.#recording += 1;
    journal.keep(held, () => {
      this.#recording -= 1;
      if (this.#recording > 0 || this.#ended) return;
      for (const job of this.#held.splice(0)) this.#run(job);
    });
  }

  #end(status: number): void {
    this.#close();
    this.#parts.host.exit(status);
  }

  #close(): void {
    this.#ended = true;
    for (const medium of this.#media) medium.close();
    for (const answer of this.#calls.values()) answer({ ok: false, reason: 'heartbeat has stopped' });
    this.#calls.clear();
  }

  #setAlarm(): void {
    const at = this.#ended ? undefined : this.#parts.engine.nextAlarm();
    if (at === this.#alarm?.at) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (at === undefined) return;
    this.#alarm = { at, cancel: this.#parts.clock.alarm(at, () => this.#rings(at)) };
  }

  /**
   * An alarm that comes late comes after a time in which nothing was read: everything that waits in the sockets is read
   * first, a turn of the loop at a time, so that nobody is judged silent whose packets are there. A flood of packets
   * puts it off for a while only.
   */
  #rings(at: Instant): void {
    if (this.#ended) return;
    const { clock } = this.#parts;
    const now = clock.now().at;
    if (now - at > LATE_MS && this.#media.some((medium) => medium.waiting?.() === true)) {
      this.#lateSince ??= now;
      if (now - this.#lateSince < READING_MS_MAX) {
        this.#alarm = { at, cancel: clock.alarm(now, () => this.#rings(at)) };
        return;
      }
    }
    this.#lateSince = undefined;
    this.#alarm = undefined;
    this.#input({ kind: 'alarm' });
  }
}

function sameMedium(a: MediumSpec, b: MediumSpec): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as ReadonlySet<keyof MediumSpec>;
  return [...names].every((name) => a[name] === b[name]);
}
