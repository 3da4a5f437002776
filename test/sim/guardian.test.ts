import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exercised, settled, watch, watchClosely } from './checkers.ts';
import { SimCluster, type SimSetup } from './cluster.ts';

function started(more: Partial<SimSetup> = {}): SimCluster {
  const cluster = new SimCluster({ seed: 1, ...more });
  watch(cluster);
  watchClosely(cluster);
  cluster.start('n1');
  cluster.start('n2');
  cluster.run(20_000);
  return cluster;
}

const ADDRESSES = ['IPaddr::a', 'IPaddr::b'];

/** At every moment from now on. */
function neverTwice(cluster: SimCluster): void {
  cluster.check(() => {
    for (const word of ADDRESSES) if (cluster.holders(word).length > 1) cluster.violation(`${word} is held twice`);
  });
}

function holding(cluster: SimCluster): string {
  return cluster.hosts.map((host) => [...host.running].sort().join(' ')).join(' | ');
}

function good(cluster: SimCluster): void {
  settled(cluster);
  exercised(cluster);
  assert.deepEqual(cluster.violations, [], cluster.trace.slice(-80).join('\n'));
}

describe('guardian', () => {
  for (const failback of ['on', 'off', 'legacy'] as const) {
    it(`auto_failback ${failback}: a daemon that dies is back within its deadtime, and nothing is started, stopped or moved`, () => {
      const cluster = started({ failback });
      neverTwice(cluster);
      if (failback !== 'legacy') cluster.command('n1', { name: 'standby', set: 'all' });
      cluster.run(5000);
      for (const name of ['n1', 'n2', 'n2']) {
        const [before, scripts, status] = [holding(cluster), cluster.scriptsRun, cluster.status(name)?.rscstatus];
        cluster.crash(name);
        cluster.run(2000);
        assert.deepEqual([holding(cluster), cluster.scriptsRun, cluster.status(name)?.rscstatus], [before, scripts, status]);
        cluster.run(8000);
        assert.deepEqual([holding(cluster), cluster.scriptsRun], [before, scripts]);
      }
      good(cluster);
    });
  }

  it('cannot be started again: the address is given up before the other node takes it, and the daemon comes back later', () => {
    const cluster = started();
    neverTwice(cluster);
    const died = cluster.timeline.now;
    let gone = 0;
    let taken = 0;
    cluster.check(() => {
      const [holder] = cluster.holders('IPaddr::a');
      if (holder === undefined && gone === 0) gone = cluster.timeline.now - died;
      if (holder === 'n2' && taken === 0) taken = cluster.timeline.now - died;
    });
    cluster.guardians.unable('n1', 20_000);
    cluster.run(19_000);
    assert.ok(gone > 0 && gone < cluster.deadtimeMs / 2 + 100 && taken > gone, `gone ${gone}, taken ${taken}`);
    assert.equal(holding(cluster), ' | IPaddr::a IPaddr::b db web');
    cluster.run(30_000);
    assert.equal(holding(cluster), 'IPaddr::a web | IPaddr::b db');
    good(cluster);
  });

  it('both killed: what runs is found by the next start in the journal, resource by resource', () => {
    const cluster = started();
    cluster.kill('n1');
    // The address went by itself, the service behind it did not.
    cluster.host('n1').running.delete('IPaddr::a');
    cluster.run(20_000);
    assert.deepEqual(cluster.holders('web'), ['n1', 'n2']);
    cluster.start('n1');
    cluster.run(2000);
    assert.deepEqual(cluster.holders('web').length, 1);
    cluster.run(30_000);
    good(cluster);
  });

  it('the head of a group went by itself: what is left of it is known after a death and a restart in place', () => {
    const cluster = started();
    cluster.kill('n1');
    cluster.host('n1').running.delete('IPaddr::a');
    // While the other node is waited for, nothing is asked and nothing made whole.
    cluster.network.cut('n2', 'n1', 'eth1');
    cluster.start('n1');
    cluster.run(3000);
    cluster.restart('n1');
    cluster.run(3000);
    cluster.network.healAll();
    cluster.run(40_000);
    good(cluster);
  });

  it('a group that was taken out of the file between the lives is stopped by what the journal knows of it', () => {
    const cluster = started();
    const [one, two] = cluster.groups;
    assert.ok(one !== undefined && two !== undefined);
    cluster.kill('n1');
    for (const name of ['n1', 'n2']) cluster.edit(name, [two]);
    cluster.start('n1');
    cluster.run(20_000);
    assert.deepEqual([cluster.holders('web'), cluster.holders('IPaddr::a')], [[], []]);
    good(cluster);
  });

  it('a machine that went down has no journal', () => {
    const cluster = started();
    cluster.powerOff('n1');
    assert.equal(cluster.host('n1').journal, undefined);
    cluster.start('n1');
    cluster.run(30_000);
    good(cluster);
  });

  it('a daemon that dies while it stops is stopped by the next life', () => {
    const cluster = started();
    cluster.host('n1').pace.spread = 3000;
    cluster.stop('n1');
    cluster.run(100);
    cluster.crash('n1');
    cluster.run(20_000);
    assert.equal(cluster.daemonAlive('n1'), false);
    assert.equal(holding(cluster), ' | IPaddr::a IPaddr::b db web');
    cluster.host('n1').pace.spread = 20;
    cluster.start('n1');
    cluster.run(30_000);
    good(cluster);
  });

  it('dies at each effect in turn of a start, of a hand-over and of a takeover', () => {
    for (let at = 1; at < 60; at += 1) {
      const cluster = new SimCluster({ seed: at, failback: at % 2 === 0 ? 'on' : 'off' });
      watch(cluster);
      watchClosely(cluster);
      cluster.start('n1');
      if (at % 3 === 0) cluster.guardians.arm('n1', at);
      cluster.start('n2');
      cluster.run(25_000);
      neverTwice(cluster);
      if (at % 3 === 1) {
        cluster.guardians.arm(at % 2 === 0 ? 'n1' : 'n2', at);
        cluster.command('n1', { name: 'standby', set: 'all' });
      }
      if (at % 3 === 2) {
        cluster.powerOff('n2');
        cluster.run(4500);
        cluster.guardians.arm('n1', at);
        cluster.run(20_000);
        cluster.start('n2');
      }
      cluster.run(40_000);
      good(cluster);
    }
  });
});
