/** A slow or silent client never delays a heartbeat: seen from the network, with every door of a real daemon held open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tally } from '../fuzz/attack.ts';
import { startAttack, WARNTIME_MS, World } from '../fuzz/world.ts';
import { sleep } from '../hosts/run.ts';
import { support } from '../hosts/support.ts';

const SECONDS = 20;
/** How much later than those of its peer, whom nobody bothers, the heartbeats of the daemon may be on the same busy machine. */
const LATER_MS = 200;

test('clients that never speak, never read or stop halfway, and a flooded FIFO, delay no heartbeat', {
  skip: support().reason,
}, async (t) => {
  const world = await World.open({ probe: false, lifeSeconds: 240 });
  try {
    world.listen();
    let tally: Tally = {};
    const child = startAttack(world.first, 'slow', 1, SECONDS, (told) => {
      tally = told;
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await sleep(SECONDS * 1000);
    assert.equal(await ended, 0, 'the clients held out');
    const [first, second] = world.beats;
    assert.ok(first !== undefined && second !== undefined);
    t.diagnostic(`${JSON.stringify(tally)}`);
    t.diagnostic(
      `${first.beats} heartbeats, latest ${first.latestMs.toFixed(1)} ms; of the peer: ${second.beats}, ${second.latestMs.toFixed(1)} ms`,
    );
    assert.ok((tally['never reads'] ?? 0) >= 30 && (tally.silent ?? 0) >= 30, 'the clients were let in');
    assert.ok((tally['packets written'] ?? 0) > 300 * SECONDS, 'the FIFO was read');
    for (const { beats } of [first, second]) assert.ok(beats >= 2 * SECONDS - 2, `${beats} heartbeats`);
    assert.ok(first.latestMs < WARNTIME_MS, `a heartbeat came ${first.latestMs} ms late`);
    assert.ok(first.latestMs < second.latestMs + LATER_MS, `${first.latestMs} ms, its peer ${second.latestMs} ms`);
    assert.deepEqual(await world.faults(), []);
  } finally {
    await world.close();
  }
});
