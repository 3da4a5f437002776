/** One engine and, on the other side, a node that the test plays packet by packet. */
import assert from 'node:assert/strict';
import { textToBytes } from '../../src/base/bytes.ts';
import { renderNote } from '../../src/base/notes.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Now } from '../../src/contracts/basics.ts';
import type { Compressors } from '../../src/contracts/compressor.ts';
import type { AuthConfig, Config, MediumSpec } from '../../src/contracts/config.ts';
import type { CommandRequest, CommandResult, Effect, Engine, HeldResources, Input } from '../../src/contracts/engine.ts';
import type { ScriptJob, ScriptOutcome } from '../../src/contracts/host.ts';
import type { Note } from '../../src/contracts/notes.ts';
import type { StatusSnapshot } from '../../src/contracts/status.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { createCompressors } from '../../src/os/compressor.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealFrame } from '../../src/protocol/envelope.ts';
import { type Stamp, stampMessage } from '../../src/protocol/header.ts';
import { Message } from '../../src/protocol/message.ts';
import { group } from '../resources/support.ts';
import { PLAIN_CONFIG } from '../support.ts';

export const compressors = createCompressors();
export const AUTH: AuthConfig = { signing: 1, keys: [{ index: 1, method: 'sha1', key: textToBytes('labsecret') }] };

export function bcast(link: string): MediumSpec {
  return { kind: 'bcast', id: `bcast ${link}`, link, device: link, port: 694 };
}

export function testConfig(more: Partial<Config> = {}): Config {
  return {
    ...PLAIN_CONFIG,
    self: 'n2',
    nodes: ['n1', 'n2'],
    keepaliveMs: 1000,
    deadtimeMs: 5000,
    warntimeMs: 2500,
    initdeadMs: 10_000,
    deadpingMs: 5000,
    autoFailback: 'on',
    media: [bcast('eth1')],
    auth: AUTH,
    groups: [group('n1', 'IPaddr::10.77.0.100'), group('n2', 'IPaddr::10.77.0.101')],
    log: { debug: 0, syslogmsgfmt: true },
    parameters: { keepalive: '1' },
    ...more,
  };
}

/** The node's own settings and the packets of another. */
export class Played {
  readonly name: string;
  generation: number;
  uuid: string;
  auth = AUTH;
  seq = 0;

  constructor(name: string, generation = 500, uuid = `uuid-of-${name}-----`.slice(0, 16)) {
    this.name = name;
    this.generation = generation;
    this.uuid = uuid.padEnd(16, '-');
  }

  /** The next packet of its life; `stamp` overrules, for what is out of order. */
  frame(type: string, fields: readonly (readonly [string, string])[] = [], stamp: Partial<Stamp> = {}): Uint8Array {
    const message = Message.of(['t', type], ...fields);
    if (!type.startsWith('NS_') && stamp.sequence === undefined) this.seq += 1;
    const full: Stamp = {
      origin: this.name,
      originUuid: this.uuid,
      generation: this.generation,
      unixSeconds: 1_700_000_000,
      ttl: 3,
      ...(type.startsWith('NS_') ? {} : { sequence: this.seq, load: '0.00' }),
      ...stamp,
    };
    return sealFrame(stampMessage(message, full), this.auth, authCatalog, 'classic');
  }

  status(st: string, dt = 0x1388): Uint8Array {
    return this.frame('status', [
      ['st', st],
      ['dt', dt.toString(16)],
      ['protocol', '1'],
    ]);
  }
}

export interface Sent {
  readonly at: number;
  readonly message: Message;
  readonly bytes: Uint8Array;
}

type ScriptAnswer = (job: ScriptJob, running: Set<string>) => ScriptOutcome;

/** A machine on which everything works at once. */
const obedient: ScriptAnswer = (job, running) => {
  const word = [job.script, ...job.args].join('::');
  if (job.action === 'start') running.add(word);
  if (job.action === 'stop') running.delete(word);
  return { kind: 'exited', status: 0, output: job.action === 'status' && running.has(word) ? 'running' : '', path: `/ha/${job.script}` };
};

/** An engine with its effects carried out at once, or recorded, on a clock that the test moves. */
export class Rig {
  readonly config: Config;
  readonly engine: Engine;
  readonly sent: Sent[] = [];
  readonly notes: Note[] = [];
  readonly effects: Effect[] = [];
  readonly running = new Set<string>();
  exitStatus: number | undefined;
  /** A save is answered at once, later by the test, or never. */
  savesAtOnce = true;
  scripts: ScriptAnswer = obedient;
  now: number;
  #call = 0;
  readonly #results = new Map<number, CommandResult>();
  readonly #follow: Input[] = [];

  /** What the wall clock and the load say, where a test must know. */
  outside: { readonly unixSeconds: number; readonly load: string } | undefined;

  constructor(
    more: Partial<Config> = {},
    generation = 900,
    startAt = 0,
    known: Compressors = compressors,
    uuid = 'our-own-uuid-16.',
    seed = 7,
    held?: HeldResources,
  ) {
    this.config = testConfig(more);
    this.now = startAt;
    const record = { generation, uuid: textToBytes(uuid) };
    this.engine = createEngine(this.config, record, seededRandom(seed), authCatalog, this.clock, known, held);
  }

  get clock(): Now {
    return { at: this.now, ...this.#outside() };
  }

  #outside(): Omit<Now, 'at'> {
    if (this.outside !== undefined) return this.outside;
    return { unixSeconds: 1_700_000_000 + Math.floor(this.now / 1000), load: '0.10 0.20 0.30 1/99 1234' };
  }

  /** Answers the effects of this very input; what follows from them is carried out, too, one step after another. */
  give(input: Input): readonly Effect[] {
    const effects = this.#step(input);
    for (let next = this.#follow.shift(); next !== undefined; next = this.#follow.shift()) this.#step(next);
    return effects;
  }

  #step(input: Input): readonly Effect[] {
    const effects = this.engine.step(this.clock, input);
    for (const effect of effects) this.#carryOut(effect);
    return effects;
  }

  /** Started, with all media open. */
  start(): this {
    this.give({ kind: 'started' });
    for (const { id } of this.config.media) this.give({ kind: 'mediumOpened', medium: id });
    return this;
  }

  hear(bytes: Uint8Array, medium = this.config.media[0]?.id ?? ''): readonly Effect[] {
    return this.give({ kind: 'frame', medium, bytes, from: '10.77.1.1' });
  }

  /** Time passes; alarms ring at the moment asked for. */
  until(ms: number): void {
    for (let left = 20_000; this.exitStatus === undefined; left -= 1) {
      const due = this.engine.nextAlarm();
      if (due === undefined || due > ms) break;
      assert.ok(left > 0, 'alarms make progress');
      this.now = Math.max(this.now, due);
      this.give({ kind: 'alarm' });
    }
    this.now = Math.max(this.now, ms);
  }

  wait(ms: number): void {
    this.until(this.now + ms);
  }

  command(request: CommandRequest): CommandResult {
    this.#call += 1;
    this.give({ kind: 'command', call: this.#call, request });
    const result = this.#results.get(this.#call);
    assert.ok(result !== undefined, 'a command is answered in its step');
    return result;
  }

  get status(): StatusSnapshot {
    const result = this.command({ name: 'status' });
    assert.ok(result.ok && result.status !== undefined);
    return result.status;
  }

  /** The peer as the status shows it. */
  seen(name = 'n1') {
    const node = this.status.nodes.find((entry) => entry.name === name);
    assert.ok(node !== undefined);
    return node;
  }

  /** Messages sent since `from`, of these types. */
  messages(...types: string[]): Sent[] {
    return this.sent.filter(({ message }) => types.length === 0 || types.includes(message.type));
  }

  /** One line per message: type, set, stability. */
  lines(...types: string[]): string[] {
    return this.messages(...types).map(({ message }) =>
      [
        message.type,
        message.get('rsc_hold') ?? message.get('st') ?? message.get('ackseq') ?? '',
        message.get('isstable') ?? message.get('info') ?? '',
      ]
        .filter((word) => word !== '')
        .join(' '),
    );
  }

  forget(): void {
    this.sent.length = 0;
    this.notes.length = 0;
    this.effects.length = 0;
  }

  codes(): string[] {
    return this.notes.map(({ code }) => code);
  }

  count(code: string): number {
    return this.status.counters[code] ?? 0;
  }

  #carryOut(effect: Effect): void {
    this.effects.push(effect);
    switch (effect.kind) {
      case 'save':
        if (this.savesAtOnce) this.#follow.push({ kind: 'saved' });
        break;
      case 'send': {
        const verdict = openFrame(effect.bytes, this.config.auth, authCatalog);
        assert.ok(verdict.ok, 'what we send can be read');
        this.sent.push({ at: this.now, message: verdict.message, bytes: effect.bytes });
        break;
      }
      case 'runScript':
        this.#follow.push({ kind: 'scriptEnded', job: effect.job.id, outcome: this.scripts(effect.job, this.running) });
        break;
      case 'reply':
        this.#results.set(effect.call, effect.result);
        break;
      case 'note':
        checkNote(effect.note);
        this.notes.push(effect.note);
        break;
      case 'exit':
        this.exitStatus = effect.status;
        break;
      default:
        break;
    }
  }
}

/** Both there, active, each with its own groups. */
export function pair(more: Partial<Config> = {}): { rig: Rig; peer: Played } {
  const rig = new Rig(more).start();
  const peer = new Played('n1');
  rig.now = 10;
  rig.hear(peer.status('init'));
  rig.hear(peer.status('up'));
  rig.now = 20;
  rig.hear(repnodes(peer));
  rig.hear(peer.status('active'));
  rig.hear(peer.frame('starting'));
  rig.hear(
    peer.frame('resource', [
      ['rsc_hold', 'local'],
      ['rtype', 'full'],
      ['isstable', '1'],
    ]),
  );
  if (more.autoFailback !== 'legacy') assert.equal(rig.status.rscstatus, 'local');
  rig.forget();
  return { rig, peer };
}

/** The answer that lets a starting node become active. */
export function repnodes(peer: Played, list = 'n1 n2 '): Uint8Array {
  return peer.frame('repnodes', [
    ['dest', 'n2'],
    ['nodelist', list],
    ['delnodelist', ' '],
  ]);
}

/** It is in the table, and brings all that its line shows; the daemon itself adds its pid. */
function checkNote({ code, facts }: Note): void {
  const asked = new Proxy<Note['facts']>(facts, {
    get(_, name) {
      const fact = name === 'pid' ? 1 : facts[String(name)];
      assert.ok(fact !== undefined, `the line of ${code} shows {${String(name)}}`);
      return fact;
    },
  });
  assert.ok(renderNote({ code, facts: asked }).text !== `note ${code}`, `${code} is in the table`);
}
