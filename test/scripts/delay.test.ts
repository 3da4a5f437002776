// Delay: waits, and is otherwise nothing but a state file (agents 2, 7).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { RESOURCE_DIR } from './net.ts';

const temp = mkdtempSync(join(tmpdir(), 'hb-delay-'));
after(() => rmSync(temp, { recursive: true, force: true }));

function delay(...args: readonly string[]): { status: number | null; stdout: string; ms: number } {
  const began = performance.now();
  const done = spawnSync(join(RESOURCE_DIR, 'Delay'), args, {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: process.env.PATH ?? '', HA_RSCTMP: join(temp, 'rsctmp'), HA_LOGFILE: '/dev/null' },
  });
  return { status: done.status, stdout: done.stdout, ms: performance.now() - began };
}

it('waits at start and at stop, once', () => {
  const course = [
    ['status', 7, 'INFO:  Resource is stopped\n', 0],
    ['stop', 0, 'INFO:  Success\n', 0],
    ['start', 0, 'INFO:  Success\n', 300],
    ['start', 0, 'INFO:  Success\n', 0],
    ['status', 0, 'INFO:  Running OK\n', 0],
    ['stop', 0, 'INFO:  Success\n', 600],
    ['stop', 0, 'INFO:  Success\n', 0],
    ['status', 7, 'INFO:  Resource is stopped\n', 0],
  ] as const;
  for (const [action, status, stdout, waitsMs] of course) {
    const done = delay('0.3', '0.6', action);
    assert.deepEqual([done.status, done.stdout], [status, stdout], action);
    assert.ok(done.ms >= waitsMs, `${action} took ${done.ms} ms`);
    if (waitsMs === 0) assert.ok(done.ms < 290, `${action} took ${done.ms} ms`);
  }
});

it('two delays do not share their state', () => {
  assert.equal(delay('0', '0', 'start').status, 0);
  assert.equal(delay('0', '0.1', 'status').status, 7);
  assert.equal(delay('0', '0', 'stop').status, 0);
});

it('words that are no seconds', () => {
  for (const word of ['x', '-1', '1s', '../../x', '1/2', '', '1.2.3', '$(id)']) {
    assert.deepEqual([delay(word, 'start').status, delay(word, 'status').status, delay(word, 'stop').status], [2, 7, 0], word);
  }
  assert.deepEqual(
    readdirSync(join(temp, 'rsctmp')).filter((name) => !name.startsWith('.ha_log')),
    [],
  );
});

it('wrong use', () => {
  assert.equal(delay().status, 1);
  assert.equal(delay('1', '2', '3', 'start').status, 1);
  assert.match(delay('restart').stdout, /^ERROR: Unknown operation: restart\nusage: .*\(start\|stop\|status\|usage\|meta-data\)\n$/);
});
