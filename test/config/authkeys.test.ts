import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToText } from '../../src/base/bytes.ts';
import { configExitStatus } from '../../src/config/load.ts';
import { files, lines, load, loadGood } from './support.ts';

const GOOD: readonly (readonly [string, number, readonly (readonly [number, string, string])[]])[] = [
  ['auth 1\n1 sha1 key-for-sha1\n', 1, [[1, 'sha1', 'key-for-sha1']]],
  ['auth 2\n2 crc\n', 2, [[2, 'crc', '']]],
  ['auth 3\n#1 crc\n#2 sha1 HI!\n3 md5 Hello!\n', 3, [[3, 'md5', 'Hello!']]],
  [
    'auth 2\n1 crc\n2 sha1 a\n3 md5 b\n',
    2,
    [
      [1, 'crc', ''],
      [2, 'sha1', 'a'],
      [3, 'md5', 'b'],
    ],
  ],
  ['auth1\n1 crc', 1, [[1, 'crc', '']]],
  ['  auth\t0\r\n\t 0  md5 \u00e9x more words\r\n', 0, [[0, 'md5', '\u00e9x']]],
  ['auth 15\n15 sha1 a#b\n', 15, [[15, 'sha1', 'a#b']]],
];

for (const [authkeys, signing, keys] of GOOD) {
  test(`accepted: ${JSON.stringify(authkeys)}`, () => {
    const { auth } = loadGood({ authkeys });
    assert.equal(auth.signing, signing);
    assert.deepEqual(
      auth.keys.map(({ index, method, key }) => [index, method, bytesToText(key)]),
      keys,
    );
  });
}

const BAD: readonly (readonly [string | undefined, string])[] = [
  [undefined, 'authkeys: Cannot open keyfile [/etc/ha.d//authkeys].  Stop.'],
  [undefined, 'Authentication configuration error.'],
  ['', 'authkeys: Missing auth directive in keyfile [/etc/ha.d//authkeys]'],
  ['1 crc\n', 'Missing auth directive in keyfile [/etc/ha.d//authkeys]'],
  ['auth 2\n1 crc\n', 'authkeys:1: Auth Key [2] not found in keyfile [/etc/ha.d//authkeys]'],
  ['1 crc\nauth 1\n', 'authkeys:2: Auth Key [1] not found in keyfile [/etc/ha.d//authkeys]: the line `auth 1` must stand above'],
  ['auth 1\n1 sha256 secret\n', 'authkeys:2: Invalid authtype [sha256]'],
  ['auth 1\n1 sha1\n', 'Auth method [sha1] requires a key'],
  ['auth 1\n1 md5 \n', 'Auth method [md5] requires a key'],
  ['auth 1\n1 crc key\n', "Auth method [crc] doesn't use a key"],
  ['auth 1\n1 crc # remark\n', 'Auth Key [1] not found in keyfile'],
  ['auth 1\n1 crc\n99 crc\n', 'authkeys:3: Invalid authnum [99] in /etc/ha.d//authkeys'],
  ['auth 1\n-1 crc\n1 crc\n', 'Invalid authnum [-1] in /etc/ha.d//authkeys'],
  ['auth 1\n1 crc\nfoo bar\n', 'Auth line [foo bar\\n] is invalid.'],
  ['auth 1\n1 crc\nfoo bar', 'Auth line [foo bar] is invalid.'],
  ['auth\n1 crc\n', 'Invalid auth line [auth\\n] in'],
];

for (const [authkeys, text] of BAD) {
  test(`refused: ${JSON.stringify(authkeys)}: ${text}`, () => {
    const loaded = load({ authkeys });
    assert.equal(loaded.config, undefined);
    assert.ok(
      lines(loaded, 'error').some((line) => line.includes(text)),
      lines(loaded).join('\n'),
    );
  });
}

test('only the read bits of group and others are looked at', () => {
  for (const authkeysMode of [0o600, 0o400, 0o620, 0o711, 0o733, 0o100600]) assert.notEqual(load({ authkeysMode }).config, undefined);
  for (const authkeysMode of [0o640, 0o644, 0o604, 0o100644]) {
    const loaded = load({ authkeysMode });
    assert.equal(loaded.config, undefined);
    assert.match(lines(loaded)[0] ?? '', /Bad permissions on keyfile \[\/etc\/ha\.d\/\/authkeys\], 600 recommended\./);
  }
});

test('no secret stands in a message', () => {
  for (const authkeys of [
    'auth 1\n1 sha1\nsha1 S3CRET\n',
    'auth 1\n1 crc S3CRET\n',
    'auth 1\n1 S3CRET\n',
    'auth 1\n99 sha1 S3CRET\n',
    'auth 2\n1 sha1 S3CRET\n',
  ]) {
    const told = lines(load({ authkeys })).join('\n');
    assert.notEqual(told, '');
    assert.ok(!told.includes('S3CRET'), told);
  }
});

test('a number listed twice: the last counts, with a warning', () => {
  const loaded = load({ authkeys: 'auth 1\n1 sha1 a\n1 sha1 b\n' });
  assert.deepEqual(
    loaded.config?.auth.keys.map(({ key }) => bytesToText(key)),
    ['b'],
  );
  assert.match(lines(loaded)[0] ?? '', /key 1 is listed twice/);
});

test('a key at fault elsewhere than the signing one refuses the file as well', () => {
  assert.equal(load({ authkeys: 'auth 1\n1 crc\n2 sha256 x\n' }).config, undefined);
});

test('exit status: 6, or 4 when the host did not let us read', () => {
  assert.equal(configExitStatus(files({}), load({})), 0);
  assert.equal(configExitStatus(files({ authkeys: undefined }), load({ authkeys: undefined })), 6);
  const denied = files({ authkeys: undefined });
  assert.equal(configExitStatus({ ...denied, authkeys: { ...denied.authkeys, fault: 'EACCES' } }, load({ authkeys: undefined })), 4);
});
