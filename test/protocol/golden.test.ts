import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesToText } from '../../src/base/bytes.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { decodeClassic, encodeClassic } from '../../src/protocol/classic.ts';
import { openFrame, sealClassic, sealFrame } from '../../src/protocol/envelope.ts';
import { isAddressedTo, readHeader } from '../../src/protocol/header.ts';
import { Message } from '../../src/protocol/message.ts';
import { readAck, readNak, readRexmit } from '../../src/protocol/repair.ts';
import { SequenceTracker } from '../../src/protocol/sequence.ts';
import { isNumbered, MESSAGE_TYPES } from '../../src/protocol/types.ts';
import { type Datagram, key, loadVector, readAuthkeys, vectorNames } from './vectors.ts';

const WRONG_KEY = 'wrong-key';

function authOf(name: string, datagram: Datagram) {
  const { authkeys } = loadedVector(name);
  if (name === WRONG_KEY) return { signing: 1, keys: [key(1, 'sha1', datagram.outer.key ?? '')] };
  return readAuthkeys(authkeys, datagram.outer.index);
}

const loaded = new Map(vectorNames.map((name) => [name, loadVector(name)]));
function loadedVector(name: string) {
  const vector = loaded.get(name);
  assert.ok(vector);
  return vector;
}

describe('golden packets of 3.0.6', () => {
  it('are all here', () => {
    assert.equal(vectorNames.length, 25);
    assert.ok([...loaded.values()].reduce((sum, { datagrams }) => sum + datagrams.length, 0) > 1300);
  });

  for (const name of vectorNames) {
    it(`${name}: opens, reads and seals to the byte`, () => {
      for (const datagram of loadedVector(name).datagrams) {
        const auth = authOf(name, datagram);
        const verdict = openFrame(datagram.bytes, auth, authCatalog);
        assert.ok(verdict.ok, `${datagram.ms} ms`);
        assert.equal(verdict.keyIndex, datagram.outer.index);
        assert.deepEqual(verdict.message.fields, datagram.fields);
        const msgfmt = datagram.inner === undefined ? 'netstring' : 'classic';
        assert.deepEqual(sealFrame(verdict.message, auth, authCatalog, msgfmt), datagram.bytes);
      }
    });

    it(`${name}: goes through the classic form and back`, () => {
      for (const datagram of loadedVector(name).datagrams) {
        const auth = authOf(name, datagram);
        const packet = encodeClassic(datagram.fields);
        assert.ok(packet);
        assert.deepEqual(decodeClassic(packet), datagram.fields);
        const sealed = sealClassic(new Message(datagram.fields), auth, authCatalog);
        assert.ok(sealed);
        if (datagram.inner !== undefined) assert.equal(bytesToText(sealed), packet);
        for (const tail of [[], [0]]) {
          const verdict = openFrame(Uint8Array.from([...sealed, ...tail]), auth, authCatalog);
          assert.ok(verdict.ok);
          if (datagram.inner !== undefined) assert.deepEqual(verdict.message.fields, datagram.fields);
        }
      }
    });

    it(`${name}: headers and numbers read as the tables say`, () => {
      for (const { fields, ms } of loadedVector(name).datagrams) {
        const message = new Message(fields);
        const verdict = readHeader(message);
        assert.ok(verdict.ok, `${ms} ms`);
        assert.equal(verdict.header.sequence !== undefined, isNumbered(message.type));
        assert.ok(verdict.header.generation > 0);
        assert.equal(verdict.header.originUuid?.length, 16);
        const names = fields.map((field) => field.name);
        const origin = names.slice(0, names.includes('destuuid') ? names.indexOf('destuuid') : names.indexOf('src'));
        const form: { fields: readonly string[]; optional?: readonly string[] } | undefined =
          MESSAGE_TYPES[message.type as keyof typeof MESSAGE_TYPES];
        if (form !== undefined) {
          const required = form.fields.filter((field) => origin.includes(field) || !(form.optional ?? []).includes(field));
          assert.deepEqual(origin, required, message.type);
        }
        if (message.type === 'NS_ackmsg') assert.ok(readAck(message));
        if (message.type === 'NS_rexmit') assert.ok(readRexmit(message));
        if (message.type === 'NS_nak_rexmit') assert.ok(readNak(message));
      }
    });
  }

  it('each packet is verified with the key it names', () => {
    const { datagrams, authkeys } = loadedVector('mixed-keys');
    const seen = new Set<number>();
    for (const { bytes, outer } of datagrams) {
      for (const signing of [1, 2]) {
        const verdict = openFrame(bytes, readAuthkeys(authkeys, signing), authCatalog);
        assert.ok(verdict.ok);
        assert.equal(verdict.keyIndex, outer.index);
      }
      seen.add(outer.index);
    }
    assert.deepEqual([...seen].sort(), [1, 2]);
  });

  it('a wrong secret is refused, an unlisted key is named', () => {
    for (const { bytes, outer } of loadedVector(WRONG_KEY).datagrams) {
      const other = outer.key === 'labsecret' ? 'wrongsecret' : 'labsecret';
      const refused = openFrame(bytes, { signing: 1, keys: [key(1, 'sha1', other)] }, authCatalog);
      assert.deepEqual(refused, { ok: false, fault: 'badDigest', keyIndex: 1 });
      const unlisted = openFrame(bytes, { signing: 4, keys: [key(4, 'sha1', outer.key ?? '')] }, authCatalog);
      assert.deepEqual(unlisted, { ok: false, fault: 'unknownKey', keyIndex: 1 });
    }
  });

  it('the copies on a second link are the same bytes, and a tracker drops them', () => {
    const tracker = new SequenceTracker({ below: () => 0 }, 250);
    let copies = 0;
    const seen = new Map<number, Uint8Array>();
    for (const { bytes, fields, ms, sameMessageAsMs } of loadedVector('redundant-links').datagrams) {
      const header = readHeader(new Message(fields));
      assert.ok(header.ok);
      const { origin, sequence } = header.header;
      if (origin !== 'n1' || sequence === undefined) continue;
      const { verdict } = tracker.accept(sequence, ms);
      const first = seen.get(sequence);
      seen.set(sequence, bytes);
      if (first !== undefined) assert.notEqual(sameMessageAsMs, undefined);
      // The first of a pair may be among the packets that were left out.
      if (first === undefined) {
        assert.ok(verdict === 'deliver' || verdict === 'gapOpened' || verdict === 'gapFilled', verdict);
        continue;
      }
      assert.ok(verdict === 'duplicate' || verdict === 'oldDuplicate', verdict);
      assert.deepEqual(bytes, first);
      copies += 1;
    }
    assert.ok(copies > 5);
  });

  for (const name of vectorNames.filter((file) => loadedVector(file).complete)) {
    it(`${name}: a tracker acknowledges the numbers that 3.0.6 acknowledged`, () => {
      for (const [from, to] of [
        ['n1', 'n2'],
        ['n2', 'n1'],
      ] as const) {
        const messages = loadedVector(name).datagrams.map(({ fields }) => new Message(fields));
        const theirs = messages
          .filter((message) => message.type === 'NS_ackmsg' && message.get('src') === to && message.get('dest') === from)
          .map(readAck);
        assert.ok(theirs.length > 1);
        const tracker = new SequenceTracker({ below: () => (theirs[0] ?? 0) % 10 }, 250);
        const ours: number[] = [];
        for (const message of messages) {
          const header = readHeader(message);
          assert.ok(header.ok);
          if (message.get('src') !== from || header.header.sequence === undefined) continue;
          const { ack } = tracker.accept(header.header.sequence, 0);
          if (ack !== undefined) ours.push(ack);
        }
        assert.equal(tracker.missingCount, 0);
        // The capture may end between a message and its acknowledgement.
        assert.deepEqual(ours.slice(0, theirs.length), theirs);
        assert.ok(ours.length - theirs.length <= 1);
      }
    });
  }

  it('addressing follows destuuid, then dest', () => {
    const { datagrams } = loadedVector('start-classic-sha1');
    const uuids = new Map(
      datagrams.map(({ fields }) => {
        const message = new Message(fields);
        return [message.get('src') ?? '', message.get('srcuuid') ?? ''] as const;
      }),
    );
    let addressed = 0;
    for (const { fields } of datagrams) {
      const message = new Message(fields);
      const dest = message.get('dest');
      for (const [name, uuid] of uuids) assert.equal(isAddressedTo(message, { name, uuid }), dest === undefined || dest === name);
      if (dest !== undefined) addressed += 1;
    }
    assert.ok(addressed > 0);
  });
});
