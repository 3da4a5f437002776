import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeLock } from '../../src/os/lock.ts';
import { holdBytes, startOwnProgramAgain, takeBytes, watchOwnProgram } from '../../src/os/own-program.ts';

const child = fileURLToPath(new URL('own-program-child.ts', import.meta.url));

test('a program starts again in place: same number, lock and bytes kept, nothing else, and children are waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hb-again-'));
  const file = join(folder, 'lock');
  try {
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, ['--import', 'tsx', child, file], { timeout: 20_000 }, (error, out, err) =>
        error === null ? resolve(out) : reject(new Error(`${error.message}\n${err}`)),
      );
    });
    const [one, two] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(one, { pid: one?.pid, life: 1, locks: 1 });
    // What runs the sources of a test has a child of its own.
    assert.ok(Number(two?.inherited) >= 1);
    const { inherited } = two ?? {};
    assert.deepEqual(two, { pid: one?.pid, life: 2, locked: true, locks: 1, bytes: 'what was checked', inherited, left: 0 });
    const lock = takeLock(file);
    assert.ok(!('code' in lock), 'the kernel has let go with the process');
    lock.release();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what cannot be carried out is told, and nothing has happened', () => {
  const fault = startOwnProgramAgain('x', ['x'.repeat(3_000_000)], []);
  assert.match(fault.detail, /^execve .*: E2BIG/);
});

test('bytes that nobody holds, and more than are wanted', () => {
  assert.equal(takeBytes(999, 10), undefined);
  const fd = holdBytes(Buffer.from('too many'));
  assert.ok(typeof fd === 'number');
  assert.equal(takeBytes(fd, 3), undefined);
  assert.equal(Buffer.from(takeBytes(fd, 30) ?? []).toString(), 'too many');
  assert.equal(takeBytes(fd, 30), undefined, 'once');
});

test('an upgrade of the program is noticed once the new file is there', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hb-upgrade-'));
  const file = join(folder, 'program');
  try {
    writeFileSync(file, 'one');
    const upgraded = watchOwnProgram(file);
    assert.equal(await upgraded(), false);
    renameSync(file, join(folder, 'old'));
    assert.equal(await upgraded(), false);
    writeFileSync(file, 'two');
    assert.equal(await upgraded(), true);
    assert.equal(await watchOwnProgram(join(folder, 'none'))(), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
