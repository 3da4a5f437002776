/** A resource side without an engine: scripts, messages and time are in the hands of the test. */
import assert from 'node:assert/strict';
import { type NoteCode, renderNote } from '../../src/base/notes.ts';
import type { Instant, Now } from '../../src/contracts/basics.ts';
import type { AutoFailback, ResourceGroup } from '../../src/contracts/config.ts';
import type { ScriptJob, ScriptOutcome } from '../../src/contracts/host.ts';
import type { ResourceSetWord } from '../../src/contracts/status.ts';
import type { ResourceControl } from '../../src/resources/control.ts';
import { LegacyFailback } from '../../src/resources/legacy.ts';
import { NiceFailback } from '../../src/resources/nice.ts';
import type { ResourcePort } from '../../src/resources/port.ts';
import { ResourceState } from '../../src/resources/state.ts';

export function at(ms: Instant): Now {
  return { at: ms, unixSeconds: 1_700_000_000, load: '0.00 0.00 0.00 1/1 1' };
}

export function group(home: string, ...words: string[]): ResourceGroup {
  const resources = words.map((word) => {
    const [script = '', ...args] = word.split('::');
    return { word, script, args };
  });
  return { key: words[0] ?? '', id: `${home} ${words.join(' ')}`, home, resources };
}

export const OURS = group('n2', 'IPaddr::10.0.0.2/24', 'db');
export const THEIRS = group('n1', 'IPaddr::10.0.0.1/24', 'web');

export function exited(status: number, output = ''): ScriptOutcome {
  return { kind: 'exited', status, output, path: '/ha/script' };
}

type Job = Omit<ScriptJob, 'id'>;
/** Instead of what the script would do; undefined: as usual. */
type Twist = (job: Job) => ScriptOutcome | undefined;

const CODE_BY_TEXT = (code: string) => renderNote({ code, facts: {} }).text;

/** Notes, messages, scripts and announcements as they come, one line each. */
export class FakePort implements ResourcePort {
  readonly lines: string[] = [];
  readonly notes: { readonly code: NoteCode; readonly facts: Readonly<Record<string, string | number>> }[] = [];
  readonly sent: { readonly type: string; readonly fields: Readonly<Record<string, string>> }[] = [];
  readonly running = new Set<string>();
  twist: Twist = () => undefined;
  releases = 0;
  readonly resets: string[] = [];
  #pending: { readonly job: Job; readonly ended: (now: Now, outcome: ScriptOutcome) => void } | undefined;
  #read = 0;

  note = (code: NoteCode, facts: Readonly<Record<string, string | number>> = {}): void => {
    assert.notEqual(CODE_BY_TEXT(code), `note ${code}`, 'a code of the table');
    assert.doesNotMatch(renderNote({ code, facts }).text, /\?$|\[\?\]/, 'all facts of the text are given');
    this.notes.push({ code, facts });
  };

  send = (type: string, fields: readonly (readonly [string, string])[]): void => {
    const named = Object.fromEntries(fields);
    this.sent.push({ type, fields: named });
    const stable = named.isstable === undefined ? '' : `/${named.isstable}`;
    const info = named.info === undefined ? '' : ` ${named.info}`;
    const body = named.rsc_hold ?? named.result ?? named.ipaddr ?? '';
    this.lines.push(`${type}${body === '' ? '' : ` ${body}`}${stable}${info}${named.weown === undefined ? '' : ` weown=${named.weown}`}`);
  };

  unsent = (type: string, fields: readonly (readonly [string, string])[]): Readonly<Record<string, string>> => ({
    t: type,
    ...Object.fromEntries(fields),
    src: 'self',
    seq: '2a',
    hg: '385',
    ts: '6553f100',
    ld: '0.10',
    ttl: '3',
  });

  readonly told: { readonly type: string; readonly fields: Readonly<Record<string, string>> }[] = [];
  tell = (type: string, fields: Readonly<Record<string, string>>): void => {
    this.told.push({ type, fields });
  };

  run = (job: Job, ended: (now: Now, outcome: ScriptOutcome) => void): void => {
    assert.equal(this.#pending, undefined, 'scripts run one after another');
    this.#pending = { job, ended };
    if (job.action !== 'status') this.lines.push(`${job.action} ${[job.script, ...job.args].join('::')}`);
  };

  announce = (address: string): void => {
    this.lines.push(`announce ${address}`);
  };

  silence = (address: string): void => {
    this.lines.push(`silence ${address}`);
  };

  now = (): Instant => 0;
  keepEpochs = (_text: string): void => undefined;

  resetHost = (reason: string): void => {
    this.resets.push(reason);
  };

  released = (): void => {
    this.releases += 1;
  };

  get pending(): Job | undefined {
    return this.#pending?.job;
  }

  /** Ends the script under way. */
  end(now: Now, outcome?: ScriptOutcome): void {
    const pending = this.#pending;
    assert.ok(pending !== undefined, 'a script is under way');
    this.#pending = undefined;
    pending.ended(now, outcome ?? this.twist(pending.job) ?? this.#asUsual(pending.job));
  }

  /** Ends scripts until none is under way; a fixed number bounds what never ends. */
  endAll(now: Now): void {
    for (let left = 200; this.#pending !== undefined; left -= 1) {
      assert.ok(left > 0, 'scripts come to an end');
      this.end(now);
    }
  }

  /** What has come since the last call. */
  news(): string[] {
    const news = this.lines.slice(this.#read);
    this.#read = this.lines.length;
    return news;
  }

  codes(): NoteCode[] {
    return this.notes.map(({ code }) => code);
  }

  #asUsual(job: Job): ScriptOutcome {
    const word = [job.script, ...job.args].join('::');
    if (job.action === 'status') return exited(0, this.running.has(word) ? 'running' : 'stopped');
    if (job.action === 'start') this.running.add(word);
    else this.running.delete(word);
    return exited(0);
  }
}

export interface BenchSetup {
  readonly failback?: AutoFailback;
  readonly groups?: readonly ResourceGroup[];
  readonly peerStatus?: string;
  /** The peer says so with every message. */
  readonly speaksOurs?: boolean;
  readonly alone?: boolean;
  /** Our name, `n2` as a rule. */
  readonly self?: string;
}

export const OUR_GENERATION = 0xbeef;
export const THEIR_GENERATION = 0x51;

/** The resource side of node n2, and n1 as the test plays it. */
export class Bench {
  readonly port = new FakePort();
  readonly state: ResourceState;
  readonly control: ResourceControl;
  readonly speaksOurs: boolean;
  now = 1000;
  peerStatus: string;
  seq = 10;

  constructor(setup: BenchSetup = {}) {
    this.peerStatus = setup.peerStatus ?? 'active';
    this.speaksOurs = setup.speaksOurs ?? false;
    this.port.now = () => this.now;
    this.state = new ResourceState({
      self: setup.self ?? 'n2',
      generation: OUR_GENERATION,
      groups: setup.groups ?? [THEIRS, OURS],
      failback: setup.failback ?? 'on',
      stopRetryMax: 10,
      failureTimeoutMs: 3_600_000,
      port: this.port,
      peerView: () => (setup.alone === true ? undefined : { name: 'n1', status: this.peerStatus, lastSeq: this.seq, legacy: false }),
    });
    this.control = setup.failback === 'legacy' ? new LegacyFailback(this.state) : new NiceFailback(this.state);
  }

  get at(): Now {
    return at(this.now);
  }

  /** A message of n1's. Time stands still. */
  hear(type: string, fields: Readonly<Record<string, string>> = {}, seq?: number): void {
    if (seq === undefined) this.seq += 1;
    const all: Readonly<Record<string, string>> = this.speaksOurs ? { hbd_v: '1', ...fields } : fields;
    this.control.message(this.at, { type, from: 'n1', seq: seq ?? this.seq, generation: THEIR_GENERATION, get: (name) => all[name] });
  }

  /** n1's `resource`, in full; ours adds what it runs and which of our starts it answers. */
  holds(word: ResourceSetWord, stable: '0' | '1', more: Readonly<Record<string, string>> = {}): void {
    const ours: Record<string, string> = this.speaksOurs ? { hbd_hold: word, hbd_before: word, hbd_re: OUR_GENERATION.toString(16) } : {};
    this.hear('resource', { rsc_hold: word, rtype: 'full', isstable: stable, ...ours, ...more });
  }

  asks(set: ResourceSetWord, info: 'me' | 'other' | 'done'): void {
    this.hear('ask_resources', { rsc_hold: set, info });
  }

  settle(): void {
    this.port.endAll(this.at);
  }

  /** Lets time pass: alarms ring, scripts end at once. */
  wait(ms: number): void {
    const until = this.now + ms;
    for (let left = 10_000; left > 0; left -= 1) {
      this.settle();
      const due = this.control.nextAlarm();
      if (due === undefined || due > until) break;
      assert.ok(left > 1, 'alarms make progress');
      this.now = Math.max(this.now, due);
      this.control.alarm(this.at);
    }
    this.now = until;
  }

  /** Up, stable, and each with its own: the usual state of a pair. */
  joined(): this {
    this.control.activate(this.at);
    this.settle();
    this.hear('starting');
    this.holds('none', '0');
    this.holds('local', '1');
    this.settle();
    assert.equal(this.control.rscstatus(), 'local');
    this.port.news();
    return this;
  }

  group(wanted: ResourceGroup): string {
    return this.control.groupStatus().find((entry) => entry.key === wanted.key)?.state ?? 'unknown';
  }

  noted(code: NoteCode): boolean {
    return this.port.codes().includes(code);
  }
}

/** n1 comes back with a new life, up to `none`/1 in 7.2 (5). */
export function peerComesBack(bench: Bench, status = 'active'): void {
  bench.peerStatus = status;
  bench.seq = 0;
  bench.control.peerRestarted(bench.at);
  bench.control.peerAppeared(bench.at);
  bench.control.peerActive(bench.at);
  bench.hear('starting');
  bench.holds('none', '0');
  bench.port.news();
  bench.holds('none', '1');
}
