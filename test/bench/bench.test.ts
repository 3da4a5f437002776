import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SimCluster } from '../sim/cluster.ts';
import { EnginePair } from './engine-pair.ts';
import { spreadOf, table } from './figures.ts';

describe('benchmarks', () => {
  it('take the median, the smallest and the largest', () => {
    assert.equal(spreadOf([]), undefined);
    assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
    assert.deepEqual(spreadOf([10, 1, 2, 4]), { median: 3, min: 1, max: 10 });
  });

  it('print tables whose columns are as wide as their widest cell', () => {
    assert.equal(
      table(
        ['what', 'ms'],
        [
          ['a', '1.5'],
          ['longer', '10'],
        ],
      ),
      '| what   |  ms |\n| ------ | --: |\n| a      | 1.5 |\n| longer |  10 |',
    );
  });

  it('count what two engines at rest do, and no more than their keepalives ask for', () => {
    const cluster = new SimCluster({ seed: 1, keepaliveMs: 200, deadtimeMs: 1000 });
    const pair = new EnginePair([cluster.config('n1'), cluster.config('n2')]);
    pair.run(60_000);
    assert.ok(pair.settled);
    const before = { ...pair.work };
    pair.run(20_000);
    const packets = pair.work.packets - before.packets;
    // 100 heartbeats of each, and an acknowledgement for one in ten or fewer.
    assert.ok(packets >= 198 && packets <= 245, `${packets} packets in 20 s`);
    assert.ok(pair.work.steps - before.steps >= 2 * packets, 'not every packet was received by both');
  });
});
