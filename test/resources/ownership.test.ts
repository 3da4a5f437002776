import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  common,
  EVERYTHING,
  fromWord,
  isEmpty,
  mirrored,
  NOTHING,
  Ownership,
  type SideSet,
  toWord,
  union,
  without,
} from '../../src/resources/ownership.ts';
import { group, OURS, THEIRS } from './support.ts';

const LOCAL: SideSet = { local: true, foreign: false };
const FOREIGN: SideSet = { local: false, foreign: true };
const SETS = [NOTHING, LOCAL, FOREIGN, EVERYTHING] as const;

test('the four words of the wire stand for the four sets, and nothing else is a word', () => {
  const table = [
    ['none', NOTHING],
    ['local', LOCAL],
    ['foreign', FOREIGN],
    ['all', EVERYTHING],
  ] as const;
  for (const [word, set] of table) {
    assert.equal(toWord(set), word);
    assert.deepEqual(fromWord(word), set);
  }
  for (const word of [undefined, '', 'NONE', 'failback', 'all ', 'constructor', '__proto__']) assert.equal(fromWord(word), undefined);
});

test('the other node sees our sets in the mirror', () => {
  for (const set of SETS) assert.deepEqual(mirrored(mirrored(set)), set);
  assert.deepEqual(SETS.map(mirrored), [NOTHING, FOREIGN, LOCAL, EVERYTHING]);
});

test('union, difference, intersection and emptiness, over all pairs', () => {
  for (const a of SETS) {
    assert.equal(isEmpty(a), a === NOTHING);
    for (const b of SETS) {
      for (const side of ['local', 'foreign'] as const) {
        assert.equal(union(a, b)[side], a[side] || b[side]);
        assert.equal(without(a, b)[side], a[side] && !b[side]);
        assert.equal(common(a, b)[side], a[side] && b[side]);
      }
    }
  }
});

test('groups are local by their home; claims and drops follow the side', () => {
  const ownership = new Ownership('n2');
  const second = group('n2', 'second');
  const all = [THEIRS, OURS, second];
  assert.deepEqual(
    all.map((entry) => ownership.sideOf(entry)),
    ['foreign', 'local', 'local'],
  );
  const owned = () => all.filter((entry) => ownership.owns(entry)).map((entry) => entry.key);

  ownership.claim(LOCAL, all);
  assert.deepEqual(owned(), [OURS.key, 'second']);
  assert.deepEqual(ownership.claimed, LOCAL);
  ownership.claim(FOREIGN, all);
  assert.deepEqual(ownership.claimed, EVERYTHING);
  assert.equal(owned().length, 3);
  ownership.drop(LOCAL, all);
  assert.deepEqual(owned(), [THEIRS.key]);
  assert.equal(toWord(ownership.claimed), 'foreign');
  ownership.drop(EVERYTHING, all);
  assert.deepEqual(owned(), []);
  assert.deepEqual(ownership.claimed, NOTHING);
});

test('a node without a group of its own still says local', () => {
  const ownership = new Ownership('n2');
  ownership.claim(LOCAL, [THEIRS]);
  assert.equal(toWord(ownership.claimed), 'local');
  assert.equal(ownership.owns(THEIRS), false);
});

test('what claimed gives out is a copy', () => {
  const ownership = new Ownership('n2');
  const before = ownership.claimed;
  ownership.claim(EVERYTHING, []);
  assert.deepEqual(before, NOTHING);
});
