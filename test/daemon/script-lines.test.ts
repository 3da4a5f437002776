import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScriptOutcome } from '../../src/contracts/host.ts';
import type { Log } from '../../src/daemon/log.ts';
import { withDebugLines } from '../../src/daemon/script-lines.ts';

test('debug lines name each call of a script and its end, and the outcome goes on', () => {
  const lines: string[] = [];
  const log = { line: (...words: string[]) => lines.push(words.join('|')) } as unknown as Log;
  const outcome: ScriptOutcome = { kind: 'exited', status: 3, output: 'stopped', path: '/etc/ha.d/resource.d/x' };
  let heard: ScriptOutcome | undefined;
  const runner = withDebugLines({ start: (_, ended) => ended(outcome) }, log);
  runner.start({ id: 1, script: 'x', args: ['a', 'b'], action: 'status', env: {} }, (end) => {
    heard = end;
  });
  assert.equal(heard, outcome);
  assert.deepEqual(lines, [
    'debug|Starting x a b status|ResourceManager',
    'debug|/etc/ha.d/resource.d/x a b status done. RC=3|ResourceManager',
  ]);
});
