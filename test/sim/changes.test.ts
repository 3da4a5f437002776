/** A changed haresources, read by both nodes at different times or by one of them alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResourceGroup } from '../../src/contracts/config.ts';
import { settled, watch, watchClosely } from './checkers.ts';
import { group, NODES, SimCluster, type SimSetup } from './cluster.ts';

const SEEDS = 4;
const A = group('n1', 'IPaddr::a', 'web');
const B = group('n2', 'IPaddr::b', 'db');
const X1 = group('n1', 'IPaddr::x', 'mail');
const X2 = { ...X1, home: 'n2' };

type Holders = Readonly<Record<string, string>>;

function holds(cluster: SimCluster, expected: Holders): void {
  for (const [word, holder] of Object.entries(expected)) {
    assert.equal(cluster.holders(word).join('+'), holder, `${word}, seed ${cluster.setup.seed}\n${cluster.trace.join('\n')}`);
  }
}

function each(setup: Partial<SimSetup>, play: (cluster: SimCluster) => void): void {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const cluster = new SimCluster({ seed, groups: [A, B], ...setup });
    watch(cluster);
    watchClosely(cluster);
    for (const name of NODES) cluster.start(name);
    cluster.run(16_000);
    play(cluster);
    settled(cluster);
    assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
  }
}

function readBoth(cluster: SimCluster, groups: readonly ResourceGroup[], apartMs: number): void {
  const order = cluster.random.below(2) === 0 ? NODES : [...NODES].reverse();
  for (const name of order) {
    cluster.edit(name, groups);
    cluster.run(apartMs);
  }
  cluster.run(5000);
}

const X_ON = (node: string): Holders => ({ 'IPaddr::x': node, mail: node });
const ALL_ON = (node: string): Holders => ({ 'IPaddr::a': node, web: node, 'IPaddr::b': node, db: node });

for (const failback of ['on', 'off', 'legacy'] as const) {
  describe(`a changed haresources, auto_failback ${failback}`, () => {
    for (const apartMs of [0, 20_000]) {
      it(`a new group, a changed one, a removed one; the nodes read ${apartMs} ms apart`, () => {
        each({ failback }, (cluster) => {
          readBoth(cluster, [A, B, X1], apartMs);
          holds(cluster, X_ON('n1'));
          readBoth(cluster, [A, group('n2', 'IPaddr::b', 'other'), X1], apartMs);
          holds(cluster, { 'IPaddr::b': 'n2', db: 'n2', other: '' });
          readBoth(cluster, [A, group('n2', 'IPaddr::b', 'other')], apartMs);
          holds(cluster, X_ON(''));
          cluster.stop('n2');
          cluster.run(8000);
          holds(cluster, { 'IPaddr::b': 'n1', db: '', other: 'n1' });
          cluster.start('n2');
          cluster.run(30_000);
        });
      });

      it(`a group gets another home; the nodes read ${apartMs} ms apart`, () => {
        each({ failback, groups: [A, B, X1] }, (cluster) => {
          holds(cluster, X_ON('n1'));
          readBoth(cluster, [A, B, X2], apartMs);
          holds(cluster, X_ON('n2'));
          readBoth(cluster, [A, B, X1], apartMs);
          holds(cluster, X_ON('n1'));
        });
      });
    }

    it('a group gets another home, and only one of the two ever reads it: it stays where it runs, or runs nowhere', () => {
      for (const reader of NODES) {
        each({ failback, groups: [A, B, X1] }, (cluster) => {
          cluster.edit(reader, [A, B, X2]);
          cluster.run(60_000);
          holds(cluster, X_ON(reader === 'n1' ? '' : 'n1'));
          // The other dies: whoever is left has it, by its own file.
          const other = reader === 'n1' ? 'n2' : 'n1';
          cluster.powerOff(other);
          cluster.run(10_000);
          holds(cluster, { ...ALL_ON(reader), ...X_ON(reader) });
          cluster.start(other);
          cluster.run(40_000);
          assert.ok(cluster.holders('IPaddr::x').length <= 1, cluster.trace.join('\n'));
          readBoth(cluster, [A, B, X2], 0);
          cluster.run(10_000);
        });
      }
    });

    it('one reads a new home and then all links are cut and heal: one holder in the end', () => {
      for (const reader of NODES) {
        each({ failback, groups: [A, B, X1] }, (cluster) => {
          cluster.edit(reader, [A, B, X2]);
          cluster.run(3000);
          for (const link of cluster.links) {
            cluster.network.cut('n1', 'n2', link);
            cluster.network.cut('n2', 'n1', link);
          }
          cluster.run(10_000);
          cluster.network.healAll();
          cluster.run(15_000);
          assert.ok(cluster.holders('IPaddr::x').length <= 1, cluster.trace.join('\n'));
          readBoth(cluster, [A, B, X2], 0);
          cluster.run(10_000);
          if (failback !== 'off') holds(cluster, X_ON('n2'));
        });
      }
    });

    it('both nodes begin with files that differ in the home of a group: one holder, and everything else is served', () => {
      each({ failback, groups: [A, B, X1] }, (cluster) => {
        for (const name of NODES) cluster.powerOff(name);
        cluster.edit('n2', [A, B, X2]);
        for (const name of NODES) cluster.start(name);
        cluster.run(30_000);
        assert.equal(cluster.holders('IPaddr::x').length, 1, cluster.trace.join('\n'));
        readBoth(cluster, [A, B, X2], 0);
        cluster.run(10_000);
        holds(cluster, X_ON('n2'));
      });
    });

    it('the file is read while scripts run, and the read is put off', () => {
      each({ failback }, (cluster) => {
        for (const host of cluster.hosts) host.pace.spread = 1500;
        cluster.powerOff('n2');
        cluster.run(5500);
        cluster.edit('n1', [A, X2]);
        cluster.run(300);
        cluster.edit('n1', [A, B, X2]);
        cluster.edit('n2', [A, B, X2]);
        cluster.run(15_000);
        holds(cluster, { ...ALL_ON('n1'), ...X_ON('n1') });
        cluster.start('n2');
        cluster.run(60_000);
      });
    });
  });
}

describe('a changed haresources during a hand-over', () => {
  it('it is put off until the hand-over is over', () => {
    each({ failback: 'off' }, (cluster) => {
      for (const host of cluster.hosts) host.pace.spread = 1000;
      assert.equal(cluster.standby('n1', 'all'), undefined);
      cluster.run(cluster.random.below(2000));
      for (const name of NODES) cluster.edit(name, [A, B, X1]);
      cluster.run(20_000);
      holds(cluster, { ...ALL_ON('n2'), ...X_ON('n2') });
    });
  });

  it('the holder has read that a group is gone and the taker has not: it goes with the set, and is stopped when that is read', () => {
    each({ failback: 'off', groups: [A, B, X1] }, (cluster) => {
      cluster.edit('n1', [A, B]);
      cluster.run(5000);
      holds(cluster, X_ON(''));
      assert.equal(cluster.standby('n1', 'local'), undefined, cluster.trace.join('\n'));
      cluster.run(5000);
      holds(cluster, { ...ALL_ON('n2'), ...X_ON('n2') });
      cluster.edit('n2', [A, B]);
      cluster.run(5000);
      holds(cluster, X_ON(''));
    });
  });

  it('a group that gets another home while one node has everything goes on without a stop', () => {
    each({ failback: 'off', groups: [A, B, X1] }, (cluster) => {
      assert.equal(cluster.standby('n2', 'all'), undefined);
      cluster.run(5000);
      let stops = 0;
      cluster.host('n1').watchers.push((job) => {
        if (job.action === 'stop') stops += 1;
      });
      readBoth(cluster, [A, B, X2], 10_000);
      assert.equal(stops, 0);
      holds(cluster, X_ON('n1'));
    });
  });

  it('a removed group whose stop fails is held, and stopped when it can be', () => {
    each({ failback: 'on', groups: [A, B, X1] }, (cluster) => {
      cluster.host('n1').failingStops.add('mail');
      for (const name of NODES) cluster.edit(name, [A, B]);
      cluster.run(40_000);
      const status = cluster.status('n1')?.groups.find(({ key }) => key === X1.key);
      assert.equal(status?.state, 'stopFailed', cluster.trace.join('\n'));
      holds(cluster, X_ON('n1'));
      cluster.host('n1').failingStops.clear();
      cluster.run(15_000);
      holds(cluster, X_ON(''));
      assert.equal(cluster.status('n1')?.groups.length, 2);
    });
  });

  it('a script that stands in the group of either node is no reason to hold anything back', () => {
    const one = group('n1', 'IPaddr::p', 'apache');
    const two = group('n2', 'IPaddr::q', 'apache');
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const cluster = new SimCluster({ seed, groups: [one, two], failback: 'on' });
      for (const name of NODES) cluster.start(name);
      cluster.run(16_000);
      cluster.edit('n1', [one, group('n2', 'IPaddr::q')]);
      cluster.run(10_000);
      cluster.kill('n1');
      cluster.start('n1');
      cluster.run(20_000);
      assert.equal(cluster.holders('apache').join('+'), 'n1+n2', cluster.trace.join('\n'));
    }
  });
});
