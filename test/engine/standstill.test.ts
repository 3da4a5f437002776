import assert from 'node:assert/strict';
import test from 'node:test';
import type { Now } from '../../src/contracts/basics.ts';
import { Announcing } from '../../src/engine/announcing.ts';
import { Standstill } from '../../src/engine/standstill.ts';
import { Message } from '../../src/protocol/message.ts';
import { testConfig } from './support.ts';

const CONFIG = testConfig({ keepaliveMs: 1000, deadtimeMs: 5000, warntimeMs: 2500 });

/** A standstill beside a peer that is there, with what it asked for. */
class World {
  readonly log: string[] = [];
  readonly peer = { name: 'n2', alive: true, heartbeatd: true, deadtimeMs: 5000 };
  readonly absence = { disputed: false };
  now: Now = { at: 0, bootAt: 0, wallMs: 0, unixSeconds: 0, load: '' };
  word = '';
  readonly still: Standstill;

  constructor() {
    const { log } = this;
    const world = this;
    const absence = {
      hold: () => log.push('hold'),
      goOn: () => log.push('goOn'),
      ask: (word: string) => {
        world.word = word;
        log.push('ask');
      },
      peerStatus: () => undefined,
      statusFields: [],
      get disputed() {
        return world.absence.disputed;
      },
    };
    this.still = new Standstill(this.now, {
      config: () => CONFIG,
      partner: () => this.peer as never,
      resources: () => ({ absence }) as never,
      note: (code) => log.push(code),
      stoodStill: (_, anew) => log.push(anew ? 'everybody anew' : 'grace'),
      beat: () => log.push('beat'),
      quiet: (quiet) => log.push(quiet ? 'quiet' : 'loud'),
    });
  }

  /** So much passes on the monotonic clock, and on the two others unless told otherwise. */
  step(ms: number, more: { readonly boot?: number; readonly wall?: number } = {}): string[] {
    const boot = more.boot ?? ms;
    const { at, bootAt = 0, wallMs = 0 } = this.now;
    this.now = { at: at + ms, bootAt: bootAt + boot, wallMs: wallMs + (more.wall ?? boot), unixSeconds: 0, load: '' };
    this.still.look(this.now, true);
    return this.log.splice(0);
  }

  hears(...pairs: (readonly [string, string])[]): string[] {
    this.still.heard(this.now, this.peer as never, Message.of(...pairs));
    return this.log.splice(0);
  }

  rings(): string[] {
    this.still.alarm(this.now);
    return this.log.splice(0);
  }
}

const AWAY = ['wasAway', 'quiet', 'hold', 'ask'];
const OVER = ['awayOver', 'loud', 'goOn'];

test('steps that come in time, and one that is a little late', () => {
  const world = new World();
  assert.deepEqual(world.step(1000), []);
  assert.deepEqual(world.step(2000), []);
  assert.deepEqual(world.step(2001), ['grace', 'beat']);
});

test('a step so late that the others may have counted us as dead', () => {
  const world = new World();
  assert.deepEqual(world.step(2999), ['grace', 'beat', 'lateHeartbeat']);
  assert.deepEqual(world.step(3000), ['everybody anew', 'beat', 'lateHeartbeat', ...AWAY]);
  assert.deepEqual(world.hears(['t', 'status'], ['st', 'active']), [], 'a status may be from before');
  assert.deepEqual(world.hears(['t', 'resource'], ['hbd_saw', 'other']), []);
  assert.deepEqual(world.hears(['t', 'resource'], ['hbd_saw', world.word]), OVER);
  assert.equal(world.still.nextAlarm(), undefined);
});

test('a suspended machine: the boot clock went on', () => {
  assert.deepEqual(new World().step(10, { boot: 60_000 }), ['everybody anew', 'beat', 'lateHeartbeat', ...AWAY]);
});

test('the wall clock: ahead it is a doubt that changes no deadtime and lasts for two keepalives, backwards nothing', () => {
  const world = new World();
  assert.deepEqual(world.step(1000, { wall: -60_000 }), []);
  assert.deepEqual(world.step(1000, { wall: 61_000 }), AWAY);
  assert.equal(world.still.nextAlarm(), world.now.at + 2000);
  assert.deepEqual(world.step(2000), []);
  assert.deepEqual(world.rings(), OVER);
  world.peer.alive = false;
  assert.deepEqual(world.step(1000, { wall: 61_000 }), [], 'nobody to ask');
});

test('no answer: asked again, until its deadtime is over', () => {
  const world = new World();
  world.step(9000);
  const woke = world.now.at;
  const asked: string[] = [];
  while (world.now.at < woke + 5000) {
    world.step(1000);
    asked.push(...world.rings());
  }
  assert.deepEqual(asked, ['ask', 'ask', ...OVER]);
});

test('a peer that does not know the question: its first status after all that waited was read', () => {
  const world = new World();
  world.peer.heartbeatd = false;
  world.step(9000);
  assert.deepEqual(world.hears(['t', 'status']), []);
  world.rings();
  world.absence.disputed = true;
  assert.deepEqual(world.hears(['t', 'status']), [], 'it claims what we hold: not announced before it has let go');
  world.absence.disputed = false;
  assert.deepEqual(world.hears(['t', 'status']), OVER);
});

test('an address is announced in rounds; while held back not at all, and then in full', () => {
  const said: string[] = [];
  let at = 0;
  const now = (): Now => ({ at, unixSeconds: 0, load: '' });
  const announcing = new Announcing((effect) => said.push(effect.kind === 'announce' ? effect.address : effect.kind), now);
  const pass = (ms: number): number => {
    const before = said.length;
    for (const end = at + ms; ; ) {
      const due = announcing.nextAlarm();
      if (due === undefined || due > end) break;
      at = due;
      announcing.alarm(now());
    }
    return said.length - before;
  };
  announcing.announce('a');
  announcing.announce('b');
  assert.deepEqual(said, ['a', 'b']);
  announcing.silence('b');
  assert.equal(pass(1000), 4);
  announcing.hold();
  announcing.announce('c');
  announcing.announce('d');
  announcing.silence('d');
  assert.equal(pass(60_000), 0);
  assert.equal(said.length, 6);
  announcing.go();
  assert.deepEqual(said.slice(6), ['a', 'c']);
  assert.equal(pass(60_000), 20);
  assert.equal(announcing.nextAlarm(), undefined);
});
