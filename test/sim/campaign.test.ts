import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { campaign, type Faults } from './campaign.ts';
import { MEMBER_FAULTS } from './faults/members.ts';

const FIXED_SEEDS = 150;
const MEMBER_SEEDS = 100;
const FRESH_SEEDS = 50;
/** Each has found a fault once; the last a `done` of an earlier move that was taken for one of the present move. */
const LEARNT_SEEDS = [
  41, 91, 122, 615, 1737, 2206, 55350, 55665, 55827, 71082, 92186, 1521, 1843, 100_591, 100_605, 300_267, 300_907, 400_483, 770_000_337,
  990_001_138,
];

function play(seed: number, further: Faults = {}): void {
  const cluster = campaign(seed, {}, further);
  assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
}

describe('storms in which nodes and media come and go', () => {
  it(`${MEMBER_SEEDS} fixed seeds`, () => {
    for (let seed = 1; seed <= MEMBER_SEEDS; seed += 1) play(seed, MEMBER_FAULTS);
  });
});

describe('storms in the simulator', () => {
  it(`${FIXED_SEEDS} fixed seeds`, () => {
    for (let seed = 1; seed <= FIXED_SEEDS; seed += 1) play(seed);
  });

  it('seeds that once failed', () => {
    for (const seed of LEARNT_SEEDS) play(seed);
  });

  it(`${FRESH_SEEDS} fresh seeds`, () => {
    const first = 1_000_000 + Math.floor(Math.random() * 1_000_000_000);
    console.log(`fresh seeds from ${first}`);
    for (let seed = first; seed < first + FRESH_SEEDS; seed += 1) play(seed);
  });

  it('the same seed gives the same trace', () => {
    assert.deepEqual(campaign(7).trace, campaign(7).trace);
  });
});
