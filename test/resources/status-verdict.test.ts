import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysRunning } from '../../src/resources/status-verdict.ts';

/** The rows of the table of verdicts that were measured (haresources 3). */
const rows: readonly (readonly [output: string, running: boolean])[] = [
  ['running', true],
  ['foo is running...', true],
  ['OK', true],
  ['not running', false],
  ['NOT Running', false],
  ['stopped', false],
  ['dead', false],
  ['', false],
  ['inactive', false],
  ['active (exited)', false],
  ['Active: active (running)', true],
  ['is not currently running', false],
  ['running\nnot running', false],
  ['running on one line\nfoo is not running\n', false],
  ['not here\nbut running there', false],
  ['RUNNING', false],
  ['ok', false],
  ['BROKEN', true],
  ['TOKEN missing', true],
  // The words of the OCF wrappers (haresources 8).
  ['INFO:  Running OK', true],
  ['INFO:  Resource is stopped', false],
  ['ERROR:  Generic error', false],
  // "not" needs its blank, in every case of its letters.
  ['notrunning', true],
  ['nOt RUNNING but Running', false],
  ['Knot tied, running', false],
];

for (const [output, running] of rows) {
  test(`${JSON.stringify(output)} says ${running ? 'running' : 'not running'}`, () => {
    assert.equal(saysRunning(output), running);
  });
}

test('a long output is judged in a moment', () => {
  const before = process.cpuUsage();
  assert.equal(saysRunning('not '.repeat(16_384)), false);
  assert.ok(process.cpuUsage(before).user < 2_000_000, 'two seconds of work for 64 KiB');
});
