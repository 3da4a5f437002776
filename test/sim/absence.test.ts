import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watchAbsences } from './checkers/absence.ts';
import { settled, watch } from './checkers.ts';
import { SimCluster, type Standstill } from './cluster.ts';
import { fieldOf } from './network.ts';

/** Two nodes, settled, each with a group of its own; nothing goes home by itself. */
function pair(): SimCluster {
  const cluster = new SimCluster({ seed: 5, failback: 'off' });
  watch(cluster);
  watchAbsences(cluster);
  cluster.start('n1');
  cluster.start('n2');
  cluster.run(20_000);
  return cluster;
}

function well(at: SimCluster): void {
  settled(at);
  assert.deepEqual(at.violations, [], at.trace.join('\n'));
}

/** From now on: how long it is until nobody else holds the group, and whether somebody always did. */
function heldTwiceMs(at: SimCluster, word: string, limitMs: number): number {
  const from = at.timeline.now;
  let alone: number | undefined;
  let nobody = false;
  at.check(() => {
    const count = at.holders(word).length;
    if (count === 0) nobody = true;
    if (count === 1) alone ??= at.timeline.now;
    if (count > 1) alone = undefined;
  });
  at.run(limitMs);
  assert.equal(nobody, false, at.trace.join('\n'));
  return (alone ?? Number.POSITIVE_INFINITY) - from;
}

describe('a node that was away', () => {
  for (const kind of ['process', 'suspend', 'wall', 'nothing'] as const satisfies readonly Standstill[]) {
    for (const keepFrames of [true, false]) {
      it(`three deadtimes (${kind}${keepFrames ? '' : ', nothing in its sockets'}): the peer keeps what it took, and nobody is without`, () => {
        const at = pair();
        at.freeze('n1', kind);
        at.run(15_000);
        assert.deepEqual(at.holders('IPaddr::a'), ['n1', 'n2']);
        at.thaw('n1', keepFrames);
        // Its first word comes at the latest with its next beat; stopping an address takes a script.
        const ms = heldTwiceMs(at, 'IPaddr::a', 20_000);
        assert.ok(ms < (keepFrames ? 60 : 1100), `held twice for ${ms} ms`);
        assert.deepEqual([at.holders('IPaddr::a'), at.holders('web'), at.holders('IPaddr::b')], [['n2'], ['n2'], ['n2']]);
        well(at);
      });
    }
  }

  it('0.8 deadtimes: nothing moves, nobody is dead', () => {
    for (const kind of ['process', 'suspend', 'nothing'] as const) {
      const at = pair();
      const scripts = at.scriptsRun;
      // Just after a beat: what counts is the standstill and the time since the last beat (scenarios 3).
      at.run(100);
      at.freeze('n1', kind);
      // A paused machine does not know that its beat is overdue.
      at.run(kind === 'nothing' ? 3500 : 4000);
      at.thaw('n1');
      at.run(20_000);
      assert.equal(at.scriptsRun, scripts, at.trace.join('\n'));
      assert.ok(!at.trace.some((line) => line.includes('is dead')), at.trace.join('\n'));
      well(at);
    }
  });

  it('in the middle of a hand-over: nothing is announced before its time, and it ends well', () => {
    const at = pair();
    at.stop('n2');
    at.run(5000);
    at.start('n2');
    at.run(10_000);
    // n2 stands still while it starts what n1 hands over.
    for (const host of at.hosts) host.pace.least = 800;
    at.standby('n1', 'all');
    at.run(2600);
    at.freeze('n2', 'process');
    at.run(15_000);
    at.thaw('n2');
    at.run(60_000);
    well(at);
  });

  it('a step of the wall clock moves nothing and delays no takeover', () => {
    for (const ms of [-3_600_000, 30_000, 3_600_000]) {
      const at = pair();
      const scripts = at.scriptsRun;
      at.host('n1').hands.stepWall(ms);
      at.run(10_000);
      assert.equal(at.scriptsRun, scripts);
      at.powerOff('n2');
      at.host('n1').hands.stepWall(ms);
      at.run(5300);
      assert.deepEqual(at.holders('IPaddr::b'), ['n1'], at.trace.join('\n'));
      well(at);
    }
  });

  it('clocks that go at different speeds', () => {
    const at = pair();
    const scripts = at.scriptsRun;
    at.host('n1').hands.drift(at.timeline.now, 1.01);
    at.host('n2').hands.drift(at.timeline.now, 0.99);
    at.run(600_000);
    assert.equal(at.scriptsRun, scripts);
    well(at);
  });

  it('an old word "counted you dead" makes nobody give up anything', () => {
    const at = pair();
    const words: string[] = [];
    const old: Uint8Array[] = [];
    at.network.watchers.push((from, packet) => {
      if (from !== 'n2' || fieldOf(packet, 'hbd_dead') === undefined) return;
      words.push(packet);
      old.push(Uint8Array.from(packet, (letter) => letter.charCodeAt(0)));
    });
    at.freeze('n1');
    at.run(15_000);
    at.thaw('n1');
    at.run(20_000);
    assert.ok(words.length > 3);
    at.standby('n2', 'all');
    at.run(10_000);
    assert.deepEqual(at.holders('IPaddr::a'), ['n1']);
    const scripts = at.scriptsRun;
    for (const packet of old) at.network.replay('n2', packet);
    at.run(5000);
    assert.equal(at.scriptsRun, scripts, at.trace.join('\n'));
    at.stop('n1');
    at.run(5000);
    at.start('n1');
    at.run(20_000);
    at.standby('n2', 'all');
    at.run(10_000);
    const before = at.scriptsRun;
    for (const packet of old) at.network.replay('n2', packet);
    at.run(5000);
    assert.equal(at.scriptsRun, before, 'nor in its next life');
    well(at);
  });
});
