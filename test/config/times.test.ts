import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBoolean } from '../../src/config/booleans.ts';
import { parseTimeMs, TIME_MAX_MS } from '../../src/config/times.ts';

const TIMES: readonly (readonly [string, number | undefined])[] = [
  ['5', 5000],
  ['2.5', 2500],
  ['.5', 500],
  ['0', 0],
  ['500ms', 500],
  ['5000msec', 5000],
  ['5000MSEC', 5000],
  ['200Ms', 200],
  ['500000us', 500],
  ['1500usec', 2],
  ['1400usec', 1],
  ['2.', 2000],
  ['99999999999', TIME_MAX_MS],
  ['5s', undefined],
  ['5sec', undefined],
  ['5m', undefined],
  ['-5', undefined],
  ['+5', undefined],
  ['abc', undefined],
  ['ms', undefined],
  ['.', undefined],
  ['', undefined],
  ['5 ms', undefined],
  ['1e3', undefined],
  ['0x10', undefined],
];

for (const [text, ms] of TIMES) test(`time ${JSON.stringify(text)}`, () => assert.equal(parseTimeMs(text), ms));

test('booleans', () => {
  for (const word of ['true', 'on', 'yes', 'y', '1', 'TRUE', 'On']) assert.equal(parseBoolean(word), true, word);
  for (const word of ['false', 'off', 'no', 'n', '0', 'OFF', 'No']) assert.equal(parseBoolean(word), false, word);
  for (const word of ['', '2', 'enable', 'yess', 'none']) assert.equal(parseBoolean(word), undefined, word);
});
