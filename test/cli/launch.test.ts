import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { launch, MASTER_TITLE } from '../../src/cli/launch.ts';
import { heartbeatMark } from '../../src/cli/running.ts';

const CHILD = path.join(import.meta.dirname, 'launch-child.ts');

async function start(words: readonly string[], limitMs = 20_000) {
  const told: string[] = [];
  const tsx = import.meta.resolve('tsx');
  const result = await launch({ program: process.execPath, args: ['--import', tsx, CHILD, ...words] }, limitMs, (line) => told.push(line));
  return { told, result };
}

test('a daemon that is ready goes on in its own session under its own name, holding nothing of the terminal', async () => {
  const { result, told } = await start(['a warning', 'stay', 'ready', 'said too late']);
  assert.ok(result.kind === 'ready');
  try {
    assert.deepEqual(told, ['a warning']);
    const proc = `/proc/${result.pid}`;
    assert.equal(fs.readFileSync(`${proc}/cmdline`, 'latin1').replace(/\0+$/, ''), MASTER_TITLE);
    assert.match(fs.readFileSync(`${proc}/comm`, 'latin1'), /^heartbeat: mast/);
    assert.equal(fs.readFileSync(`${proc}/stat`, 'latin1').split(') ')[1]?.split(' ')[3], String(result.pid), 'leads its session');
    assert.equal(fs.readlinkSync(`${proc}/cwd`), '/');
    for (const fd of [0, 1, 2]) assert.equal(fs.readlinkSync(`${proc}/fd/${fd}`), '/dev/null');
    assert.notEqual(heartbeatMark(result.pid), undefined);
  } finally {
    process.kill(result.pid, 'SIGKILL');
  }
});

test('what ends before it is ready is told with its words and its status', async () => {
  assert.deepEqual(await start(['the lock\nis held', 'exit=4']), { told: ['the lock', 'is held'], result: { kind: 'ended', status: 4 } });
  assert.deepEqual((await start(['die'])).result, { kind: 'killed', signal: 'SIGKILL' });
});

test('what is neither ready nor ended in time goes on alone', async () => {
  const { result } = await start(['stay'], 50);
  assert.ok(result.kind === 'slow');
  process.kill(result.pid, 'SIGKILL');
});

test('a program that cannot be started is told', async () => {
  const result = await launch({ program: '/nowhere/node', args: [] }, 1000, () => undefined);
  assert.equal(result.kind, 'notStarted');
});
