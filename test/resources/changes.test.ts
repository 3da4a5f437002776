/** A changed haresources on n2 beside n1, which is a 3.0.6 node and tells nothing of single groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceGroup } from '../../src/contracts/config.ts';
import { Bench, group, OURS, peerComesBack, THEIRS } from './support.ts';

const X1 = group('n1', 'IPaddr::10.0.0.9/24', 'mail');
const X2 = { ...X1, home: 'n2' };

function reads(bench: Bench, ...groups: ResourceGroup[]): void {
  bench.control.configure(bench.at, { groups, failback: 'on', stopRetryMax: 10, failureTimeoutMs: 3_600_000 });
  bench.settle();
}

const scripts = (bench: Bench) => bench.port.news().filter((line) => /^(start|stop) /.test(line));

test('a new group of ours is started, one of the other node is not', () => {
  const bench = new Bench().joined();
  reads(bench, THEIRS, OURS, X2);
  assert.deepEqual(scripts(bench), [`start ${X1.key}`, 'start mail']);
  reads(bench, THEIRS, OURS, X2, group('n1', 'other'));
  assert.deepEqual(scripts(bench), []);
});

test('a new group that runs here and belongs to the other node is stopped; one of ours is made whole', () => {
  for (const [own, expected] of [
    [X1, ['stop mail', `stop ${X1.key}`]],
    [X2, ['start mail']],
  ] as const) {
    const bench = new Bench().joined();
    bench.port.running.add(X1.key);
    reads(bench, THEIRS, OURS, own);
    assert.deepEqual(scripts(bench), expected);
  }
});

test('a group that comes home to us is not started while it may run on the other node', () => {
  const bench = new Bench({ groups: [THEIRS, OURS, X1] }).joined();
  reads(bench, THEIRS, OURS, X2);
  bench.wait(60_000);
  assert.deepEqual(scripts(bench), []);
  assert.ok(bench.noted('groupHeldBack'));
  // A new life of it may still have it: only its end, or its leave, sets it free.
  peerComesBack(bench);
  bench.holds('local', '1');
  bench.settle();
  assert.deepEqual(scripts(bench), []);
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.ok(scripts(bench).includes('start mail'));
});

test('a group that leaves home is stopped here, by the definition that it was started with', () => {
  const bench = new Bench({ groups: [THEIRS, OURS, X2] }).joined();
  reads(bench, THEIRS, OURS, group('n1', X1.key, 'mail', 'more'));
  assert.deepEqual(scripts(bench), ['stop mail', `stop ${X1.key}`]);
});

test('auto_failback goes from off to on while it runs, and to legacy it does not', () => {
  const bench = new Bench({ failback: 'off' }).joined();
  bench.control.configure(bench.at, { groups: [THEIRS, OURS], failback: 'legacy', stopRetryMax: 10, failureTimeoutMs: 3_600_000 });
  assert.equal(bench.state.failback, 'off');
  bench.control.configure(bench.at, { groups: [THEIRS, OURS], failback: 'on', stopRetryMax: 10, failureTimeoutMs: 3_600_000 });
  assert.equal(bench.state.failback, 'on');
});
