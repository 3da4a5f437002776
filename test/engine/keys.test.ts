/** Keys as the engine sees them, packet by packet: who is believed with which, and what we sign with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToBytes } from '../../src/base/bytes.ts';
import type { AuthConfig, AuthKey } from '../../src/contracts/config.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame } from '../../src/protocol/envelope.ts';
import { Played, pair, type Rig, testConfig } from './support.ts';

const CRC: AuthKey = { index: 0, method: 'crc', key: textToBytes('') };
const SHA1: AuthKey = { index: 1, method: 'sha1', key: textToBytes('labsecret') };
const NEXT: AuthKey = { index: 2, method: 'sha1', key: textToBytes('another') };
const MD5: AuthKey = { index: 3, method: 'md5', key: textToBytes('third') };
const keys = (signing: AuthKey, ...more: AuthKey[]): AuthConfig => ({ signing: signing.index, keys: [...new Set([signing, ...more])] });
const LISTED = keys(SHA1, CRC, NEXT, MD5);

/** The key of the last packet that left. */
function lastKey(rig: Rig): number | undefined {
  const bytes = rig.sent.at(-1)?.bytes;
  assert.ok(bytes !== undefined);
  const opened = openFrame(bytes, LISTED, authCatalog);
  return opened.ok ? opened.keyIndex : undefined;
}

function says(peer: Played, auth: AuthConfig, fields: readonly (readonly [string, string])[] = []): Uint8Array {
  peer.auth = auth;
  return peer.frame('status', [['st', 'active'], ['dt', '1388'], ['protocol', '1'], ...fields]);
}

test('a 3.0.6 node is answered with the key it signs with, at once, and what it missed again under that key', () => {
  const { rig, peer } = pair({ auth: LISTED });
  rig.wait(1000);
  assert.equal(lastKey(rig), 1);
  rig.forget();
  rig.hear(says(peer, keys(NEXT)));
  assert.deepEqual(rig.codes(), ['signingAs']);
  assert.equal(lastKey(rig), 2);
  assert.equal(rig.messages('status').length, 1);
  assert.deepEqual(rig.status.keys, { auth: { index: 1, method: 'sha1' }, signing: { index: 2, method: 'sha1' } });
  rig.forget();
  rig.hear(
    peer.frame('NS_rexmit', [
      ['dest', 'n2'],
      ['firstseq', '3'],
      ['lastseq', '3'],
    ]),
  );
  assert.equal(lastKey(rig), 2);
  // Back, and once more: each time it is followed.
  rig.hear(says(peer, keys(SHA1)));
  assert.equal(lastKey(rig), 1);
});

test('a key that a node was heard with in a copy or an old packet changes nothing', () => {
  const { rig, peer } = pair({ auth: LISTED });
  const old = says(peer, keys(NEXT));
  rig.hear(says(peer, keys(SHA1)));
  rig.forget();
  for (let count = 0; count < 3; count += 1) rig.hear(old);
  assert.equal(rig.status.keys.signing.index, 1);
});

test('one of ours that announces a stronger key is followed, one with a weaker is not, and nonsense is none', () => {
  const { rig, peer } = pair({ auth: keys(MD5, SHA1, CRC) });
  const ours = (line: string): (readonly [string, string])[] => [
    ['hbd_v', '1'],
    ['hbd_auth', line],
  ];
  for (const line of ['0', '99', '-1', '01', '', 'x', '1'.repeat(5000), '15']) {
    rig.hear(says(peer, keys(MD5), ours(line)));
    assert.equal(rig.status.keys.signing.index, 3, line.slice(0, 10));
  }
  rig.hear(says(peer, keys(MD5), ours('1')));
  assert.equal(rig.status.keys.signing.index, 1);
  rig.hear(says(peer, keys(SHA1), ours('3')));
  assert.equal(rig.status.keys.signing.index, 3);
  assert.equal(rig.count('weakKeyRefused'), 0);
});

test('a weaker key than both sign with is nobody, whoever is named', () => {
  const { rig, peer } = pair({ auth: LISTED });
  rig.hear(says(peer, keys(SHA1)));
  rig.forget();
  const before = JSON.stringify(rig.status.nodes);
  for (const weak of [CRC, MD5]) {
    for (const name of ['n1', 'n2', 'n9']) {
      const forger = new Played(name, 1_000_000);
      forger.auth = keys(weak);
      rig.hear(forger.status('active'));
      rig.hear(forger.frame('shutdone', [['st', 'dead']]));
      rig.hear(
        forger.frame('NS_ackmsg', [
          ['dest', 'n2'],
          ['ackseq', '1'],
        ]),
      );
    }
  }
  assert.equal(JSON.stringify(rig.status.nodes), before);
  assert.deepEqual(rig.sent, []);
  assert.deepEqual(new Set(rig.codes()), new Set(['weakKeyRefused']));
  assert.equal(rig.count('weakKeyRefused'), 12);
  // In our own name they show nothing, not even that our link carries.
  assert.equal(rig.count('ownWeakKey'), 6);
  assert.deepEqual(rig.seen('n2').links, []);
});

test('after a reload to a stronger key the weaker one counts for those alone who used it just before', () => {
  const { rig, peer } = pair({ auth: keys(CRC, SHA1) });
  rig.hear(says(peer, keys(CRC)));
  rig.give({ kind: 'configured', config: testConfig({ auth: keys(SHA1, CRC) }) });
  rig.hear(says(peer, keys(CRC)));
  assert.equal(rig.seen().weakKey, true);
  assert.equal(rig.count('weakKeyRefused'), 0);
  rig.hear(says(peer, keys(SHA1)));
  assert.equal(rig.seen().weakKey, undefined);
  rig.hear(says(peer, keys(CRC)));
  assert.equal(rig.count('weakKeyRefused'), 1);
  // Nor does a new life begin with it.
  const again = new Played('n1', peer.generation + 1);
  rig.hear(says(again, keys(CRC)));
  assert.equal(rig.count('weakKeyRefused'), 2);
  assert.equal(rig.seen().generation, peer.generation);
});

test('what we list alone decides: a followed key that leaves our file signs no more', () => {
  const { rig, peer } = pair({ auth: LISTED });
  rig.hear(says(peer, keys(NEXT)));
  assert.equal(rig.status.keys.signing.index, 2);
  rig.give({ kind: 'configured', config: testConfig({ auth: keys(SHA1) }) });
  assert.equal(rig.status.keys.signing.index, 1);
});
