/** A few seconds of what `scripts/fuzz` does for as long as it is told to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from './dice.ts';
import { insideTargets } from './inside.ts';
import { runEpisode, type Target } from './target.ts';

const EPISODES = 2;

for (const target of insideTargets) {
  for (const seed of [1, 2]) {
    test(`${target.name}: hostile input is borne, seed ${seed}`, { timeout: 120_000 }, () => {
      let inputs = 0;
      for (let episode = 0; episode < EPISODES; episode += 1) {
        const run = runEpisode(target, new Dice(seed), episode);
        assert.equal(run.finding, undefined, JSON.stringify(run.finding, undefined, 2));
        inputs += run.inputs;
      }
      assert.ok(inputs > 100, `${inputs} inputs`);
    });
  }
}

test('what goes wrong is found, with its input, and found again from the same seed', () => {
  const broken: Target = {
    name: 'broken',
    episode(dice, trail) {
      for (let count = 1; ; count += 1) {
        const value = dice.value();
        trail.add('value', value);
        if (value === 'constructor') throw new Error(`met after ${count}`);
      }
    },
  };
  const first = runEpisode(broken, new Dice(7), 3).finding;
  assert.ok(first !== undefined);
  assert.equal(first.inputs.at(-1), `value ${Buffer.from('constructor').toString('hex')}`);
  assert.deepEqual(runEpisode(broken, new Dice(7), 3).finding?.inputs, first.inputs);
  assert.notDeepEqual(runEpisode(broken, new Dice(7), 4).finding?.inputs, first.inputs);
});
