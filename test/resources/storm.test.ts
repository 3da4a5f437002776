/** Whatever comes, in whatever order: the rules that hold at every moment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import type { AutoFailback } from '../../src/contracts/config.ts';
import { Bench, exited } from './support.ts';

const SETS = ['none', 'local', 'foreign', 'all'] as const;

/** Rules broken by one run; events are drawn from one seed. */
function storm(seed: number, failback: AutoFailback): void {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const bench = new Bench({ failback, speaksOurs: random.below(2) === 0, peerStatus: pick(['init', 'up', 'active', 'dead']) });
  const { port, control, state } = bench;
  const send = port.send;
  port.send = (type, fields) => {
    const named = Object.fromEntries(fields);
    if (type === 'resource' && named.isstable === '1') {
      assert.equal(state.work.busy, false, `seed ${seed}: isstable=1 while scripts run`);
      assert.notEqual(state.phase, 'shutdown', `seed ${seed}: isstable=1 in a shutdown`);
    }
    send(type, fields);
  };
  const run = port.run;
  port.run = (job, ended) => {
    if (job.action === 'start') {
      assert.notEqual(state.phase, 'waiting', `seed ${seed}: start before communication is up`);
      assert.notEqual(state.phase, 'starting', `seed ${seed}: start before the question was answered`);
      assert.notEqual(state.phase, 'shutdown', `seed ${seed}: start in a shutdown`);
    }
    run(job, ended);
  };
  port.twist = (job) => (job.action === 'start' && random.below(20) === 0 ? exited(1) : undefined);
  let active = false;
  for (let step = 0; step < 120; step += 1) {
    switch (random.below(16)) {
      case 0:
        if (!active) control.activate(bench.at);
        active = true;
        break;
      case 1:
        bench.hear('starting');
        break;
      case 2:
      case 3:
        bench.holds(pick(SETS), pick(['0', '1']));
        break;
      case 4:
      case 5:
        bench.asks(pick(SETS), pick(['me', 'other', 'done'] as const));
        break;
      case 6:
        bench.hear('hb_takeover', { rsc_hold: pick(SETS) });
        break;
      case 7:
        bench.hear('shutdone', { st: 'dead' });
        break;
      case 8:
        if (bench.peerStatus === 'dead') break;
        bench.peerStatus = 'dead';
        control.peerDied(bench.at);
        break;
      case 9:
        if (bench.peerStatus !== 'dead') break;
        bench.peerStatus = 'up';
        control.peerReturned(bench.at);
        break;
      case 10:
        bench.peerStatus = 'init';
        bench.seq = 0;
        control.peerRestarted(bench.at);
        control.peerAppeared(bench.at);
        break;
      case 11:
        bench.peerStatus = 'active';
        control.peerActive(bench.at);
        break;
      case 12:
        if (active) control.standby(bench.at, pick(SETS));
        break;
      case 13:
        bench.hear(pick(['ip-request', 'ip-request-resp']), { ipaddr: pick(state.groups).key, ok: 'OK', weown: 'yes' });
        break;
      case 14:
        if (port.pending !== undefined) port.end(bench.at);
        break;
      default:
        bench.wait(pick([0, 10, 1000, 20_000]));
    }
    if (random.below(400) === 0) control.stop(bench.at);
  }
  // Left in peace, with nobody else there, it comes to rest: everything here, or, stopped, nothing and gone.
  if (!active) control.activate(bench.at);
  if (bench.peerStatus !== 'dead') {
    bench.peerStatus = 'dead';
    control.peerDied(bench.at);
  }
  port.twist = () => undefined;
  bench.wait(60_000);
  if (port.releases === 0) {
    control.stop(bench.at);
    bench.wait(60_000);
  }
  assert.equal(port.releases, 1, `seed ${seed}: the stop comes to its end, once`);
  assert.deepEqual([...port.running], [], `seed ${seed}: nothing is left running`);
}

for (const failback of ['on', 'off', 'legacy'] as const) {
  test(`auto_failback ${failback}: 300 storms of events in any order`, () => {
    for (let seed = 1; seed <= 300; seed += 1) storm(seed, failback);
  });
}
