import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { catchesHangup, findRunning, heartbeatMark } from '../../src/cli/running.ts';

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

test('only another process called heartbeat counts, in the form that 3.0.6 writes', async () => {
  const told = ['-e', "process.title = 'heartbeat: x'; console.log('named'); setInterval(() => {}, 1000)"];
  const child = spawn(process.execPath, told, { argv0: 'room for the whole title', stdio: ['ignore', 'pipe', 'inherit'] });
  test.after(() => child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  fs.writeFileSync(file, `${String(pid).padStart(10)}\n`);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const running = findRunning(folder);
  assert.ok(running.kind === 'running');
  assert.equal(running.pid, pid);
  assert.equal(running.mark, heartbeatMark(pid));
  assert.match(running.mark, /^\d+$/);
});

test('a pid file that names ourselves, or a program of another name', () => {
  fs.writeFileSync(file, `${String(process.ppid).padStart(10)}\n`);
  assert.deepEqual(findRunning(folder), { kind: 'stale' });
  process.title = 'heartbeat: x';
  fs.writeFileSync(file, `${String(process.pid).padStart(10)}\n`);
  assert.deepEqual(findRunning(folder), { kind: 'own' });
});

test('a program that was started under the name counts before it has taken it, and is seen to listen once it does', async () => {
  const told = ['-e', "setTimeout(() => { process.on('SIGHUP', () => {}); console.log('listens'); setInterval(() => {}, 1000); }, 300)"];
  const child = spawn(process.execPath, told, { argv0: 'heartbeat: master control process', stdio: ['ignore', 'pipe', 'inherit'] });
  test.after(() => child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  fs.writeFileSync(file, `${String(pid).padStart(10)}\n`);
  assert.equal(findRunning(folder).kind, 'running');
  assert.equal(catchesHangup(pid), false);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  assert.equal(catchesHangup(pid), true);
});
