/** The end of a partition between two heartbeatd nodes: who keeps what, and that nobody is without it meanwhile. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResourceGroup } from '../../src/contracts/config.ts';
import { settled, watch, watchClosely } from './checkers.ts';
import { group, NODES, SimCluster, type SimSetup } from './cluster.ts';
import { fieldOf } from './network.ts';

const WORDS = ['IPaddr::a', 'web', 'IPaddr::b', 'db'] as const;

function pair(setup: Partial<SimSetup> = {}): SimCluster {
  const at = new SimCluster({ seed: 1, ...setup });
  watch(at);
  watchClosely(at);
  for (const name of NODES) at.start(name);
  at.run(8000);
  for (const { home, resources } of at.groups) for (const { word } of resources) holds(at, { [word]: home });
  return at;
}

function holds(at: SimCluster, expected: Readonly<Record<string, string>>): void {
  for (const [word, holder] of Object.entries(expected))
    assert.equal(at.holders(word).join('+'), holder, `${word}\n${at.trace.join('\n')}`);
}

function cut(at: SimCluster): void {
  cutFrom(at, 'n1', 'n2');
  cutFrom(at, 'n2', 'n1');
}

function cutFrom(at: SimCluster, from: string, to: string): void {
  at.log(from, '--- cut');
  for (const link of at.links) at.network.cut(from, to, link);
}

function heal(at: SimCluster): void {
  at.log('n1', '--- healed');
  at.network.healAll();
}

function moves(at: SimCluster, node: string, set: 'all' | 'local' | 'foreign'): void {
  assert.deepEqual(at.command(node, { name: 'standby', set }), { ok: true }, at.trace.join('\n'));
  at.run(4000);
}

/** From now on every word has a holder at every moment. */
function neverNobody(at: SimCluster, words: readonly string[] = WORDS): void {
  const told = new Set<string>();
  at.check(() => {
    for (const word of words) {
      if (at.holders(word).length > 0 || told.has(word)) continue;
      told.add(word);
      at.violation(`nobody holds ${word}`);
    }
  });
}

/** `node` keeps running these from now on, without a stop in between. */
function keepsRunning(at: SimCluster, node: string, words: readonly string[]): void {
  at.host(node).watchers.push((job, word) => {
    if (words.includes(word) && job.action !== 'status') at.violation(`${node} runs ${job.action} of ${word}`);
  });
}

function well(at: SimCluster): void {
  settled(at);
  assert.deepEqual(at.violations, [], at.trace.join('\n'));
}

function saysOf(at: SimCluster, code: RegExp): number {
  return at.trace.filter((line) => code.test(line)).length;
}

describe('a full cut', () => {
  for (const failback of ['on', 'off'] as const) {
    it(`two groups, each at home (${failback}): each goes on without a stop, and both are announced again`, () => {
      const at = pair({ failback });
      cut(at);
      at.run(10_000);
      holds(at, { 'IPaddr::a': 'n1+n2', 'IPaddr::b': 'n1+n2' });
      keepsRunning(at, 'n1', ['IPaddr::a', 'web']);
      keepsRunning(at, 'n2', ['IPaddr::b', 'db']);
      heal(at);
      at.run(10_000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
      assert.equal(saysOf(at, /keeping \[.*\(it held it before\)/), 2, at.trace.join('\n'));
      well(at);
    });
  }

  it('auto_failback off, both groups on one node: it keeps both, and they stay', () => {
    const at = pair({ failback: 'off' });
    moves(at, 'n1', 'all');
    keepsRunning(at, 'n2', WORDS);
    cut(at);
    at.run(10_000);
    heal(at);
    at.run(40_000);
    holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::b': 'n2', db: 'n2' });
    well(at);
  });

  it('groups of one set on different nodes, as single groups: each stays with its holder', () => {
    const groups: readonly ResourceGroup[] = [
      group('n1', 'IPaddr::a', 'web'),
      group('n1', 'IPaddr::c', 'mail'),
      group('n2', 'IPaddr::b', 'db'),
    ];
    const at = pair({ failback: 'off', groups });
    // n2 has not come to the second group when the cut ends: only the first is on both.
    at.host('n2').pace.least = 1000;
    cut(at);
    for (let left = 200; left > 0 && !at.host('n2').running.has('web'); left -= 1) at.run(100);
    holds(at, { web: 'n1+n2', mail: 'n1' });
    neverNobody(at, ['IPaddr::a', 'web', 'IPaddr::c', 'mail']);
    keepsRunning(at, 'n1', ['IPaddr::a', 'web', 'IPaddr::c', 'mail']);
    heal(at);
    at.run(60_000);
    holds(at, { web: 'n1', mail: 'n1', db: 'n2' });
    well(at);
  });

  it('heal in the middle of a takeover script: what was not started is not, what was is given up', () => {
    for (let afterMs = 0; afterMs <= 12_000; afterMs += 750) {
      const at = pair();
      for (const host of at.hosts) host.pace.least = 1500;
      cut(at);
      at.run(4000 + afterMs);
      neverNobody(at);
      keepsRunning(at, 'n1', ['IPaddr::a', 'web']);
      keepsRunning(at, 'n2', ['IPaddr::b', 'db']);
      heal(at);
      at.run(60_000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
      well(at);
    }
  });

  it('a heal that is followed at once by another cut, at every moment of it', () => {
    for (const healMs of [0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.5, 3, 10, 30, 100, 1000, 2000]) {
      const at = pair();
      for (const host of at.hosts) host.pace.least = 20;
      cut(at);
      at.run(10_000);
      neverNobody(at);
      keepsRunning(at, 'n1', ['IPaddr::a', 'web']);
      keepsRunning(at, 'n2', ['IPaddr::b', 'db']);
      heal(at);
      at.run(healMs);
      cut(at);
      at.run(10_000);
      holds(at, { 'IPaddr::a': 'n1+n2', 'IPaddr::b': 'n1+n2' });
      heal(at);
      at.run(15_000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
      well(at);
    }
  });

  it('the word of the keeper is lost: nothing is given up before it is heard', () => {
    const at = pair();
    cut(at);
    at.run(10_000);
    neverNobody(at);
    at.network.interfere = (from, _to, packet) =>
      from === 'n1' && fieldOf(packet, 't') === 'resource' && /ok?w?k|wk/.test(fieldOf(packet, 'hbd_epochs') ?? '') ? 'lost' : undefined;
    heal(at);
    at.run(1500);
    holds(at, { 'IPaddr::a': 'n1+n2', web: 'n1+n2' });
    at.network.interfere = () => undefined;
    at.run(20_000);
    holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
    well(at);
  });
});

describe('other cuts', () => {
  for (const deaf of NODES) {
    it(`only ${deaf} hears the other no more: it takes over, and the other yields at its word, long before the heal`, () => {
      const at = pair();
      const other = deaf === 'n1' ? 'n2' : 'n1';
      cutFrom(at, other, deaf);
      at.run(12_000);
      holds(at, Object.fromEntries(WORDS.map((word) => [word, deaf])));
      heal(at);
      at.run(40_000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
      well(at);
    });
  }

  it('shorter than deadtime on one side: who noticed nothing keeps its own, and the other takes back what it took', () => {
    for (const [quick, slow] of [NODES, [...NODES].reverse()] as const) {
      const at = pair({ differs: { [slow ?? '']: { deadtimeMs: 20_000, initdeadMs: 20_000 } } });
      const own = slow === 'n1' ? (['IPaddr::a', 'web'] as const) : (['IPaddr::b', 'db'] as const);
      const others = slow === 'n1' ? (['IPaddr::b', 'db'] as const) : (['IPaddr::a', 'web'] as const);
      cut(at);
      // `slow` announces 20 s: it is not dead for the other before that; the other is, after 5 s.
      at.run(9000);
      assert.deepEqual(at.holders(others[0]).sort(), [...NODES]);
      holds(at, { [own[0]]: slow ?? '' });
      neverNobody(at);
      keepsRunning(at, quick ?? '', others);
      keepsRunning(at, slow ?? '', own);
      heal(at);
      at.run(20_000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
      well(at);
    }
  });

  it('one node is switched off and on again during the cut: who went on without a break keeps the group, and it goes home later', () => {
    for (const failback of ['on', 'off'] as const) {
      const at = pair({ failback });
      cut(at);
      at.run(7000);
      at.powerOff('n1');
      at.run(1000);
      at.start('n1');
      at.run(20_000);
      holds(at, { 'IPaddr::a': 'n1+n2', 'IPaddr::b': 'n1+n2' });
      if (failback === 'off') neverNobody(at);
      keepsRunning(at, 'n2', failback === 'off' ? WORDS : ['IPaddr::b', 'db']);
      heal(at);
      at.run(20_000);
      holds(at, { 'IPaddr::a': failback === 'on' ? 'n1' : 'n2', 'IPaddr::b': 'n2', db: 'n2' });
      well(at);
    }
  });

  it('one daemon is killed and started again during the cut, its services go on: it asks, and the other one keeps what it has taken', () => {
    const at = pair({ failback: 'off' });
    moves(at, 'n1', 'all');
    cut(at);
    at.run(7000);
    at.kill('n2');
    at.run(200);
    at.start('n2');
    at.run(20_000);
    holds(at, { 'IPaddr::a': 'n1+n2', 'IPaddr::b': 'n1+n2' });
    neverNobody(at);
    heal(at);
    at.run(20_000);
    holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n1', db: 'n1' });
    well(at);
  });

  it('the same without the file: the home of each keeps it', () => {
    const at = pair({ failback: 'off' });
    cut(at);
    at.run(7000);
    for (const name of NODES) {
      at.kill(name);
      at.host(name).epochs = undefined;
      at.start(name);
    }
    at.run(20_000);
    neverNobody(at);
    heal(at);
    at.run(20_000);
    holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
    well(at);
  });

  it('haresources of the two differ at the heal', () => {
    const at = pair({ failback: 'off' });
    cut(at);
    at.run(8000);
    at.edit('n1', [...at.groups, group('n2', 'IPaddr::c', 'mail')]);
    at.run(4000);
    holds(at, { 'IPaddr::c': 'n1' });
    neverNobody(at, [...WORDS, 'IPaddr::c', 'mail']);
    heal(at);
    at.run(5000);
    at.edit('n2', at.groups);
    at.run(30_000);
    holds(at, { 'IPaddr::a': 'n1', 'IPaddr::b': 'n2' });
    well(at);
  });
});

describe('a storage group on both nodes', () => {
  const groups = [
    group('n1', 'IPaddr::a', 'Filesystem::/dev/sdb1::/data'),
    group('n1', 'IPaddr::c', 'web'),
    group('n2', 'IPaddr::b', 'db'),
  ];
  const DATA = 'Filesystem::/dev/sdb1::/data';

  it('is told with the time, stays where it is, and goes home by hand', () => {
    const at = pair({ groups, failback: 'on' });
    cut(at);
    at.run(7000);
    at.powerOff('n1');
    at.run(1000);
    at.start('n1');
    at.run(16_000);
    holds(at, { [DATA]: 'n1+n2', web: 'n1+n2' });
    heal(at);
    at.run(60_000);
    // The other group of the same set goes home as usual.
    holds(at, { [DATA]: 'n2', 'IPaddr::a': 'n2', web: 'n1', db: 'n2' });
    const told = at.trace.filter((line) => line.includes('CRIT: storage group IPaddr::a was up here and on'));
    assert.equal(told.length, 2, at.trace.join('\n'));
    for (const line of told) assert.ok(Number(/for ([\d.]+) s/.exec(line)?.[1]) < 20, line);
    assert.equal(saysOf(at, /\[IPaddr::a\] is not failed back to n1 by itself/), 1);
    moves(at, 'n2', 'foreign');
    holds(at, { [DATA]: 'n1', web: 'n1', db: 'n2' });
    at.run(20_000);
    well(at);
  });

  it('stays also when the daemon that has it starts again', () => {
    const at = pair({ groups, failback: 'on' });
    cut(at);
    at.run(7000);
    at.powerOff('n1');
    at.run(1000);
    at.start('n1');
    at.run(16_000);
    heal(at);
    at.run(20_000);
    holds(at, { [DATA]: 'n2', web: 'n1' });
    at.restart('n2');
    at.run(30_000);
    holds(at, { [DATA]: 'n2', web: 'n1' });
  });
});
