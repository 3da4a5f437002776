/** What is written into the FIFO: hb_standby and hb_takeover of 3.0.6, messages of a site's own, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToBytes } from '../../src/base/bytes.ts';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { APIAUTH, line, TestClient } from '../clients/support.ts';
import { pair, type Rig } from './support.ts';

function write(rig: Rig, ...pairs: readonly (readonly [string, string])[]): void {
  rig.give({ kind: 'localMessage', bytes: writePlain(Message.of(...pairs), 'classic') });
}

test('hb_standby by the FIFO, and by ipfail, starts the handshake', () => {
  const asked = ['t=ask_resources rsc_hold=all info=me hbd_clear=all src=n2'];
  const byFifo = pair();
  write(byFifo.rig, ['t', 'ask_resources'], ['rsc_hold', 'all'], ['info', 'me']);
  assert.deepEqual(
    byFifo.rig.messages('ask_resources').map(({ message }) => line(message)),
    asked,
  );
  const byClient = pair({ apiauth: APIAUTH });
  const client = new TestClient(byClient.rig, 'mycl').signOn();
  client.lines();
  client.say(['t', 'ask_resources'], ['rsc_hold', 'all'], ['src', 'n2'], ['info', 'me']);
  assert.deepEqual(
    byClient.rig.messages('ask_resources').map(({ message }) => line(message)),
    asked,
  );
  assert.deepEqual(client.lines(), asked);
});

test('hb_takeover by the FIFO asks the other node', () => {
  const { rig } = pair();
  write(rig, ['t', 'hb_takeover'], ['rsc_hold', 'failback']);
  assert.deepEqual(
    rig.messages('hb_takeover').map(({ message }) => line(message)),
    ['t=hb_takeover rsc_hold=local src=n2'],
  );
});

test('other words of the handshake are not for local programs', () => {
  const { rig } = pair();
  for (const info of ['other', 'done', '']) write(rig, ['t', 'ask_resources'], ['rsc_hold', 'all'], ['info', info]);
  write(rig, ['t', 'ask_resources'], ['rsc_hold', 'some'], ['info', 'me']);
  write(rig, ['t', 'hb_takeover']);
  assert.deepEqual(rig.sent, []);
  assert.equal(rig.count('localRefused'), 5);
});

test('the reason of a refused move is told', () => {
  const { rig } = pair();
  rig.wait(6000);
  rig.forget();
  write(rig, ['t', 'ask_resources'], ['rsc_hold', 'all'], ['info', 'me']);
  assert.deepEqual(rig.sent, []);
  assert.match(String(rig.notes.at(-1)?.facts.reason), /the other node is not there/);
});

test('a message of the site is sent on, with our header, in either form', () => {
  const { rig } = pair();
  write(rig, ['t', 'mytype'], ['x', 'y'], ['src', 'n1']);
  rig.give({ kind: 'localMessage', bytes: writePlain(Message.of(['t', 'mytype'], ['x', 'z']), 'netstring') });
  assert.deepEqual(
    rig.messages('mytype').map(({ message }) => line(message)),
    ['t=mytype x=y src=n2', 't=mytype x=z src=n2'],
  );
});

test('garbage, and a packet within a packet, are refused', () => {
  const { rig } = pair();
  rig.give({ kind: 'localMessage', bytes: textToBytes('garbage') });
  write(rig, ['t', 'mytype'], ['_compressed_payload', 'x']);
  assert.deepEqual(rig.sent, []);
  assert.deepEqual(rig.codes(), ['localGarbage', 'localRefused']);
});

test('what nobody could read is not sent: it would be asked for without end', () => {
  const { rig } = pair();
  const { length } = rig.sent;
  const many = Array.from({ length: 9000 }, (): [string, string] => ['a', 'b']);
  rig.give({ kind: 'localMessage', bytes: writePlain(Message.of(['t', 'mine'], ...many), 'netstring') });
  assert.equal(rig.sent.length, length);
  write(rig, ['t', 'mine'], ['a', '\x14'.repeat(9000)]);
  assert.equal(rig.sent.length, length + 1);
});
