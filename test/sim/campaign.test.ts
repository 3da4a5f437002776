import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { campaign } from './campaign.ts';

const FIXED_SEEDS = 150;
const FRESH_SEEDS = 50;

function play(seed: number): void {
  const cluster = campaign(seed);
  assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
}

describe('storms in the simulator', () => {
  it(`${FIXED_SEEDS} fixed seeds`, () => {
    for (let seed = 1; seed <= FIXED_SEEDS; seed += 1) play(seed);
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
