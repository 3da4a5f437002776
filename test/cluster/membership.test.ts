/** Who is there: lateness, death, return, restart, links (wire-protocol 5.1, 6.2 to 6.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { Membership } from '../../src/cluster/membership.ts';
import type { NodeRecord } from '../../src/cluster/node.ts';
import type { Now } from '../../src/contracts/basics.ts';
import { testConfig } from '../engine/support.ts';

const at = (ms: number): Now => ({ at: ms, unixSeconds: 1_700_000_000, load: '0' });

/** n2's view. Deadtime 5 s, warntime 2.5 s, initdead 10 s. */
class View {
  readonly lines: string[] = [];
  readonly membership: Membership;
  seq = 0;

  constructor(nodes: readonly string[] = ['n1', 'n2']) {
    const event = (name: string) => (_: Now, node: NodeRecord) => {
      this.lines.push(`${name} ${node.name}`);
    };
    this.membership = new Membership(testConfig({ nodes }), 0, seededRandom(1), {
      note: (code, facts = {}) => this.lines.push(`${code} ${facts.node ?? ''}${facts.link === undefined ? '' : `:${facts.link}`}`.trim()),
      appeared: event('appeared'),
      restarted: event('restarted'),
      changed: event('changed'),
      died: event('died'),
      returned: event('returned'),
      linkChanged: () => undefined,
    });
    this.membership.begin(at(0));
  }

  node(name = 'n1'): NodeRecord {
    const node = this.membership.find(name);
    assert.ok(node !== undefined);
    return node;
  }

  /** A status of n1 from its present life, unless said otherwise. */
  status(
    ms: number,
    st = 'active',
    { gen = 7, dt, seq, name = 'n1' }: { gen?: number; dt?: number; seq?: number; name?: string } = {},
  ): string {
    this.seq += 1;
    const sequence = seq ?? this.seq;
    const verdict = this.membership.checkLife(at(ms), this.node(name), { type: 'status', origin: name, generation: gen, sequence });
    if (verdict === 'current') this.membership.statusHeard(at(ms), this.node(name), sequence, st, dt);
    return verdict;
  }

  /** Heard, active, communication up; nothing to read. */
  up(dt = 5000): this {
    this.membership.commUp = true;
    this.status(0, 'active', { dt });
    this.news();
    return this;
  }

  ring(ms: number): string[] {
    this.membership.alarm(at(ms));
    return this.news();
  }

  news(): string[] {
    return this.lines.splice(0);
  }
}

test('names fold, and only those of ha.cf are known', () => {
  const view = new View();
  assert.equal(view.membership.find('N1')?.name, 'n1');
  assert.equal(view.membership.find('n3'), undefined);
  assert.equal(view.membership.self.name, 'n2');
  assert.deepEqual(
    view.membership.others.map(({ name }) => name),
    ['n1'],
  );
});

test('6.3 the first status: appeared, and its status text', () => {
  const view = new View();
  assert.equal(view.status(100, 'up'), 'current');
  assert.deepEqual(view.news(), ['appeared n1', 'nodeStatus n1', 'changed n1']);
  assert.equal(view.node().alive, true);
  assert.equal(view.node().generation, 7);
  view.status(200, 'up');
  assert.deepEqual(view.news(), [], 'the same text again says nothing new');
  view.status(300, 'active');
  assert.deepEqual(view.news(), ['nodeStatus n1', 'changed n1']);
});

test('6.3 a status of any text is taken as it is', () => {
  const view = new View().up();
  view.status(100, 'funny');
  assert.equal(view.node().status, 'funny');
  assert.equal(view.node().alive, true);
});

// --- death ---

test('6.4 dead at exactly the time-out that the node announced, not our own, and not before', () => {
  for (const dt of [300, 1000, 5000, 60_000]) {
    const view = new View().up(dt);
    assert.equal(view.membership.nextAlarm(), dt, 'the alarm is set for it');
    assert.deepEqual(view.ring(dt - 0.01), []);
    assert.deepEqual(view.ring(dt), ['nodeDead n1', 'died n1']);
    assert.equal(view.node().status, 'dead');
    assert.equal(view.node().alive, false);
    assert.deepEqual(view.ring(dt + 1), [], 'once');
    assert.equal(view.membership.nextAlarm(), undefined);
  }
});

test('6.4 each status starts the time anew', () => {
  const view = new View().up(1000);
  for (let ms = 900; ms <= 9000; ms += 900) {
    view.status(ms, 'active', { dt: 1000 });
    assert.deepEqual(view.ring(ms), []);
  }
  assert.equal(view.membership.nextAlarm(), 10_000);
});

test('6.4 a changed dt counts from its status on; one that is missing leaves the old one', () => {
  const view = new View().up(1000);
  view.status(500, 'active', { dt: 7000 });
  assert.equal(view.membership.nextAlarm(), 7500);
  view.status(1000, 'active');
  assert.equal(view.membership.nextAlarm(), 8000);
});

test('6.3 an announced dt has no lower bound', () => {
  const view = new View().up(1);
  assert.deepEqual(view.ring(1), ['nodeDead n1', 'died n1']);
});

test('6.2 before communication is up a silent node is dead after initdead alone', () => {
  const view = new View();
  assert.equal(view.membership.nextAlarm(), 10_000);
  assert.deepEqual(view.ring(9999), []);
  assert.equal(view.membership.everyoneKnown, false);
  assert.deepEqual(view.ring(10_000), ['nodeDead n1', 'died n1']);
  assert.equal(view.membership.everyoneKnown, true);
});

test('6.2 initdead counts from begin, not from the making of the object', () => {
  const view = new View();
  view.membership.begin(at(4000));
  assert.deepEqual(view.ring(13_999), []);
  assert.deepEqual(view.ring(14_000), ['nodeDead n1', 'died n1']);
});

test('6.2 initdead holds for a node that was heard, too, until communication is up', () => {
  const view = new View();
  view.status(0, 'up', { dt: 5000 });
  view.news();
  assert.deepEqual(view.ring(9000), []);
  view.membership.commUp = true;
  assert.deepEqual(view.ring(9000), ['nodeDead n1', 'died n1']);
});

test('everyone is known when each other node was heard or is dead', () => {
  const view = new View(['n1', 'n2', 'n3']);
  assert.equal(view.membership.everyoneKnown, false);
  view.status(1, 'up');
  assert.equal(view.membership.everyoneKnown, false);
  view.status(2, 'up', { name: 'n3', seq: 1 });
  assert.equal(view.membership.everyoneKnown, true);
});

test('who got no time itself judges nobody by its silence for two keepalives', () => {
  const view = new View().up(1000);
  view.membership.linkHeard(at(0), view.node(), 'eth0');
  view.news();
  view.membership.stoodStill(at(8000), false);
  assert.deepEqual(view.ring(8000), []);
  assert.equal(view.membership.nextAlarm(), 10_000);
  assert.deepEqual(view.ring(9999), []);
  assert.deepEqual(view.ring(10_000), ['nodeDead n1', 'died n1', 'linkDead n1:eth0']);
});

test('the grace after a standstill does not lengthen the time of a node that is heard in it', () => {
  const view = new View().up(1000);
  view.membership.stoodStill(at(8000), false);
  view.status(9500, 'active', { dt: 1000 });
  view.news();
  assert.equal(view.membership.nextAlarm(), 10_500);
});

// --- lateness ---

for (const [interval, expected] of [
  [2400, undefined],
  [2500, undefined],
  [2501, 'lateHeartbeat n1'],
  [5000, 'lateHeartbeat n1'],
  [5001, 'tooLateHeartbeat n1'],
] as const) {
  test(`6.3 a status ${interval} ms after the last (warntime 2500, deadtime 5000): ${expected ?? 'no word'}`, () => {
    const view = new View().up(60_000);
    view.status(interval);
    assert.deepEqual(view.news(), expected === undefined ? [] : [expected]);
  });
}

test('the first status after our start is not late, whenever it comes', () => {
  const view = new View();
  view.status(8000, 'up');
  assert.ok(!view.news().some((line) => /late/i.test(line)));
});

// --- return, replay, restart ---

test('6.6 the same generation heard after a death is a return: the five lines, and alive again', () => {
  const view = new View().up();
  view.ring(5000);
  assert.equal(view.status(9000), 'current');
  const news = view.news();
  assert.deepEqual(news.slice(0, 6), ['partitionReturn n1', 'partitionUrl', 'deadtimeSmall', 'deadtimeFaq', 'deadtimeUrl', 'returned n1']);
  assert.equal(news.at(-1), 'changed n1');
  assert.equal(view.node().alive, true);
  assert.equal(view.membership.nextAlarm(), 14_000);
});

test('5.1 b numbers from before a death do not bring the node back', () => {
  const view = new View().up();
  view.status(100, 'active', { seq: 20 });
  view.ring(5100);
  view.news();
  for (const seq of [1, 19, 20]) assert.equal(view.status(6000, 'active', { seq }), 'replay', `seq ${seq}`);
  assert.equal(view.node().status, 'dead');
  assert.deepEqual(view.news(), []);
  assert.equal(view.status(6000, 'active', { seq: 21 }), 'current');
});

test('5.1 a a lower generation is a replay, alive or dead', () => {
  const view = new View().up();
  assert.equal(view.status(100, 'active', { gen: 6 }), 'replay');
  assert.equal(view.status(100, 'active', { gen: 0 }), 'replay');
  view.ring(5000);
  assert.equal(view.status(6000, 'active', { gen: 6 }), 'replay');
  assert.equal(view.node().status, 'dead');
});

test('5.1 c 6.7 a higher generation is a restart without a death', () => {
  const view = new View().up();
  assert.equal(view.status(1000, 'init', { gen: 8, seq: 1 }), 'current');
  assert.deepEqual(view.news(), ['nodeRestart n1', 'restarted n1', 'appeared n1', 'nodeStatus n1', 'changed n1']);
  assert.equal(view.node().generation, 8);
  assert.equal(view.node().statusSeq, 1);
});

test('a higher generation after a death is a restart, not a return', () => {
  const view = new View().up();
  view.ring(5000);
  view.status(9000, 'init', { gen: 8, seq: 1 });
  const news = view.news();
  assert.ok(news.includes('nodeRestart n1') && !news.some((line) => line.startsWith('partition')));
  assert.equal(view.node().alive, true);
});

test('a new life is judged by its own dt, not by that of the old one', () => {
  const view = new View().up(60_000);
  view.status(1000, 'init', { gen: 8, seq: 1 });
  assert.equal(view.membership.nextAlarm(), 6000, 'our own setting, until it has said its');
});

test('the numbers of a new life begin again', () => {
  const view = new View().up();
  view.node().tracker.accept(400, 0);
  view.status(1000, 'init', { gen: 8, seq: 1 });
  assert.equal(view.node().tracker.accept(1, 1000).verdict, 'deliver');
});

test('6.3 a status overtaken by a newer one says nothing', () => {
  const view = new View().up();
  view.status(1000, 'active', { seq: 30 });
  view.status(1500, 'up', { seq: 29 });
  assert.equal(view.node().status, 'active');
  assert.equal(view.membership.nextAlarm(), 6000, 'and does not count as life');
});

// --- links ---

test('6.3 a link comes up with the first packet over it, one line each', () => {
  const view = new View().up();
  view.membership.linkHeard(at(0), view.node(), 'eth0');
  view.membership.linkHeard(at(100), view.node(), 'eth0');
  view.membership.linkHeard(at(200), view.node(), 'eth1');
  view.membership.linkHeard(at(200), view.membership.self, 'eth0');
  assert.deepEqual(view.news(), ['linkUp n1:eth0', 'linkUp n1:eth1', 'linkUp n2:eth0']);
});

test('6.4 a link is dead when nothing came over it for the time of its node, the other lives on', () => {
  const view = new View().up(1000);
  view.membership.linkHeard(at(0), view.node(), 'eth0');
  view.membership.linkHeard(at(0), view.node(), 'eth1');
  view.news();
  for (let ms = 200; ms <= 2000; ms += 200) {
    view.status(ms, 'active', { dt: 1000 });
    view.membership.linkHeard(at(ms), view.node(), 'eth1');
    assert.deepEqual(view.ring(ms), ms === 1000 ? ['linkDead n1:eth0'] : [], `${ms}`);
  }
  view.membership.linkHeard(at(2100), view.node(), 'eth0');
  assert.deepEqual(view.news(), ['linkUp n1:eth0']);
});

test('6.4 at a death the line of the node comes before those of its links', () => {
  const view = new View().up(1000);
  view.membership.linkHeard(at(0), view.node(), 'eth0');
  view.news();
  assert.deepEqual(view.ring(1000), ['nodeDead n1', 'died n1', 'linkDead n1:eth0']);
});

// --- reload ---

test('a reload changes the time-out of nodes that were not heard, not that of those that announced theirs', () => {
  const view = new View(['n1', 'n2', 'n3']).up(7000);
  view.membership.configure(testConfig({ nodes: ['n1', 'n2', 'n3'], deadtimeMs: 2000 }));
  assert.equal(view.membership.self.deadtimeMs, 2000, 'our own is what we say now');
  assert.equal(view.node('n1').deadtimeMs, 7000);
  assert.equal(view.node('n3').deadtimeMs, 2000);
});
