/** A restart in place: the daemon begins anew with what it holds, and no resource notices (wire-protocol 7.7, its end). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled, watch, watchClosely } from './checkers.ts';
import { group, NODES, SimCluster, type SimSetup } from './cluster.ts';

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

function each(setup: Partial<SimSetup>, play: (cluster: SimCluster) => void): void {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const cluster = new SimCluster({ seed, ...setup });
    watch(cluster);
    watchClosely(cluster);
    for (const name of NODES) cluster.start(name);
    cluster.run(18_000);
    play(cluster);
    settled(cluster);
    assert.deepEqual(cluster.violations, [], `seed ${seed}\n${cluster.trace.join('\n')}`);
  }
}

/** While `play` runs, no resource is started, stopped or missing anywhere. */
function untouched(cluster: SimCluster, play: () => void): void {
  const moved: string[] = [];
  let watching = true;
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      if (watching && job.action !== 'status') moved.push(`${host.name} ${job.action} ${word}`);
    });
  }
  play();
  watching = false;
  assert.deepEqual(moved, [], `seed ${cluster.setup.seed}\n${cluster.trace.join('\n')}`);
}

function restarted(cluster: SimCluster, name: string): void {
  const before = cluster.generation(name);
  cluster.restart(name);
  cluster.run(12_000);
  assert.equal(cluster.generation(name), before + 1, `${name} has begun a new life\n${cluster.trace.join('\n')}`);
}

type Kind = Readonly<{ told: string; setup: Partial<SimSetup> }>;

const KINDS: readonly Kind[] = [
  { told: 'auto_failback on', setup: { failback: 'on' } },
  { told: 'auto_failback off', setup: { failback: 'off' } },
  { told: 'auto_failback legacy', setup: { failback: 'legacy' } },
  { told: 'nice_failback on', setup: { nice: true } },
  { told: 'auto_failback on, n1 is limited to 3.0.6', setup: { failback: 'on', legacy: ['n1'] } },
  { told: 'auto_failback off, n2 is limited to 3.0.6', setup: { failback: 'off', legacy: ['n2'] } },
  { told: 'nice_failback on, n1 is limited to 3.0.6', setup: { nice: true, legacy: ['n1'] } },
  { told: 'nice_failback on, n2 is limited to 3.0.6', setup: { nice: true, legacy: ['n2'] } },
];

for (const { told, setup } of KINDS) {
  const ours = NODES.filter((name) => setup.legacy?.includes(name) !== true);
  describe(`restart in place, ${told}`, () => {
    it('each node with its own groups', () => {
      each(setup, (cluster) => {
        holds(cluster, OWN);
        untouched(cluster, () => {
          for (const name of ours) restarted(cluster, name);
        });
        holds(cluster, OWN);
        for (const gone of NODES) {
          cluster.stop(gone);
          cluster.run(10_000);
          holds(cluster, allOn(gone === 'n1' ? 'n2' : 'n1'));
          cluster.start(gone);
          cluster.run(40_000);
        }
      });
    });

    it('a node that holds everything, the other one dead', () => {
      for (const name of ours) {
        each(setup, (cluster) => {
          cluster.powerOff(name === 'n1' ? 'n2' : 'n1');
          cluster.run(10_000);
          holds(cluster, allOn(name));
          untouched(cluster, () => restarted(cluster, name));
          holds(cluster, allOn(name));
          cluster.start(name === 'n1' ? 'n2' : 'n1');
          cluster.run(40_000);
        });
      }
    });

    it('a peer that starts at the same moment', () => {
      for (const name of ours) {
        each(setup, (cluster) => {
          const other = name === 'n1' ? 'n2' : 'n1';
          cluster.powerOff(other);
          cluster.run(10_000);
          cluster.start(other);
          cluster.run(cluster.random.below(4000));
          cluster.restart(name);
          cluster.run(60_000);
        });
      }
    });

    it('the machine stands still between the lives, and the peer has taken everything', () => {
      for (const name of ours) {
        each(setup, (cluster) => {
          cluster.restart(name);
          cluster.run(1500);
          cluster.freeze(name);
          cluster.run(8000);
          cluster.thaw(name);
          cluster.run(60_000);
        });
      }
    });
  });
}

describe('restart in place', () => {
  for (const [from, to] of [
    ['n1', 'n2'],
    ['n2', 'n1'],
  ] as const) {
    it(`everything was handed to ${to}: neither node's restart moves it`, () => {
      for (const setup of [{ failback: 'on' }, { failback: 'off' }, { nice: true }, { failback: 'on', legacy: ['n1'] }] as const) {
        each(setup, (cluster) => {
          assert.equal(cluster.standby(from, 'all'), undefined, cluster.trace.join('\n'));
          cluster.run(8000);
          holds(cluster, allOn(to));
          untouched(cluster, () => {
            for (const name of NODES) if (cluster.setup.legacy?.includes(name) !== true) restarted(cluster, name);
          });
          holds(cluster, allOn(to));
        });
      }
    });
  }

  it('both nodes at once', () => {
    for (const failback of ['on', 'off', 'legacy'] as const) {
      each({ failback }, (cluster) => {
        untouched(cluster, () => {
          for (const name of NODES) {
            cluster.restart(name);
            cluster.run(cluster.random.below(1500));
          }
          cluster.run(15_000);
        });
        holds(cluster, OWN);
      });
    }
  });

  it('it waits for a hand-over, and is told while it waits', () => {
    each({ failback: 'off' }, (cluster) => {
      for (const host of cluster.hosts) host.pace.spread = 3000;
      cluster.standby('n1', 'all');
      cluster.run(300);
      const before = cluster.generation('n1');
      cluster.restart('n1');
      cluster.run(200);
      assert.ok(cluster.daemonAlive('n1'));
      assert.ok(cluster.trace.some((line) => line.includes('Restart delayed until')));
      cluster.run(30_000);
      assert.equal(cluster.generation('n1'), before + 1, cluster.trace.join('\n'));
      holds(cluster, allOn('n2'));
    });
  });

  it('a stop that is asked for meanwhile wins', () => {
    const cluster = new SimCluster({ seed: 3 });
    for (const name of NODES) cluster.start(name);
    cluster.run(15_000);
    cluster.host('n1').pace.least = 2000;
    cluster.standby('n1', 'local');
    cluster.run(1000);
    cluster.restart('n1');
    cluster.stop('n1');
    cluster.run(60_000);
    assert.equal(cluster.daemonAlive('n1'), false, cluster.trace.join('\n'));
    holds(cluster, allOn('n2'));
  });

  it('what does not run any more is started by the node that owns it', () => {
    each({ failback: 'on' }, (cluster) => {
      cluster.restart('n1');
      cluster.run(50);
      cluster.host('n1').running.delete('web');
      cluster.run(12_000);
      holds(cluster, OWN);
      cluster.restart('n1');
      cluster.run(50);
      cluster.host('n1').running.clear();
      cluster.run(12_000);
      holds(cluster, OWN);
    });
  });

  it('the file has changed between the lives: what runs is stopped by the definition that it was started with', () => {
    const [a, b] = [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db')];
    const gone = group('n1', 'IPaddr::x', 'mail');
    const changed = group('n1', 'IPaddr::a', 'other');
    each({ failback: 'off', groups: [a, b, gone] }, (cluster) => {
      cluster.restart('n1');
      cluster.run(50);
      for (const name of NODES) cluster.edit(name, [changed, b]);
      cluster.run(15_000);
      holds(cluster, { 'IPaddr::a': 'n1', web: 'n1', other: '', 'IPaddr::x': '', mail: '' });
      assert.equal(cluster.standby('n1', 'local'), undefined);
      cluster.run(5000);
      holds(cluster, { 'IPaddr::a': 'n2', web: '', other: 'n2' });
    });
  });

  it('the file changes, and a restart is asked for, before anybody knows what a killed life has left running', () => {
    const [a, b] = [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db')];
    for (const failback of ['on', 'off', 'legacy'] as const) {
      each({ failback, groups: [a, b] }, (cluster) => {
        cluster.powerOff('n2');
        cluster.run(8000);
        cluster.kill('n1');
        cluster.start('n1');
        cluster.run(1000);
        cluster.edit('n1', [group('n1', 'IPaddr::a', 'other'), b]);
        cluster.run(1000);
        cluster.restart('n1');
        cluster.run(3000);
        cluster.stop('n1');
        cluster.run(20_000);
        assert.deepEqual([...cluster.host('n1').running], [], cluster.trace.join('\n'));
        for (const name of NODES) cluster.edit(name, [a, b]);
        for (const name of NODES) cluster.start(name);
        cluster.run(40_000);
      });
    }
  });

  it('of two groups with one key the first is taken out, beside a restart: the other does not notice', () => {
    const [a, b, b2] = [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db'), group('n1', 'IPaddr::a', 'mail')];
    for (const restarts of [false, true]) {
      each({ failback: 'off', groups: [a, b2, b] }, (cluster) => {
        const stopped: string[] = [];
        cluster.host('n1').watchers.push((job, word) => {
          if (job.action === 'stop') stopped.push(word);
        });
        if (restarts) cluster.restart('n1');
        if (restarts) cluster.run(50);
        for (const name of NODES) cluster.edit(name, [b2, b]);
        cluster.run(15_000);
        assert.ok(!stopped.includes('mail'), cluster.trace.join('\n'));
        holds(cluster, { web: '', mail: 'n1', 'IPaddr::a': 'n1' });
      });
    }
  });

  it('cut off, one reads a new home and the other starts again in place: in the end one holds it', () => {
    const [a, b] = [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db')];
    for (const failback of ['on', 'off', 'legacy'] as const) {
      for (const [reader, other] of [NODES, [...NODES].reverse()] as const) {
        each({ failback, groups: [a, b] }, (cluster) => {
          const next = reader === 'n1' ? [{ ...a, home: 'n2' }, b] : [a, { ...b, home: 'n1' }];
          cluster.network.cut('n1', 'n2', 'eth1');
          cluster.network.cut('n2', 'n1', 'eth1');
          cluster.run(8000);
          cluster.edit(reader ?? '', next);
          cluster.run(1000);
          cluster.restart(other ?? '');
          cluster.run(14_000);
          cluster.network.healAll();
          cluster.run(3000);
          cluster.edit(other ?? '', next);
          cluster.run(20_000);
        });
      }
    }
  });
});
