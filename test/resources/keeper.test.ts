/** Who keeps a group that both nodes hold: the rule row by row, and that two nodes never both keep or both give up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Extent, type Holding, keeper, RANK, type Rank } from '../../src/resources/keeper.ts';

const PLAIN: Holding = { away: false, pings: 0, epoch: 3, rank: RANK.takenOver, runs: 'whole' };

test('the two nodes come to complementary answers, whatever the facts', () => {
  const all: Holding[] = [];
  for (const away of [false, true])
    for (const pings of [0, 2])
      for (const epoch of [1, 2])
        for (const rank of [0, 1, 2] as readonly Rank[])
          for (const runs of ['nothing', 'partly', 'whole'] as readonly Extent[]) all.push({ away, pings, epoch, rank, runs });
  for (const ours of all) {
    for (const theirs of all) {
      const here = keeper(ours, theirs);
      const there = keeper(theirs, ours);
      const mirrored = { ours: 'theirs', theirs: 'ours', equal: 'equal' }[there.who];
      assert.equal(here.who, mirrored, JSON.stringify([ours, theirs]));
      assert.equal(here.why, there.why);
    }
  }
});

test('row by row, each fact stronger than all that follow it', () => {
  const rows: readonly (readonly [better: Partial<Holding>, worse: Partial<Holding>, why: RegExp])[] = [
    [{ away: true, runs: 'partly', rank: 0 }, { runs: 'nothing', rank: 2, pings: 3 }, /runs on one node alone/],
    [{ rank: 0, runs: 'partly' }, { away: true, rank: 2, pings: 5 }, /stood still/],
    [{ pings: 2, rank: 0 }, { pings: 1, rank: 2 }, /ping/],
    [{ rank: RANK.confirmed, epoch: 1 }, { rank: RANK.takenOver, epoch: 9 }, /held it before/],
    [{ rank: RANK.takenOver }, { rank: RANK.started, epoch: 9 }, /held it before/],
    [{ rank: RANK.confirmed, epoch: 4 }, { rank: RANK.confirmed, epoch: 3 }, /held it before/],
    [{ runs: 'whole', rank: 0 }, { runs: 'partly', rank: 2 }, /all of it/],
  ];
  for (const [better, worse, why] of rows) {
    const verdict = keeper({ ...PLAIN, ...better }, { ...PLAIN, ...worse });
    assert.equal(verdict.who, 'ours', JSON.stringify([better, worse]));
    assert.match(verdict.why, why);
  }
});

test('nothing tells them apart: its home', () => {
  assert.deepEqual(keeper(PLAIN, { ...PLAIN }), { who: 'equal', why: 'its home' });
  // A counter that nobody has confirmed says nothing about who was first.
  assert.equal(keeper(PLAIN, { ...PLAIN, epoch: 7 }).who, 'equal');
  assert.equal(keeper({ ...PLAIN, away: true }, { ...PLAIN, away: true }).who, 'equal');
});
