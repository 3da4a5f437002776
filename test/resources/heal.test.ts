/** Who keeps what after a partition: the arithmetic, over all facts two nodes can bring. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toGiveUp } from '../../src/resources/heal.ts';
import { common, EVERYTHING, fromWord, isEmpty, mirrored, NOTHING, type SideSet, toWord } from '../../src/resources/ownership.ts';
import { Bench, OURS, THEIRS } from './support.ts';

const SETS = (['none', 'local', 'foreign', 'all'] as const).map((word) => fromWord(word) ?? NOTHING);

test('for every pair of facts the two nodes give up complementary parts of what is doubled', () => {
  let cases = 0;
  for (const both of SETS) {
    for (const n1Before of SETS) {
      for (const n2Before of SETS) {
        // Each from its own viewpoint: the other's facts come mirrored.
        const n1Gives = toGiveUp(both, n1Before, mirrored(n2Before));
        const n2Gives = toGiveUp(mirrored(both), n2Before, mirrored(n1Before));
        const name = `both ${toWord(both)}, n1 had ${toWord(n1Before)}, n2 had ${toWord(n2Before)}`;
        for (const side of ['local', 'foreign'] as const) {
          const n2Side = mirrored(n2Gives)[side];
          assert.equal(n1Gives[side] !== n2Side, both[side], `${name}: exactly one gives up ${side} when it is doubled`);
          if (!both[side]) assert.equal(n1Gives[side] || n2Side, false, `${name}: nothing else is given up`);
        }
        cases += 1;
      }
    }
  }
  assert.equal(cases, 64);
});

test('the rule row by row: the only former holder keeps a set, else its home does', () => {
  const rows: readonly (readonly [side: 'local' | 'foreign', oursBefore: boolean, theirsBefore: boolean, weGiveUp: boolean])[] = [
    ['local', true, false, false],
    ['local', false, true, true],
    ['local', true, true, false],
    ['local', false, false, false],
    ['foreign', true, false, false],
    ['foreign', false, true, true],
    ['foreign', true, true, true],
    ['foreign', false, false, true],
  ];
  for (const [side, ours, theirs, gives] of rows) {
    const only = (on: boolean): SideSet => ({ ...NOTHING, [side]: on });
    const verdict = toGiveUp(only(true), only(ours), only(theirs));
    assert.equal(verdict[side], gives, `${side}, ours before ${ours}, theirs before ${theirs}`);
    assert.ok(isEmpty(common(verdict, mirrored(only(true)))), 'the other side is not touched');
  }
});

test('nothing doubled, nothing given up', () => {
  assert.deepEqual(toGiveUp(NOTHING, EVERYTHING, NOTHING), NOTHING);
});

/** Both took everything in a partition that began with each at home; then they hear each other again. */
function split(speaksOurs: boolean): Bench {
  const bench = new Bench({ speaksOurs }).joined();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'all');
  bench.peerStatus = 'up';
  bench.port.news();
  bench.control.peerReturned(bench.at);
  return bench;
}

test('after a partition between our nodes each keeps what it held before, without a restart', () => {
  const bench = split(true);
  assert.equal(bench.port.sent.at(-1)?.fields.hbd_ask, '1', 'it asks what the other holds');
  assert.equal(bench.port.sent.at(-1)?.fields.hbd_before, 'local');
  bench.holds('all', '1', { hbd_before: 'local' });
  bench.settle();
  assert.equal(bench.group(THEIRS), 'stopped');
  assert.equal(bench.group(OURS), 'running');
  assert.ok(bench.noted('healRelease') && bench.noted('healKeep'));
  const { lines } = bench.port;
  assert.ok(!lines.slice(lines.indexOf('stonith n_stnth')).includes('stop db'), 'what is kept is never stopped');
  // The peer lets go of ours: the neighbours are told once more where the address lives.
  bench.port.news();
  bench.holds('local', '1', { hbd_before: 'local' });
  assert.ok(bench.port.news().includes('announce 10.0.0.2'));
  assert.equal(bench.control.rscstatus(), 'local');
});

test('a 3.0.6 peer gives everything up by itself after a heal: we keep all until it has left, then hold it', () => {
  const bench = split(false);
  bench.holds('all', '1');
  bench.wait(2500);
  assert.equal(bench.control.rscstatus(), 'all', 'nothing is given up while it may restart');
  bench.holds('none', '0', { info: 'shutdown' });
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'all');
  assert.deepEqual([...bench.port.running].sort(), ['IPaddr::10.0.0.1/24', 'IPaddr::10.0.0.2/24', 'db', 'web']);
});

test('a 3.0.6 peer hears nothing of resources for 3 s after a heal: it leaves on its own, and would log errors; then it is asked', () => {
  const bench = split(false);
  bench.wait(2900);
  assert.deepEqual(bench.port.news(), []);
  bench.wait(200);
  assert.deepEqual(
    bench.port.sent.slice(-2).map(({ type, fields }) => [type, fields.isstable, fields.hbd_ask]),
    [
      ['resource', '0', undefined],
      ['resource', '1', '1'],
    ],
  );
});

test('a 3.0.6 peer that leaves after a heal is not asked', () => {
  const bench = split(false);
  bench.wait(2000);
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  bench.port.news();
  bench.wait(5000);
  assert.deepEqual(
    bench.port.sent.filter(({ fields }) => fields.hbd_ask !== undefined),
    [],
  );
});

test('a 3.0.6 peer that does not restart in 10 s after a heal is divided with by the same rule', () => {
  const bench = split(false);
  bench.holds('all', '1');
  bench.wait(9000);
  assert.equal(bench.group(THEIRS), 'running');
  bench.wait(1500);
  assert.equal(bench.group(THEIRS), 'stopped');
  assert.equal(bench.group(OURS), 'running');
});
