import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeDirectives } from '../../src/config/directives.ts';
import { PROBLEMS_MAX } from '../../src/config/problems.ts';
import { CATALOGS, GOOD, load } from './support.ts';

const directiveWords = describeDirectives(CATALOGS.media).flatMap(({ word, aliases }) => [word, ...aliases]);
const word = fc.oneof(
  fc.constantFrom(
    ...directiveWords,
    'n1',
    'n2',
    'eth1',
    'auth',
    'sha1',
    '1',
    '2',
    '10.0.0.1',
    'yes',
    '::',
    'a::b',
    '\\',
    '#',
    '//',
    '=',
    ',',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const text = fc
  .array(fc.tuple(fc.array(word, { maxLength: 8 }), fc.constantFrom('\n', '\r\n', ' ', '\t', '\\\n', '')), { maxLength: 20 })
  .map((rows) => rows.map(([words, end]) => words.join(' ') + end).join(''));

test('no text of any file throws; a Config comes only without an error', () => {
  fc.assert(
    fc.property(
      fc.option(text, { nil: undefined }),
      fc.option(text, { nil: undefined }),
      fc.option(text, { nil: undefined }),
      (a, b, c) => {
        const { config, problems } = load({ hacf: a, authkeys: b, haresources: c });
        assert.equal(
          config === undefined,
          problems.some(({ severity }) => severity === 'error'),
        );
        // One line each: nothing of a file may forge a line of the log.
        for (const problem of problems) assert.ok(![...problem.text].some((character) => character < ' '), problem.text);
      },
    ),
    { numRuns: 500 },
  );
});

test('noise after good lines never throws', () => {
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      load({ hacf: GOOD.hacf + a, authkeys: GOOD.authkeys + b, haresources: GOOD.haresources + c });
    }),
    { numRuns: 500 },
  );
});

const LONG = 300_000;
const HOSTILE: readonly (readonly [string, string])[] = [
  ['blanks', `${' '.repeat(LONG)}x`],
  ['blanks inside', `node a${' '.repeat(LONG)}b`],
  ['one word', 'x'.repeat(LONG)],
  ['words', `node ${'node '.repeat(LONG / 5)}`],
  ['addresses', `n1 ${'1.1'.repeat(LONG / 3)}`],
  ['colons', `n1 ${':'.repeat(LONG)}`],
  ['resources', 'n1 a\n'.repeat(LONG / 5)],
  ['resources of one line', `n1 ${'a '.repeat(LONG / 2)}`],
  ['backslashes', '\\\n'.repeat(LONG / 2)],
  ['backslashes in a word', `n1 ${'\\'.repeat(LONG)}`],
  ['lines', 'bad\n'.repeat(LONG / 4)],
  ['nodes', Array.from({ length: LONG / 8 }, (_, index) => `node x${index}`).join('\n')],
  ['media', 'bcast eth1\n'.repeat(LONG / 11)],
  ['digits', `deadtime ${'9'.repeat(LONG)}`],
  ['keys', '1 crc\n'.repeat(LONG / 6)],
  ['empty lines', '\n'.repeat(LONG)],
  ['too long', '# \n'.repeat(LONG * 4)],
];

for (const [name, hostile] of HOSTILE) {
  test(`finishes fast: ${name}`, { timeout: 20_000 }, () => {
    const began = performance.now();
    const { problems } = load({ hacf: GOOD.hacf + hostile, authkeys: hostile, haresources: hostile });
    assert.ok(problems.length <= PROBLEMS_MAX + 1);
    assert.ok(problems.every((problem) => problem.text.length < 2000));
    assert.ok(performance.now() - began < 8000, `${Math.round(performance.now() - began)} ms`);
  });
}
