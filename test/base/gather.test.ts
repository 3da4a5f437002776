import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gather } from '../../src/base/gather.ts';
import { LineSplitter } from '../../src/control/framing.ts';

test('pieces come out as one, in order, and what was taken stays as it is', () => {
  const gather = new Gather();
  assert.deepEqual(gather.take(), new Uint8Array(0));
  const all = Uint8Array.from({ length: 5000 }, (_, at) => at & 0xff);
  for (let at = 0; at < all.length; at += 7) gather.add(all.subarray(at, at + 7));
  assert.equal(gather.length, 5000);
  const taken = gather.take();
  assert.deepEqual(taken, all);
  gather.add(Uint8Array.of(1, 2));
  assert.deepEqual([gather.take(), gather.length, taken[0]], [Uint8Array.of(1, 2), 0, 0]);
});

test('a line that comes byte by byte holds about as much memory as it has bytes', () => {
  const splitters = Array.from({ length: 8 }, () => new LineSplitter(65_536));
  const before = process.memoryUsage();
  for (const splitter of splitters) for (let count = 0; count < 65_000; count += 1) splitter.push(Buffer.from('x'));
  const after = process.memoryUsage();
  const grown = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  for (const splitter of splitters) assert.deepEqual([splitter.push(Buffer.from('\n'))[0]?.length, splitter.tooLong], [65_000, false]);
  assert.ok(grown < 24 << 20, `${grown} bytes for 520,000`);
});
