/** The list of terms in one field: as written, so read; and nothing else is read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENTRIES_MAX, type GroupTerm, INCOMPLETE, readTerms, writeTerms } from '../../src/resources/epoch-list.ts';

const TERM: GroupTerm = { epoch: 18, rank: 2, owned: true, runs: 'whole', keeps: true, seconds: 61 };

test('an entry, letter by letter', () => {
  assert.equal(writeTerms(new Map([['1a2b3c4d', TERM]])), '1a2b3c4d.12.2owk.3d');
  assert.equal(writeTerms(new Map([['a', { ...TERM, owned: false, runs: 'partly', keeps: false, rank: 0, seconds: 0.9 }]])), 'a.12.0p.0');
  assert.equal(writeTerms(new Map([['a', { ...TERM, runs: 'nothing', keeps: false }]])), 'a.12.2o.3d');
  assert.equal(writeTerms(new Map()), '-');
});

test('as written, so read', () => {
  const term = fc.record({
    epoch: fc.integer({ min: 0, max: 0xffff_ffff }),
    rank: fc.constantFrom(0, 1, 2) as fc.Arbitrary<0 | 1 | 2>,
    owned: fc.boolean(),
    runs: fc.constantFrom('nothing', 'partly', 'whole') as fc.Arbitrary<GroupTerm['runs']>,
    keeps: fc.boolean(),
    seconds: fc.integer({ min: 0, max: 0xffff_ffff }),
  });
  const mark = fc.integer({ min: 0, max: 0xffff_ffff }).map((value) => value.toString(16));
  fc.assert(
    fc.property(fc.array(fc.tuple(mark, term), { maxLength: ENTRIES_MAX }), (entries) => {
      const terms = new Map(entries);
      const read = readTerms(writeTerms(terms));
      assert.equal(read?.size, terms.size);
      for (const [key, wrote] of terms) assert.deepEqual({ ...read?.get(key) }, { ...wrote });
    }),
  );
});

test('more than a list holds is told as incomplete, and read as unknown', () => {
  const many = (count: number) => new Map(Array.from({ length: count }, (_, index) => [(index + 0x1000_0000).toString(16), TERM] as const));
  assert.equal(readTerms(writeTerms(many(ENTRIES_MAX)))?.size, ENTRIES_MAX);
  assert.equal(writeTerms(many(ENTRIES_MAX + 1)), INCOMPLETE);
  assert.equal(readTerms(INCOMPLETE), undefined);
  assert.equal(readTerms(undefined), undefined);
});

test('what is in no known form counts as unknown, and never throws', () => {
  for (const text of [
    '',
    ' ',
    'x',
    'a.1.3o.0',
    'a.1.2q.0',
    'a.1.2ow',
    'a.1.2ow.0 ',
    'g.1.2.0',
    `${'1'.repeat(9)}.1.2.0`,
    'a.1.2.0  b.1.2.0',
    'a'.repeat(100_000),
  ]) {
    assert.equal(readTerms(text), undefined, text.slice(0, 40));
  }
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => void readTerms(text)));
});
