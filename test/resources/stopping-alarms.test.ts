/** What waits for a moment in the future while a node is up must not ring for ever once it stops. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench } from './support.ts';

test('a heal that waits for a 3.0.6 peer is forgotten by a node that stops', () => {
  const bench = new Bench().joined();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  bench.peerStatus = 'active';
  bench.control.peerReturned(bench.at);
  assert.ok(bench.control.nextAlarm() !== undefined, 'it waits for the peer to give up');
  bench.control.stop(bench.at);
  bench.settle();
  assert.equal(bench.port.releases, 1);
  bench.now += 60_000;
  bench.control.alarm(bench.at);
  assert.equal(bench.control.nextAlarm(), undefined);
});
