import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled, watch, watchClosely } from './checkers.ts';
import { SimCluster, type SimSetup } from './cluster.ts';

const SEEDS = 50;

function each(setup: Omit<SimSetup, 'seed'>, play: (cluster: SimCluster) => void): void {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const cluster = new SimCluster({ ...setup, seed });
    watch(cluster);
    watchClosely(cluster);
    play(cluster);
    settled(cluster);
    assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
  }
}

function holds(cluster: SimCluster, expected: Readonly<Record<string, string>>): void {
  for (const [word, holder] of Object.entries(expected)) {
    assert.deepEqual(cluster.holders(word), [holder], `${word}, seed ${cluster.setup.seed}\n${cluster.trace.join('\n')}`);
  }
}

for (const failback of ['on', 'off', 'legacy'] as const) {
  describe(`starts in the simulator, auto_failback ${failback}, ${SEEDS} seeds each`, () => {
    it('both start at once: each its own, without the fixed wait of 10 s', () => {
      each({ failback }, (cluster) => {
        cluster.start('n1');
        cluster.run(cluster.random.below(1500));
        cluster.start('n2');
        cluster.run(3000);
        holds(cluster, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
        cluster.run(30_000);
        holds(cluster, { 'IPaddr::a': 'n1', 'IPaddr::b': 'n2' });
      });
    });

    it('the peer holds everything when we start', () => {
      each({ failback }, (cluster) => {
        cluster.start('n2');
        cluster.run(15_000);
        holds(cluster, { 'IPaddr::a': 'n2', db: 'n2' });
        cluster.start('n1');
        cluster.run(20_000);
        holds(cluster, { 'IPaddr::a': failback === 'off' ? 'n2' : 'n1', 'IPaddr::b': 'n2' });
      });
    });

    it('both daemons are killed and start again, and the first ten packets of each are lost', () => {
      each({ failback }, (cluster) => {
        cluster.start('n1');
        cluster.start('n2');
        cluster.run(8000);
        cluster.kill('n1');
        cluster.run(cluster.random.below(3000));
        cluster.kill('n2');
        cluster.run(cluster.random.below(12_000));
        for (const name of ['n1', 'n2']) cluster.network.swallow.set(name, 10);
        cluster.start('n1');
        cluster.run(cluster.random.below(3000));
        cluster.start('n2');
        cluster.run(60_000);
      });
    });

    it('the first ten packets of both are lost at a first start', () => {
      each({ failback }, (cluster) => {
        for (const name of ['n1', 'n2']) cluster.network.swallow.set(name, 10);
        cluster.start('n1');
        cluster.run(cluster.random.below(3000));
        cluster.start('n2');
        cluster.run(60_000);
        holds(cluster, { 'IPaddr::a': 'n1', 'IPaddr::b': 'n2' });
      });
    });
  });
}
