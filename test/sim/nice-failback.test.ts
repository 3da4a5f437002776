/** `nice_failback on`: what was meant, `auto_failback off`; what 3.0.6 makes of it, `legacy`. The node does as its peer does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled, watch, watchClosely } from './checkers.ts';
import { NODES, SimCluster } from './cluster.ts';

const SEEDS = 4;
const OWN = { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' };

function allOn(node: string): Readonly<Record<string, string>> {
  return { 'IPaddr::a': node, web: node, 'IPaddr::b': node, db: node };
}

function holds(cluster: SimCluster, expected: Readonly<Record<string, string>>): void {
  for (const [word, holder] of Object.entries(expected)) {
    assert.equal(cluster.holders(word).join('+'), holder, `${word}, seed ${cluster.setup.seed}\n${cluster.trace.join('\n')}`);
  }
}

function each(legacy: readonly string[], play: (cluster: SimCluster) => void): void {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const cluster = new SimCluster({ seed, nice: true, legacy });
    watch(cluster);
    watchClosely(cluster);
    play(cluster);
    settled(cluster);
    assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
  }
}

function mode(cluster: SimCluster, name: string): 'off' | 'legacy' {
  return cluster.status(name)?.rscstatus === 'none' && cluster.host(name).running.size > 0 ? 'legacy' : 'off';
}

describe('nice_failback on', () => {
  it('between heartbeatd nodes resources stay where they are when the primary returns', () => {
    each([], (cluster) => {
      for (const name of NODES) {
        cluster.start(name);
        cluster.run(cluster.random.below(3000));
      }
      cluster.run(8000);
      holds(cluster, OWN);
      for (const leave of [() => cluster.powerOff('n1'), () => cluster.stop('n1')]) {
        leave();
        cluster.run(8000);
        holds(cluster, allOn('n2'));
        cluster.start('n1');
        cluster.run(20_000);
        holds(cluster, allOn('n2'));
        assert.equal(cluster.standby('n2', 'foreign'), undefined, cluster.trace.join('\n'));
        cluster.run(4000);
        holds(cluster, OWN);
      }
    });
  });

  for (const legacy of NODES) {
    const ours = legacy === 'n1' ? 'n2' : 'n1';
    it(`beside 3.0.6 on ${legacy} each takes its own back, as 3.0.6 does`, () => {
      each([legacy], (cluster) => {
        for (const name of NODES) {
          cluster.start(name);
          cluster.run(cluster.random.below(3000));
        }
        cluster.run(12_000);
        holds(cluster, OWN);
        assert.equal(mode(cluster, ours), 'legacy');
        for (const gone of NODES) {
          cluster.powerOff(gone);
          cluster.run(8000);
          holds(cluster, allOn(gone === 'n1' ? 'n2' : 'n1'));
          cluster.start(gone);
          cluster.run(20_000);
          holds(cluster, OWN);
        }
      });
    });

    it(`${ours} is alone and holds everything, then 3.0.6 appears on ${legacy}`, () => {
      each([legacy], (cluster) => {
        cluster.start(ours);
        cluster.run(15_000);
        holds(cluster, allOn(ours));
        assert.equal(mode(cluster, ours), 'off');
        cluster.host(ours).pace.spread = cluster.random.below(2) * 3000;
        cluster.start(legacy);
        cluster.run(60_000);
        holds(cluster, OWN);
        assert.equal(mode(cluster, ours), 'legacy');
      });
    });

    it(`3.0.6 on ${legacy} is replaced by heartbeatd, and by 3.0.6 again: nothing runs twice or stops for it`, () => {
      each([legacy], (cluster) => {
        for (const name of NODES) cluster.start(name);
        cluster.run(15_000);
        cluster.stop(legacy);
        cluster.run(10_000);
        holds(cluster, allOn(ours));
        cluster.legacyNodes.delete(legacy);
        let stops = 0;
        cluster.host(ours).watchers.push((job) => {
          if (job.action === 'stop') stops += 1;
        });
        cluster.start(legacy);
        cluster.run(20_000);
        holds(cluster, allOn(ours));
        assert.equal(mode(cluster, ours), 'off');
        assert.equal(stops, 0, cluster.trace.join('\n'));
        assert.equal(cluster.standby(ours, 'foreign'), undefined, cluster.trace.join('\n'));
        cluster.run(5000);
        holds(cluster, OWN);
        const leave = cluster.random.below(3);
        if (leave === 0) cluster.powerOff(legacy);
        else if (leave === 1) cluster.stop(legacy);
        else cluster.kill(legacy);
        if (leave !== 2) cluster.run(10_000);
        cluster.legacyNodes.add(legacy);
        cluster.start(legacy);
        cluster.run(40_000);
        holds(cluster, OWN);
        assert.equal(mode(cluster, ours), 'legacy');
      });
    });
  }

  it('a heartbeatd node with auto_failback legacy is followed, too', () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const cluster = new SimCluster({ seed, nice: true, differs: { n1: { niceFailback: false } } });
      watch(cluster);
      for (const name of NODES) cluster.start(name);
      cluster.run(15_000);
      holds(cluster, OWN);
      assert.equal(mode(cluster, 'n2'), 'legacy');
      assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
    }
  });
});
