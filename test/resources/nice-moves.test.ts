/** A stable pair: standby, takeover and failback (wire-protocol 7.4, 7.5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, type BenchSetup, OURS, peerComesBack, THEIRS } from './support.ts';

const joined = (setup: BenchSetup = {}) => new Bench(setup).joined();

/** n2 alone with everything, after the death of n1. */
function alone(setup: BenchSetup = {}): Bench {
  const bench = joined(setup);
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'all');
  bench.port.news();
  return bench;
}

const asked = (bench: Bench) => bench.port.news().filter((line) => line.startsWith('ask_resources'));

// --- 7.4: the commands ---

for (const [command, set] of [
  ['all', 'all'],
  ['local', 'local'],
  ['foreign', 'foreign'],
  ['failback', 'foreign'],
] as const) {
  test(`7.4 hb_standby ${command} asks the peer to take ${set}`, () => {
    const bench = joined();
    assert.equal(bench.control.standby(bench.at, command), undefined);
    assert.deepEqual(bench.port.news(), [`ask_resources ${set} me`]);
    assert.equal(bench.control.rscstatus(), 'transition');
  });
}

for (const [command, word] of [
  ['all', 'all'],
  ['local', 'local'],
  ['foreign', 'foreign'],
  ['failback', 'local'],
] as const) {
  test(`7.4 hb_takeover ${command} sends hb_takeover ${word}, a word that 3.0.6 knows`, () => {
    const bench = joined();
    assert.equal(bench.control.takeover(bench.at, command), undefined);
    assert.deepEqual(bench.port.news(), [`hb_takeover ${word}`]);
  });
}

test('7.4 hb_takeover is refused at once while something moves here: its answer would find nobody', () => {
  const bench = joined();
  bench.asks('local', 'me');
  bench.port.news();
  assert.match(bench.control.takeover(bench.at, 'all') ?? '', /a standby is in progress/);
  assert.deepEqual(bench.port.news(), []);
  const starting = new Bench();
  starting.control.activate(starting.at);
  assert.match(starting.control.takeover(starting.at, 'all') ?? '', /in flux/);
});

for (const [word, set] of [
  ['all', 'all'],
  ['local', 'foreign'],
  ['foreign', 'local'],
  // The asker's own: 3.0.6 sends the word as it was typed, and gives up all when it hears it (tools, hb_takeover).
  ['failback', 'foreign'],
] as const) {
  test(`7.4 hb_takeover ${word} of the peer makes us go standby with ${set}`, () => {
    const bench = joined();
    bench.hear('hb_takeover', { rsc_hold: word });
    assert.deepEqual(bench.port.news(), [`ask_resources ${set} me`]);
  });
}

test('7.4 an hb_takeover with no set, or while something moves, is refused and moves nothing', () => {
  const bench = joined();
  bench.hear('hb_takeover', { rsc_hold: 'everything' });
  bench.hear('hb_takeover');
  assert.deepEqual(bench.port.news(), []);
  bench.asks('local', 'me');
  bench.port.news();
  bench.hear('hb_takeover', { rsc_hold: 'all' });
  assert.deepEqual(bench.port.news(), []);
  assert.ok(bench.noted('takeoverRefused'));
});

test('7.4 a standby from end to end ends with RES(1) and the word of the new state', () => {
  const bench = joined();
  bench.control.standby(bench.at, 'all');
  bench.asks('all', 'other');
  bench.settle();
  bench.asks('all', 'done');
  assert.equal(bench.control.rscstatus(), 'none');
  assert.equal(bench.port.lines.at(-1), 'resource none/1');
  assert.deepEqual([...bench.port.running], []);
});

test('7.4 the taker ends with RES(1), and only when its scripts have ended', () => {
  const bench = joined();
  bench.asks('local', 'me');
  bench.holds('none', '0', { info: 'standby' });
  bench.asks('local', 'done');
  assert.equal(bench.control.rscstatus(), 'transition');
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'all');
  const last = bench.port.news().slice(-2);
  assert.deepEqual(last, ['ask_resources local done', 'resource all/1']);
});

test('7.4 a 3.0.6 giver may say RES(1) in the middle of the handshake: the offer stands', () => {
  const bench = alone();
  bench.peerStatus = 'active';
  bench.control.peerRestarted(bench.at);
  bench.hear('starting');
  bench.holds('none', '1');
  bench.port.news();
  const taker = joined();
  taker.asks('local', 'me');
  taker.holds('local', '1');
  taker.holds('none', '0', { info: 'standby' });
  taker.asks('local', 'done');
  taker.settle();
  assert.equal(taker.control.rscstatus(), 'all');
  assert.ok(!taker.noted('standbyCancelled'));
});

test('7.4 the order on the wire may be inverted: done of the taker overtaken by its RES(1)', () => {
  const bench = joined();
  bench.control.standby(bench.at, 'local');
  bench.asks('local', 'other');
  bench.settle();
  bench.seq += 2;
  bench.hear('resource', { rsc_hold: 'all', rtype: 'full', isstable: '1' }, bench.seq);
  bench.hear('ask_resources', { rsc_hold: 'local', info: 'done' }, bench.seq - 1);
  assert.equal(bench.control.rscstatus(), 'none');
  assert.equal(bench.port.lines.at(-1), 'resource none/1');
  bench.wait(10_000);
  assert.equal(bench.control.rscstatus(), 'none', 'and nobody takes it back');
});

test('7.4 the death of the other cancels a handshake at every step, and everything is taken', () => {
  const steps: readonly (readonly [string, (bench: Bench) => unknown])[] = [
    ['asked', () => undefined],
    ['giving', (bench) => bench.asks('all', 'other')],
    ['given', (bench) => [bench.asks('all', 'other'), bench.settle()]],
    ['offered', (bench) => bench.asks('local', 'me')],
    ['taking', (bench) => [bench.asks('local', 'me'), bench.asks('local', 'done')]],
  ];
  for (const [name, reach] of steps) {
    const bench = joined();
    if (['asked', 'giving', 'given'].includes(name)) bench.control.standby(bench.at, 'all');
    reach(bench);
    bench.peerStatus = 'dead';
    bench.control.peerDied(bench.at);
    bench.settle();
    assert.ok(bench.noted('standbyCancelled'), name);
    assert.equal(bench.control.rscstatus(), 'all', name);
    assert.deepEqual([bench.group(OURS), bench.group(THEIRS)], ['running', 'running'], name);
  }
});

test('7.4 without a peer a standby is refused', () => {
  const bench = alone();
  assert.match(bench.control.standby(bench.at, 'all') ?? '', /not there/);
  assert.match(bench.control.takeover(bench.at, 'all') ?? '', /not there/);
  assert.deepEqual(bench.port.news(), []);
});

// --- 7.5: failback ---

test('7.5 failback: the returned peer is asked to take the foreign set', () => {
  const bench = alone();
  peerComesBack(bench);
  assert.deepEqual(asked(bench), ['ask_resources foreign me']);
  bench.asks('foreign', 'other');
  bench.settle();
  bench.asks('foreign', 'done');
  assert.equal(bench.control.rscstatus(), 'local');
  bench.holds('local', '1');
  bench.wait(10_000);
  assert.equal(bench.control.rscstatus(), 'local', 'and once is enough');
});

for (const [name, setup, spoil] of [
  ['auto_failback off', { failback: 'off' as const }, () => undefined],
  ['the peer not active yet', {}, (bench: Bench) => (bench.peerStatus = 'up')],
] as const) {
  test(`7.5 no failback with ${name}`, () => {
    const bench = alone(setup);
    spoil(bench);
    peerComesBack(bench, bench.peerStatus === 'up' ? 'up' : 'active');
    bench.wait(5000);
    assert.deepEqual(asked(bench), []);
    assert.equal(bench.control.rscstatus(), 'all');
  });
}

test('7.5 no failback before the peer says isstable=1', () => {
  const bench = alone();
  bench.peerStatus = 'active';
  bench.control.peerRestarted(bench.at);
  bench.hear('starting');
  bench.holds('none', '0');
  bench.wait(3000);
  assert.deepEqual(asked(bench), []);
  bench.holds('none', '1');
  assert.deepEqual(asked(bench), ['ask_resources foreign me']);
});

test('7.5 no failback of what was handed to us by a standby: only a death or a leave arms it', () => {
  const bench = joined();
  bench.asks('local', 'me');
  bench.asks('local', 'done');
  bench.settle();
  bench.holds('none', '1');
  bench.wait(5000);
  assert.deepEqual(asked(bench), ['ask_resources local other', 'ask_resources local done']);
  assert.equal(bench.control.rscstatus(), 'all');
});

test('7.5 no failback once we are shutting down', () => {
  const bench = alone();
  bench.control.stop(bench.at);
  peerComesBack(bench);
  assert.deepEqual(asked(bench), []);
});

test('7.5 a failback that nobody answers is tried again', () => {
  const bench = alone();
  peerComesBack(bench);
  bench.wait(12_000);
  assert.ok(bench.noted('standbyTimeout'));
  assert.ok(asked(bench).filter((line) => line === 'ask_resources foreign me').length >= 2);
});
