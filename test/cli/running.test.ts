import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { findRunning, heartbeatMark } from '../../src/cli/running.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-pid-'));
const file = path.join(folder, 'heartbeat.pid');
const title = process.title;
test.after(() => {
  process.title = title;
  fs.rmSync(folder, { recursive: true });
});

test('no pid file, one without a pid, one of a process that has gone', () => {
  assert.deepEqual(findRunning(folder), { kind: 'none' });
  for (const text of ['', 'x\n', '-1\n', '99999999999\n', '4194305\n', '1 2\n']) {
    fs.writeFileSync(file, text);
    assert.deepEqual(findRunning(folder), { kind: 'stale' }, JSON.stringify(text));
  }
});

test('only a process called heartbeat counts, in the form that 3.0.6 writes', () => {
  fs.writeFileSync(file, `${String(process.pid).padStart(10)}\n`);
  assert.deepEqual(findRunning(folder), { kind: 'stale' });
  process.title = 'heartbeat: x';
  const running = findRunning(folder);
  assert.ok(running.kind === 'running');
  assert.equal(running.pid, process.pid);
  assert.equal(running.mark, heartbeatMark(process.pid));
  assert.match(running.mark, /^\d+$/);
});
