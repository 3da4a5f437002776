import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAddressedTo, readHeader, stampMessage } from '../../src/protocol/header.ts';
import { binary, type Field, Message, text } from '../../src/protocol/message.ts';
import { readDecimal, readHex, toHex } from '../../src/protocol/numbers.ts';
import { ackMessage, nakMessage, readAck, readNak, readRexmit, rexmitMessage } from '../../src/protocol/repair.ts';
import { NO_UUID, textToUuid, uuidToText } from '../../src/protocol/uuid.ts';

describe('messages', () => {
  it('lookups give the first of a name', () => {
    const message = Message.of(['t', 'status'], ['st', 'up'], ['st', 'dead']);
    assert.equal(message.type, 'status');
    assert.equal(message.get('st'), 'up');
    assert.equal(message.get('toString'), undefined);
    assert.equal(new Message([]).type, '');
  });

  const stamp = {
    origin: 'n1',
    originUuid: 'u'.repeat(16),
    sequence: 26,
    generation: 0x6b00c2f1,
    unixSeconds: 0x6b00c2f0,
    load: '0.10 1/2 3',
    ttl: 3,
  };

  it('are stamped in the order of the wire', () => {
    const stamped = stampMessage(Message.of(['t', 'reqnodes'], ['dest', 'n2']), { ...stamp, destinationUuid: NO_UUID });
    assert.deepEqual(
      stamped.fields.map(({ name: word }) => word),
      ['t', 'dest', 'destuuid', 'src', 'srcuuid', 'seq', 'hg', 'ts', 'ld', 'ttl'],
    );
    assert.deepEqual(
      ['seq', 'hg', 'ts', 'ttl'].map((word) => stamped.get(word)),
      ['1a', '6b00c2f1', '6b00c2f0', '3'],
    );
  });

  it('nobody forges a header field of a numbered message; NS_ keeps its own', () => {
    const forged = stampMessage(Message.of(['t', 'filler'], ['src', 'n9'], ['seq', 'ffff'], ['x', '1']), stamp);
    assert.equal(forged.get('src'), 'n1');
    assert.equal(forged.get('seq'), '1a');
    assert.deepEqual(
      forged.fields.slice(0, 4).map(({ name: word }) => word),
      ['t', 'src', 'seq', 'x'],
    );
    assert.equal(forged.fields.filter(({ name: word }) => word === 'src').length, 1);
    assert.equal(stampMessage(Message.of(['t', 'NS_x'], ['src', 'n9']), stamp).get('src'), 'n9');
  });

  it('headers are checked as 3.0.6 checks them', () => {
    const head = (...pairs: [string, string][]) => {
      const verdict = readHeader(Message.of(...pairs));
      return verdict.ok ? verdict.header : verdict.fault;
    };
    const t: [string, string] = ['t', 'status'];
    const src: [string, string] = ['src', 'n1'];
    const ts: [string, string] = ['ts', '1'];
    assert.equal(head(src, ts), 'missingField');
    assert.equal(head(t, ts), 'missingField');
    assert.equal(head(t, src), 'missingField');
    assert.equal(head(t, src, ['ts', '0']), 'missingField');
    assert.equal(head(t, ['src', 'n'.repeat(300)], ts), 'missingField');
    assert.equal(head(t, src, ts), 'missingSequence');
    for (const seq of ['', '0', 'x', '-1', '0x1', '1 ', '1'.repeat(14)]) assert.equal(head(t, src, ts, ['seq', seq]), 'badSequence');
    assert.deepEqual(head(t, src, ts, ['seq', '1F']), { type: 'status', origin: 'n1', generation: 0, sequence: 31 });
    assert.deepEqual(head(['t', 'NS_ackmsg'], src, ts), { type: 'NS_ackmsg', origin: 'n1', generation: 0 });
    assert.deepEqual(head(['t', ''], src, ts, ['seq', '1'], ['hg', 'a']), { type: '', origin: 'n1', generation: 10, sequence: 1 });
  });

  it('the uuid decides who is meant, when it says something', () => {
    const me = { name: 'n1', uuid: 'u'.repeat(16) };
    const to = (...more: Field[]) => isAddressedTo(new Message([text('t', 'x'), ...more]), me);
    assert.equal(to(), true);
    assert.equal(to(text('dest', 'n2')), false);
    assert.equal(to(text('dest', 'n2'), binary('destuuid', me.uuid)), true);
    assert.equal(to(text('dest', 'n1'), binary('destuuid', 'v'.repeat(16))), false);
    assert.equal(to(text('dest', 'N1'), binary('destuuid', NO_UUID)), true);
  });

  it('the numbers of repair messages: acks and refusals in hex, requests in decimal', () => {
    assert.equal(ackMessage('n2', 26).get('ackseq'), '1a');
    assert.equal(readAck(ackMessage('n2', 26)), 26);
    assert.equal(nakMessage('n2', 26, 'seqno too low').get('firstseq'), '1a');
    assert.equal(readNak(nakMessage('n2', 26, 'seqno too low')), 26);
    assert.equal(rexmitMessage('n2', { first: 26, last: 30 }).get('firstseq'), '26');
    assert.deepEqual(readRexmit(rexmitMessage('n2', { first: 26, last: 30 })), { first: 26, last: 30 });
    assert.equal(readRexmit(rexmitMessage('n2', { first: 31, last: 30 })), undefined);
    assert.equal(readRexmit(Message.of(['firstseq', '1'])), undefined);
    assert.equal(readRexmit(Message.of(['firstseq', '1a'], ['lastseq', '1b'])), undefined);
  });

  it('numbers and uuids', () => {
    fc.assert(fc.property(fc.nat(), (value) => assert.equal(readHex(toHex(value)), value)));
    assert.equal(readDecimal('1e3'), undefined);
    assert.equal(readDecimal('9'.repeat(16)), undefined);
    const written = '808396c0-6aeb-459f-a797-f6c53305ea07';
    const uuid = textToUuid(written);
    assert.ok(uuid);
    assert.equal(uuidToText(uuid), written);
    assert.equal(textToUuid(`${written}0`), undefined);
  });
});

it('a text that we write ends at a NUL', () => {
  assert.equal(Message.of(['a', 'b\0c']).get('a'), 'b');
});
