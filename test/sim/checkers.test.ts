/** Whoever watches must be able to complain. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled, watch, watchClosely } from './checkers.ts';
import { SimCluster } from './cluster.ts';

function running(seed = 1): SimCluster {
  const cluster = new SimCluster({ seed });
  watch(cluster);
  watchClosely(cluster);
  cluster.start('n1');
  cluster.start('n2');
  cluster.run(20_000);
  assert.deepEqual(cluster.violations, []);
  return cluster;
}

function complains(cluster: SimCluster, about: RegExp): void {
  assert.ok(
    cluster.violations.some((violation) => about.test(violation)),
    `nobody complains about ${about}:\n${cluster.violations.join('\n')}`,
  );
}

describe('the checkers of the simulator', () => {
  it('a second holder without a cause is found at once', () => {
    const cluster = running();
    cluster.host('n2').running.add('web');
    cluster.run(1500);
    complains(cluster, /two holders of web for \d+ ms; the last cause \(.+\) ended/);
  });

  it('a second holder behind a cut has its cause, and none when the cut is long over', () => {
    const cluster = running();
    for (const [from, to] of [['n1', 'n2'] as const, ['n2', 'n1'] as const]) cluster.network.cut(from, to, 'eth1');
    cluster.run(12_000);
    assert.deepEqual(cluster.holders('web'), ['n1', 'n2']);
    assert.ok(cluster.trace.some((line) => /=== both hold .+: they do not hear each other/.test(line)));
    assert.deepEqual(cluster.violations, []);
    cluster.network.healAll();
    cluster.run(20_000);
    assert.deepEqual(cluster.violations, []);
    assert.ok(cluster.trace.some((line) => line.includes('=== one holder again after')));
    assert.equal(cluster.holders('web').length, 1);
  });

  it('a group that nobody holds, in the end and after a while', () => {
    const cluster = running();
    cluster.host('n1').running.clear();
    settled(cluster);
    complains(cluster, /group IPaddr::a ends with holders/);
    cluster.run(60_000);
    complains(cluster, /nobody holds IPaddr::a/);
  });

  it('a start that nothing in the log explains', () => {
    const cluster = running();
    cluster.run(60_000);
    const job = { id: 1, script: 'web', args: [], action: 'start', env: {} } as const;
    cluster
      .host('n1')
      .scripts(() => true)
      .start(job, () => undefined);
    complains(cluster, /n1: start of web without a reason in its log/);
  });

  it('two hosts that write to the shared disk are counted', () => {
    const cluster = running();
    for (const name of ['n1', 'n2']) cluster.host(name).running.add('Filesystem::/dev/sdb1::/srv::ext4');
    cluster.run(3000);
    for (const name of ['n1', 'n2']) cluster.host(name).running.clear();
    cluster.run(1000);
    assert.equal(cluster.disk.times, 1);
    assert.ok(cluster.disk.concurrentMs > 1000, `${cluster.disk.concurrentMs} ms`);
  });
});
