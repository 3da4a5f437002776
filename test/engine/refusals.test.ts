/** What the engine does not take, and how it says so; what strangers can bring about (wire-protocol 3, 5.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToBytes } from '../../src/base/bytes.ts';
import { AUTH, Played, pair } from './support.ts';

test('an unknown node is told and dropped', () => {
  const { rig } = pair();
  const stranger = new Played('n9');
  rig.hear(stranger.status('active'));
  assert.deepEqual(rig.notes, [{ code: 'unknownNode', facts: { node: 'n9' } }]);
  assert.equal(rig.count('unknownNode'), 1);
  assert.deepEqual(
    rig.status.nodes.map(({ name }) => name),
    ['n1', 'n2'],
  );
  assert.deepEqual(rig.sent, []);
});

test('our own packet that comes back brings our link up and nothing else', () => {
  const { rig } = pair();
  rig.wait(1000);
  const own = rig.messages('status')[0];
  assert.ok(own !== undefined);
  rig.forget();
  rig.hear(own.bytes);
  assert.deepEqual(rig.codes(), ['linkUp']);
  assert.deepEqual(rig.seen('n2').links, [{ name: 'eth1', status: 'up' }]);
  assert.deepEqual(rig.sent, []);
});

test('another node under our name is told, dropped, and ends nothing here', () => {
  const { rig } = pair();
  const double = new Played('n2', 99_999, 'somebody-elses-u');
  rig.hear(double.status('active'));
  rig.hear(double.frame('shutdone', [['st', 'dead']]));
  assert.equal(rig.count('ownNameElsewhere'), 2);
  assert.deepEqual(new Set(rig.codes()), new Set(['ownNameElsewhere']));
  assert.equal(rig.status.state, 'active');
});

test('5.1 a new UUID under a known name replaces the old one', () => {
  const { rig, peer } = pair();
  peer.uuid = 'a-brand-new-uuid';
  rig.hear(peer.status('active'));
  assert.deepEqual(rig.codes(), ['uuidChanged']);
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']]));
  assert.equal(rig.messages('repnodes')[0]?.message.get('destuuid'), 'a-brand-new-uuid');
});

test('a known UUID under another spelling of its name is the same node', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']], { origin: 'N1' }));
  assert.equal(rig.messages('repnodes').length, 1);
  assert.equal(rig.count('unknownNode'), 0);
});

const wrongKey = { ...AUTH, keys: [{ index: 1, method: 'sha1', key: textToBytes('other') }] };
const unlistedKey = { signing: 7, keys: [{ index: 7, method: 'sha1', key: textToBytes('labsecret') }] };
const signedWith = (auth: typeof AUTH) => (peer: Played) => {
  peer.auth = auth;
  return peer.status('active');
};

for (const [name, code, make] of [
  ['a wrong key', 'authMismatch', signedWith(wrongKey)],
  ['an unlisted key', 'authUnknownKey', signedWith(unlistedKey)],
  ['a lower generation', 'replay', (peer: Played) => peer.frame('status', [['st', 'active']], { generation: 3 })],
  ['seq 0', 'badSequence', (peer: Played) => peer.frame('status', [['st', 'active']], { sequence: 0 })],
  ['no ts', 'missingField', (peer: Played) => peer.frame('status', [['st', 'active']], { unixSeconds: 0 })],
  ['a status without st', 'statusWithoutSt', (peer: Played) => peer.frame('status', [['dt', '1388']])],
] as const) {
  test(`${name} is refused, counted, and told at a bounded rate`, () => {
    const { rig, peer } = pair();
    const before = rig.seen();
    for (let count = 0; count < 200; count += 1) rig.hear(make(peer));
    assert.equal(rig.count(code), 200);
    const told = rig.codes().filter((entry) => entry === code).length;
    assert.ok(told >= 1 && told <= 5, `${told} lines for 200 packets`);
    assert.equal(rig.seen().status, before.status);
    rig.forget();
    rig.wait(11_000);
    const summary = rig.notes.find((note) => note.code === 'refusedMore');
    assert.equal(Number(summary?.facts.count) + told, 200, 'the rest is told in one line');
  });
}

test('log_badpack off: what cannot be read or verified is counted and not told, the rest still is', () => {
  const { rig, peer } = pair({ log: { debug: 0, syslogmsgfmt: true, badpack: false } });
  rig.hear(peer.frame('status', [['st', 'active']], { sequence: 0 }));
  rig.hear(peer.frame('status', [['st', 'active']], { unixSeconds: 0 }));
  rig.hear(signedWith(wrongKey)(peer));
  rig.hear(new Played('n9').status('active'));
  assert.deepEqual(
    ['badSequence', 'missingField', 'authMismatch', 'unknownNode'].map((code) => rig.count(code)),
    [1, 1, 1, 1],
  );
  assert.deepEqual(rig.codes(), ['unknownNode']);
});

test('a datagram that is no packet is only counted', () => {
  const { rig } = pair();
  for (const bytes of [textToBytes(''), textToBytes('hello'), textToBytes('###\n9:(0)t=x'), new Uint8Array(2000)]) rig.hear(bytes);
  assert.equal(rig.count('noEnvelope'), 4);
  assert.deepEqual(rig.codes(), []);
});

test('a frame from a medium that we do not have is not looked at', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']]), 'bcast eth9');
  assert.deepEqual(rig.sent, []);
});

test('3.1 unknown types and fields leave no trace, and no hole', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('frobnicate', [['x', 'y']]));
  rig.hear(peer.frame('NS_frobnicate', [['x', 'y']]));
  rig.hear(peer.frame('', []));
  rig.hear(
    peer.frame('status', [
      ['st', 'active'],
      ['dt', '1388'],
      ['protocol', '1'],
      ['HA_x', '$(reboot)\n'],
    ]),
  );
  rig.wait(900);
  assert.deepEqual(rig.codes(), []);
  assert.deepEqual(rig.messages('NS_rexmit'), []);
  assert.equal(rig.count('unknownNode'), 0);
});

test('a long status text is cut, not kept', () => {
  const { rig, peer } = pair();
  rig.hear(
    peer.frame('status', [
      ['st', 'x'.repeat(5000)],
      ['dt', '1388'],
    ]),
  );
  assert.ok(rig.seen().status.length <= 64);
});

test('6.4 nobody is dead by its own word: that is found by its silence, with all that follows', () => {
  const { rig, peer } = pair();
  rig.hear(
    peer.frame('status', [
      ['st', 'dead'],
      ['dt', '1388'],
      ['protocol', '1'],
    ]),
  );
  rig.hear(
    peer.frame('status', [
      ['st', 'DEAD'],
      ['dt', '1388'],
      ['protocol', '1'],
    ]),
  );
  assert.equal(rig.seen().status, 'active');
  rig.wait(5100);
  assert.equal(rig.seen().status, 'dead');
  assert.equal(rig.status.rscstatus, 'all');
});

test('what a peer says of itself is shown, not obeyed, by the terminal of whoever asks', () => {
  const { rig, peer } = pair();
  rig.hear(peer.status('active\x1b[2J\x9b31m\r\n'));
  assert.equal(rig.seen().status, 'active\\x1b[2J\\x9b31m\\x0d\\x0a');
});
