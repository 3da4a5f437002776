import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Result } from './perform.ts';
import { intoPage, merge, resultTable } from './report.ts';
import { scenarios } from './scenarios.ts';

const result = (name: string, more: Partial<Result> = {}): Result => ({
  name,
  subject: name.replace(/\/.*/, ''),
  pairing: name.replace(/.*\//, ''),
  passed: true,
  faults: [],
  gapMs: 100,
  steps: [],
  reasons: [],
  peak: 0,
  deaths: 0,
  severe: { original: [], ours: [] },
  memoryKib: [],
  sampled: { count: 1, worstMs: 10, late: 0 },
  ...more,
});

it('the table sets each mixed pair beside the pair of two 3.0.6, and says what was not run', () => {
  const table = resultTable(scenarios(), [
    result('walk@base/reference', { gapMs: 560 }),
    result('walk@base/ours-first'),
    result('failing-stop-first@base/ours-first', { reasons: ['3.0.6 reboots'] }),
    result('cut-all@base/ours-first', { passed: false, faults: ['a | b', 'c'] }),
  ]);
  assert.match(table, /^3 of \d+ mixed scenarios have a result; \d+ have not been run\.$/m);
  assert.match(table, /^\| walk@base \| ours-first \| passed \| 100 \| 560 \|$/m);
  assert.match(table, /failing-stop-first@base \| ours-first \| passed; 3\.0\.6 reboots \|/);
  assert.match(table, /^\| cut-all@base \| ours-first \| \*\*failed\*\*: a \/ b \(and 1 more\) \| 100 \| not run \|$/m);
});

it('the table goes between its marks, again and again', () => {
  const page = 'top\n<!-- results -->\nold\n<!-- end of results -->\nbottom\n';
  const once = intoPage(page, 'new');
  assert.equal(once, 'top\n<!-- results -->\nnew\n<!-- end of results -->\nbottom\n');
  assert.equal(intoPage(once, 'new'), once);
  assert.throws(() => intoPage('nothing', 'new'));
});

it('later results take the place of earlier ones', () => {
  const merged = merge([result('a/x'), result('b/x')], [result('a/x', { gapMs: 1 })]);
  assert.deepEqual(
    merged.map(({ name, gapMs }) => [name, gapMs]),
    [
      ['a/x', 1],
      ['b/x', 100],
    ],
  );
});
