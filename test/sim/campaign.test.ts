import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAULTS } from './faults/index.ts';
import { type RunOptions, type RunResult, runSeed } from './run.ts';
import { Tally } from './tally.ts';

const FIXED_SEEDS = 250;
const FRESH_SEEDS = 60;
const LEGACY_SEEDS = 40;
/** Each has found a fault of heartbeatd, or of what looks after it, once; the draw has changed since, so that they only stand for many others. */
const LEARNT_SEEDS = [19, 288, 1026, 1121, 1153, 1163];
/** Runs of a quiet kind and of a stormy kind are both wanted. */
const QUIET_FAULTS = 10;
const STORMY_FAULTS = 60;

function play(seed: number, options: RunOptions = {}): RunResult {
  const result = runSeed(seed, options);
  assert.deepEqual(result.violations, [], `seed ${seed}\n${result.trace.join('\n')}`);
  return result;
}

describe('storms in the simulator', () => {
  it(`${FIXED_SEEDS} fixed seeds, in which every kind of fault occurs`, () => {
    const tally = new Tally();
    let [quiet, stormy] = [0, 0];
    for (let seed = 1; seed <= FIXED_SEEDS; seed += 1) {
      const result = play(seed);
      tally.add(result);
      const injected = Object.values(result.faults).reduce((sum, count) => sum + count, 0);
      if (injected <= QUIET_FAULTS) quiet += 1;
      if (injected >= STORMY_FAULTS) stormy += 1;
    }
    assert.deepEqual([...tally.faults.keys()].sort(), Object.keys(FAULTS).sort());
    assert.ok(tally.faults.size >= 24, `${tally.faults.size} kinds`);
    assert.ok(tally.injected >= 10 * FIXED_SEEDS, `${tally.injected} faults`);
    assert.ok(quiet > 0 && stormy > 0, `${quiet} quiet runs, ${stormy} stormy ones`);
  });

  it('seeds that once failed', () => {
    for (const seed of LEARNT_SEEDS) play(seed);
  });

  it(`${FRESH_SEEDS} fresh seeds`, () => {
    const first = 1_000_000 + Math.floor(Math.random() * 1_000_000_000);
    console.log(`fresh seeds from ${first}`);
    for (let seed = first; seed < first + FRESH_SEEDS; seed += 1) play(seed);
  });

  it('the same seed gives the same trace, byte for byte, whatever ran before it', () => {
    const first = runSeed(7).trace.join('\n');
    for (let seed = 100; seed < 103; seed += 1) runSeed(seed);
    assert.equal(runSeed(7).trace.join('\n'), first);
    assert.notEqual(runSeed(8).trace.join('\n'), first);
  });

  it('only the faults that were asked for', () => {
    const { faults } = play(3, { kinds: ['cutAll', 'loss'] });
    assert.ok(Object.keys(faults).every((kind) => ['cutAll', 'loss'].includes(kind)));
    assert.throws(() => runSeed(1, { kinds: ['nonsense'] }), /no such fault: nonsense/);
  });
});

describe('storms in which one node does no more than 3.0.6 does', () => {
  for (const legacy of ['n1', 'n2']) {
    it(`${LEGACY_SEEDS} fixed seeds, ${legacy}`, () => {
      for (let seed = 1; seed <= LEGACY_SEEDS; seed += 1) play(seed, { setup: { legacy: [legacy] } });
    });
  }
});
