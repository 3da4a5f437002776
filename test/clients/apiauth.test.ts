/** Who may sign on, as measured on 3.0.6: one of the two lists is enough. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseSignOn } from '../../src/clients/apiauth.ts';
import type { ApiAuth, ClientCredentials } from '../../src/contracts/clients.ts';

const root: ClientCredentials = { pid: 1, uid: 0, gid: 0, user: 'root', group: 'root' };
const nobody: ClientCredentials = { pid: 2, uid: 65534, gid: 899, user: 'nobody', group: 'haclient' };
const daemon: ClientCredentials = { pid: 3, uid: 1, gid: 1, user: 'daemon', group: 'daemon' };
const NO_DEFAULT = 'no default client auth';
const FAILED = 'client failed authorization';

const LINES: readonly ApiAuth[] = [
  { client: 'two', users: ['nobody'], groups: ['daemon'] },
  { client: 'number', users: ['65534'], groups: [] },
  { client: 'group', users: [], groups: ['1'] },
  { client: 'open', users: [], groups: [] },
  { client: 'anon', users: ['root'], groups: ['haclient'] },
];
const DEFAULT: ApiAuth = { client: 'default', users: ['nobody'], groups: ['root'] };

const cases: readonly [name: string | undefined, who: ClientCredentials, reason: string | undefined, lines?: readonly ApiAuth[]][] = [
  [undefined, root, undefined],
  [undefined, nobody, undefined],
  [undefined, daemon, FAILED],
  ['two', nobody, undefined],
  ['two', daemon, undefined],
  ['two', root, FAILED],
  ['number', nobody, undefined],
  ['number', root, FAILED],
  ['group', daemon, undefined],
  ['group', nobody, FAILED],
  ['open', daemon, undefined],
  ['unlisted', root, NO_DEFAULT],
  ['unlisted', root, undefined, [...LINES, DEFAULT]],
  ['unlisted', daemon, FAILED, [...LINES, DEFAULT]],
  ['two', root, FAILED, [...LINES, DEFAULT]],
  ['default', root, NO_DEFAULT],
  ['anon', root, NO_DEFAULT],
  ['anon', nobody, undefined, [...LINES, DEFAULT]],
  [undefined, daemon, undefined, []],
  ['two', root, NO_DEFAULT, []],
];

for (const [name, who, reason, lines = LINES] of cases) {
  test(`${name ?? 'a casual client'} as ${who.user} with ${lines.length} lines: ${reason ?? 'let in'}`, () => {
    assert.equal(refuseSignOn(lines, name, who), reason);
  });
}

test('a number is not a name, and a name not a number', () => {
  const who: ClientCredentials = { pid: 9, uid: 7, gid: 7 };
  assert.equal(refuseSignOn([{ client: 'x', users: ['07'], groups: [] }], 'x', who), undefined);
  assert.equal(refuseSignOn([{ client: 'x', users: ['root'], groups: ['root'] }], 'x', who), FAILED);
});
