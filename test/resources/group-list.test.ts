/** Which group of one reading of haresources is which of another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare, groupsMark, identified, sharedWords } from '../../src/resources/group-list.ts';
import { group } from './support.ts';

const A = group('n1', 'IPaddr::a', 'web');
const B = group('n2', 'IPaddr::b', 'db');

test('a group is its home and its key, whatever line it stands in', () => {
  const [first, second] = identified([A, B]);
  const [moved] = identified([group('n2', 'other'), B, A]).filter(({ key }) => key === A.key);
  assert.equal(moved?.id, first?.id);
  assert.notEqual(first?.id, second?.id);
});

test('twins are told apart by their order alone', () => {
  const ids = identified([A, A, { ...A, home: 'n2' }]).map(({ id }) => id);
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual(
    identified([B, A, A, { ...A, home: 'n2' }])
      .slice(1)
      .map(({ id }) => id),
    ids,
  );
});

test('of twins the one that is gone is gone: the other goes on under its identity', () => {
  const mail = group('n1', 'IPaddr::a', 'mail');
  const both = identified([A, mail]);
  const change = compare(both, [mail]);
  assert.deepEqual(change?.removed, [both[0]]);
  assert.deepEqual([change?.added, change?.changed], [[], []]);
  const again = compare(change?.listed ?? [], [A, mail]);
  assert.deepEqual([again?.added.length, again?.removed.length, again?.changed.length], [1, 0, 0]);
  assert.equal(compare(both, [mail, group('n1', 'IPaddr::a', 'other')])?.changed[0]?.id, both[0]?.id);
  assert.deepEqual(
    identified([mail], both).map(({ id }) => id),
    [both[1]?.id],
  );
});

test('the same file is no change; another order is one without effect on any group', () => {
  const running = identified([A, B]);
  assert.equal(compare(running, [A, B]), undefined);
  const change = compare(running, [B, A]);
  assert.deepEqual([change?.added, change?.removed, change?.changed], [[], [], []]);
});

test('added, removed, changed; a new home is a removal and an addition', () => {
  const change = compare(identified([A, B]), [group('n1', 'IPaddr::a', 'mail'), { ...B, home: 'n1' }]);
  assert.deepEqual(
    change?.changed.map(({ key }) => key),
    ['IPaddr::a'],
  );
  assert.deepEqual(
    change?.removed.map(({ home }) => home),
    ['n2'],
  );
  assert.deepEqual(
    change?.added.map(({ home }) => home),
    ['n1'],
  );
});

test('what was running and what the file has is accounted for, each group once', () => {
  const any = fc.array(
    fc.record({ home: fc.constantFrom('n1', 'n2'), words: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }) }),
  );
  fc.assert(
    fc.property(any, any, (before, after) => {
      const running = identified(before.map(({ home, words }) => group(home, ...words)));
      const file = after.map(({ home, words }) => group(home, ...words));
      const change = compare(running, file);
      const listed = change?.listed ?? running;
      assert.deepEqual(
        listed.map(({ home, key }) => `${home} ${key}`),
        file.map(({ home, key }) => `${home} ${key}`),
      );
      assert.equal(new Set(listed.map(({ id }) => id)).size, file.length);
      if (change !== undefined) assert.equal(running.length - change.removed.length, listed.length - change.added.length);
    }),
  );
});

test('the mark is that of homes, order and resources, and of nothing else', () => {
  assert.equal(groupsMark([A, B]), groupsMark(identified([A, B])));
  for (const other of [[B, A], [A], [A, { ...B, home: 'n1' }], [group('n1', 'IPaddr::a', 'web', 'x'), B]]) {
    assert.notEqual(groupsMark(other), groupsMark([A, B]));
  }
});

test('shared are the resources of several groups, not those that a group names twice', () => {
  const shared = sharedWords(identified([group('n1', 'a', 'web', 'web2', 'web2'), group('n2', 'b', 'web')]));
  assert.deepEqual([...shared], ['web']);
});
