/** The driver between an engine and the world: order, one step at a time, one alarm, replies, the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault, Instant } from '../../src/contracts/basics.ts';
import type { CommandResult, Effect, Engine, Input } from '../../src/contracts/engine.ts';
import type { DurableRecord, ScriptJob, ScriptOutcome } from '../../src/contracts/host.ts';
import type { Medium, MediumSink } from '../../src/contracts/media.ts';
import { Driver } from '../../src/daemon/driver.ts';
import { bcast, testConfig } from '../engine/support.ts';
import { NO_CLIENTS, NO_EVENTS, NO_PROGRAMS } from '../support.ts';

const RECORD: DurableRecord = { generation: 1, uuid: new Uint8Array(16) };
const JOB: ScriptJob = { id: 5, script: 'web', args: [], action: 'start', env: {} };
const ENDED: ScriptOutcome = { kind: 'exited', status: 0, output: '', path: '/ha/web' };

class FakeMedium implements Medium {
  readonly spec;
  sink: MediumSink | undefined;
  readonly #log: string[];
  onSend: () => void = () => undefined;
  /** Packets that wait in its socket. */
  queued = 0;

  constructor(link: string, log: string[]) {
    this.spec = bcast(link);
    this.#log = log;
  }

  open(sink: MediumSink): void {
    this.sink = sink;
    this.#log.push(`open ${this.spec.link}`);
  }

  send(frame: Uint8Array): void {
    this.#log.push(`send ${this.spec.link} ${frame.length}`);
    this.onSend();
  }

  waiting(): boolean {
    return this.queued > 0;
  }

  close(): void {
    this.#log.push(`close ${this.spec.link}`);
  }
}

/** A world that writes down what it is asked for, and an engine that answers as the test says. */
class World {
  readonly log: string[] = [];
  readonly inputs: Input[] = [];
  readonly media = [new FakeMedium('eth0', this.log), new FakeMedium('eth1', this.log)];
  readonly made: FakeMedium[] = [];
  readonly alarms: { at: Instant; ring: () => void; cancelled: boolean }[] = [];
  now = 100;
  wanted: Instant | undefined;
  answer: (input: Input) => readonly Effect[] = () => [];
  saved: ((fault?: Fault) => void) | undefined;
  scriptEnded: ((outcome: ScriptOutcome) => void) | undefined;
  readonly driver: Driver;
  #depth = 0;

  constructor() {
    const engine: Engine = {
      step: (now, input) => {
        assert.equal(now.at, this.now);
        this.#depth += 1;
        assert.equal(this.#depth, 1, 'one step at a time');
        this.inputs.push(input);
        this.log.push(`step ${input.kind}`);
        const effects = this.answer(input);
        this.#depth -= 1;
        return effects;
      },
      nextAlarm: () => this.wanted,
    };
    this.driver = new Driver({
      engine,
      clock: {
        now: () => ({ at: this.now, unixSeconds: 1, load: '' }),
        alarm: (at, ring) => {
          const alarm = { at, ring, cancelled: false };
          this.alarms.push(alarm);
          return () => {
            alarm.cancelled = true;
          };
        },
      },
      media: this.media,
      createMedium: (spec) => {
        const medium = new FakeMedium(spec.link, this.log);
        this.made.push(medium);
        return spec.link === 'unknown' ? undefined : medium;
      },
      scripts: {
        start: (job, ended) => {
          this.log.push(`script ${job.script} ${job.action}`);
          this.scriptEnded = ended;
        },
      },
      store: {
        save: (record, done) => {
          this.log.push(`save ${record.generation}`);
          this.saved = done;
        },
      },
      announcer: {
        announce: (address) => this.log.push(`announce ${address}`),
      },
      clients: NO_CLIENTS,
      programs: NO_PROGRAMS,
      events: NO_EVENTS,
      host: {
        reset: (reason) => this.log.push(`reset ${reason}`),
        exit: (status) => this.log.push(`exit ${status}`),
        restart: (held) => this.log.push(`restart ${held}`),
      },
      note: (note) => this.log.push(`note ${note.code}`),
    });
  }

  get live() {
    return this.alarms.filter(({ cancelled }) => !cancelled);
  }

  news(): string[] {
    return this.log.splice(0);
  }
}

test('the start: the engine is told first, then the media are opened', () => {
  const world = new World();
  world.driver.start();
  assert.deepEqual(world.news(), ['step started', 'open eth0', 'open eth1']);
});

test('what the media tell becomes inputs with their names', () => {
  const world = new World();
  world.driver.start();
  const [eth0, eth1] = world.media;
  const bytes = new Uint8Array([1, 2]);
  eth0?.sink?.opened();
  eth1?.sink?.failed({ code: 'ENODEV', detail: 'no such device' });
  eth0?.sink?.frame(bytes, '10.0.0.9');
  assert.deepEqual(world.inputs.slice(1), [
    { kind: 'mediumOpened', medium: 'bcast eth0' },
    { kind: 'mediumFailed', medium: 'bcast eth1', fault: { code: 'ENODEV', detail: 'no such device' } },
    { kind: 'frame', medium: 'bcast eth0', bytes, from: '10.0.0.9' },
  ]);
});

test('effects are carried out in their order, each message over all media', () => {
  const world = new World();
  world.answer = (input) =>
    input.kind === 'stopAsked'
      ? [
          { kind: 'note', note: { code: 'commUp', facts: {} } },
          { kind: 'save', record: RECORD },
          { kind: 'send', bytes: new Uint8Array(3) },
          { kind: 'announce', address: '10.0.0.1' },
          { kind: 'runScript', job: JOB },
          { kind: 'resetHost', reason: 'web' },
          { kind: 'send', bytes: new Uint8Array(4) },
        ]
      : [];
  world.driver.stop();
  assert.deepEqual(world.news(), [
    'step stopAsked',
    'note commUp',
    'save 1',
    'send eth0 3',
    'send eth1 3',
    'announce 10.0.0.1',
    'script web start',
    'reset web',
    'send eth0 4',
    'send eth1 4',
  ]);
});

test('what comes back in the middle of a step waits for its end, in order', () => {
  const world = new World();
  world.driver.start();
  world.news();
  const [eth0] = world.media;
  if (eth0 !== undefined) {
    eth0.onSend = () => {
      eth0.onSend = () => undefined;
      world.driver.configure(testConfig({ media: [bcast('eth0'), bcast('eth1')] }));
      eth0.sink?.frame(new Uint8Array(1), 'x');
    };
  }
  world.answer = (input) =>
    input.kind === 'stopAsked'
      ? [
          { kind: 'send', bytes: new Uint8Array(3) },
          { kind: 'note', note: { code: 'commUp', facts: {} } },
        ]
      : [];
  world.driver.stop();
  assert.deepEqual(world.news(), ['step stopAsked', 'send eth0 3', 'send eth1 3', 'note commUp', 'step configured', 'step frame']);
});

test('a store and a runner that call back at once do not interrupt the step', () => {
  const world = new World();
  world.answer = (input) =>
    input.kind === 'started'
      ? [
          { kind: 'save', record: RECORD },
          { kind: 'note', note: { code: 'commUp', facts: {} } },
        ]
      : [];
  const save = world.log;
  world.driver.start();
  world.saved?.();
  assert.deepEqual(save, ['step started', 'save 1', 'note commUp', 'open eth0', 'open eth1', 'step saved']);
});

test('saves and scripts report with what they brought', () => {
  const world = new World();
  world.answer = (input) =>
    input.kind === 'started'
      ? [
          { kind: 'save', record: RECORD },
          { kind: 'runScript', job: JOB },
        ]
      : [];
  world.driver.start();
  world.saved?.({ code: 'EIO', detail: 'bad disk' });
  world.scriptEnded?.(ENDED);
  assert.deepEqual(world.inputs.slice(1), [
    { kind: 'saveFailed', fault: { code: 'EIO', detail: 'bad disk' } },
    { kind: 'scriptEnded', job: 5, outcome: ENDED },
  ]);
});

// --- the alarm ---

test('one alarm, set to what the engine wants, left alone while that stands, and moved when it changes', () => {
  const world = new World();
  world.wanted = 500;
  world.driver.stop();
  assert.deepEqual(
    world.live.map(({ at }) => at),
    [500],
  );
  world.driver.stop();
  assert.equal(world.alarms.length, 1, 'not set anew for the same time');
  world.wanted = 300;
  world.driver.stop();
  assert.deepEqual(
    world.live.map(({ at }) => at),
    [300],
  );
  world.wanted = undefined;
  world.driver.stop();
  assert.deepEqual(world.live, []);
});

test('an alarm that rings is an input, and the next one is set', () => {
  const world = new World();
  world.wanted = 500;
  world.driver.stop();
  world.now = 500;
  world.answer = (input) => {
    if (input.kind === 'alarm') world.wanted = 900;
    return [];
  };
  world.alarms[0]?.ring();
  assert.equal(world.inputs.at(-1)?.kind, 'alarm');
  assert.equal(world.alarms.at(-1)?.at, 900);
});

test('an alarm wanted again for the very time that has just rung is set again', () => {
  const world = new World();
  world.wanted = 500;
  world.driver.stop();
  world.now = 500;
  world.alarms[0]?.ring();
  assert.equal(world.alarms.length, 2);
  assert.equal(world.alarms[1]?.at, 500);
});

test('of many inputs in one turn the alarm is set once, after the last', () => {
  const world = new World();
  world.driver.start();
  const before = world.alarms.length;
  let step = 0;
  world.answer = () => {
    step += 1;
    world.wanted = 1000 + step;
    if (step < 5) world.driver.configure(testConfig({ media: [bcast('eth0'), bcast('eth1')] }));
    return [];
  };
  world.driver.stop();
  assert.equal(step, 5);
  assert.equal(world.alarms.length - before, 1);
  assert.equal(world.alarms.at(-1)?.at, 1005);
});

// --- commands ---

test('each command gets its own answer, also when they come in another order', () => {
  const world = new World();
  const calls: number[] = [];
  const answers: string[] = [];
  world.answer = (input) => {
    if (input.kind === 'command') calls.push(input.call);
    return input.kind === 'stopAsked'
      ? calls.toReversed().map((call) => ({ kind: 'reply', call, result: { ok: false, reason: `call ${call}` } }) as const)
      : [];
  };
  const take = (name: string) => (result: CommandResult) => {
    answers.push(`${name}: ${result.ok ? 'ok' : result.reason}`);
  };
  world.driver.command({ name: 'status' }, take('a'));
  world.driver.command({ name: 'standby', set: 'all' }, take('b'));
  assert.equal(new Set(calls).size, 2);
  world.driver.stop();
  assert.deepEqual(answers, [`b: call ${calls[1]}`, `a: call ${calls[0]}`]);
  world.driver.stop();
  assert.equal(answers.length, 2, 'an answer is given once');
});

test('a reply to nobody is dropped', () => {
  const world = new World();
  world.answer = () => [{ kind: 'reply', call: 99, result: { ok: true } }];
  assert.doesNotThrow(() => world.driver.stop());
});

// --- a reload of the media ---

test('a reload: what stays is not touched, what is new is opened before what is gone is closed', () => {
  const world = new World();
  world.driver.start();
  world.news();
  world.driver.configure(testConfig({ media: [bcast('eth1'), bcast('eth2'), bcast('unknown')] }));
  assert.deepEqual(world.news(), ['step configured', 'open eth2', 'close eth0']);
  world.answer = (input) => (input.kind === 'alarm' ? [{ kind: 'send', bytes: new Uint8Array(3) }] : []);
  world.wanted = 200;
  world.driver.configure(testConfig({ media: [bcast('eth1'), bcast('eth2')] }));
  assert.deepEqual(world.news(), ['step configured']);
  world.live[0]?.ring();
  assert.deepEqual(world.news(), ['step alarm', 'send eth1 3', 'send eth2 3']);
  world.media[0]?.sink?.frame(new Uint8Array(1), 'x');
  world.media[0]?.sink?.failed({ code: 'EX', detail: '' });
  assert.deepEqual(world.news(), [], 'nothing is heard from what was closed');
  world.made[0]?.sink?.opened();
  world.media[1]?.sink?.frame(new Uint8Array(1), 'x');
  assert.deepEqual(world.news(), ['step mediumOpened', 'step frame']);
});

test('a reload of the port: each medium is made anew under its name, and the old ones are deaf', () => {
  const world = new World();
  world.driver.start();
  world.news();
  const moved = [bcast('eth0'), bcast('eth1')].map((spec) => ({ ...spec, port: 1001 }));
  world.driver.configure(testConfig({ media: moved }));
  assert.deepEqual(world.news(), ['step configured', 'open eth0', 'open eth1', 'close eth0', 'close eth1']);
  world.media[0]?.sink?.frame(new Uint8Array(1), 'x');
  assert.deepEqual(world.news(), []);
  world.made[1]?.sink?.frame(new Uint8Array(1), 'x');
  assert.deepEqual(world.news(), ['step frame']);
  world.answer = () => [{ kind: 'exit', status: 0 }];
  world.driver.stop();
  assert.deepEqual(world.news(), ['step stopAsked', 'close eth0', 'close eth1', 'exit 0']);
});

// --- the end ---

test('exit: media closed, open calls answered, then the host is told; and nothing more happens', () => {
  const world = new World();
  world.driver.start();
  const answers: CommandResult[] = [];
  world.driver.command({ name: 'status' }, (result) => answers.push(result));
  world.wanted = 700;
  world.driver.configure(testConfig({ media: [bcast('eth0'), bcast('eth1')] }));
  world.news();
  world.answer = (input) => (input.kind === 'stopAsked' ? [{ kind: 'exit', status: 3 }] : []);
  world.driver.stop();
  assert.deepEqual(world.news(), ['step stopAsked', 'close eth0', 'close eth1', 'exit 3']);
  const stopped: CommandResult = { ok: false, reason: 'heartbeat has stopped' };
  assert.deepEqual([...answers], [stopped]);
  assert.deepEqual(world.live, [], 'no alarm is left');

  world.media[0]?.sink?.frame(new Uint8Array(1), 'x');
  world.media[0]?.sink?.opened();
  world.driver.stop();
  world.driver.configure(testConfig({ media: [bcast('eth0'), bcast('eth1')] }));
  for (const alarm of world.alarms) alarm.ring();
  assert.deepEqual(world.news(), []);

  world.driver.command({ name: 'status' }, (result) => answers.push(result));
  assert.deepEqual([...answers], [stopped, stopped], 'who comes late is answered');
});

test('inputs that were waiting when it ended are not taken', () => {
  const world = new World();
  world.answer = (input) => {
    if (input.kind !== 'stopAsked') return [];
    world.driver.configure(testConfig({ media: [bcast('eth0'), bcast('eth1')] }));
    return [{ kind: 'exit', status: 0 }];
  };
  world.driver.stop();
  assert.deepEqual(world.news(), ['step stopAsked', 'close eth0', 'close eth1', 'exit 0']);
});

test('an alarm that is late lets everything be read that waits in the sockets, a flood for a while only', () => {
  const world = new World();
  world.wanted = 1000;
  world.driver.start();
  const [medium] = world.media;
  assert.ok(medium);
  const ring = () => {
    const [alarm] = world.live.splice(0);
    world.alarms.length = 0;
    alarm?.ring();
    return world.news();
  };
  world.news();
  medium.queued = 2;
  world.now = 1010;
  assert.deepEqual(ring(), ['step alarm'], 'hardly late');
  world.wanted = 2000;
  world.driver.localMessage(new Uint8Array(1));
  world.news();
  world.now = 9000;
  assert.deepEqual(ring(), []);
  medium.sink?.frame(new Uint8Array(1), 'x');
  medium.queued = 1;
  assert.deepEqual(ring(), ['step frame']);
  medium.queued = 0;
  world.wanted = 10_000;
  assert.deepEqual(ring(), ['step alarm']);
  medium.queued = 1;
  for (world.now = 19_000; world.now < 19_250; world.now += 10) assert.deepEqual(ring(), []);
  assert.deepEqual(ring(), ['step alarm']);
});
