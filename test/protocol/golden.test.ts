import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import { createCompressors } from '../../src/os/compressor.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { decodeClassic, encodeClassic } from '../../src/protocol/classic.ts';
import { openFrame, sealClassic, sealFrame } from '../../src/protocol/envelope.ts';
import { isAddressedTo, readHeader } from '../../src/protocol/header.ts';
import { Message } from '../../src/protocol/message.ts';
import { openMessage } from '../../src/protocol/packing.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { readAck, readNak, readRexmit } from '../../src/protocol/repair.ts';
import { SequenceTracker } from '../../src/protocol/sequence.ts';
import { isNumbered, MESSAGE_TYPES } from '../../src/protocol/types.ts';
import { type Datagram, key, loadVector, readAuthkeys, vectorNames } from './vectors.ts';

const WRONG_KEY = 'wrong-key';

function authOf(name: string, datagram: Datagram) {
  const { authkeys } = loadedVector(name);
  if (name === WRONG_KEY) return { signing: 1, keys: [key(1, 'sha1', datagram.digest.key ?? '')] };
  return readAuthkeys(authkeys, datagram.digest.index);
}

const compressors = createCompressors();
const CLIENT_FIELDS: readonly string[] = ['src', 'from_id', 'to_id', 'client_gen'];

const loaded = new Map(vectorNames.map((name) => [name, loadVector(name)]));
function loadedVector(name: string) {
  const vector = loaded.get(name);
  assert.ok(vector);
  return vector;
}

describe('golden packets of 3.0.6', () => {
  it('are all here', () => {
    assert.equal(vectorNames.length, 35);
    assert.ok([...loaded.values()].reduce((sum, { datagrams }) => sum + datagrams.length, 0) > 1850);
  });

  for (const name of vectorNames) {
    it(`${name}: opens, reads and seals to the byte`, () => {
      for (const datagram of loadedVector(name).datagrams) {
        const auth = authOf(name, datagram);
        const verdict = openFrame(datagram.bytes, auth, authCatalog);
        assert.ok(verdict.ok, `${datagram.ms} ms`);
        assert.equal(verdict.keyIndex, datagram.digest.index);
        assert.deepEqual(verdict.message.fields, datagram.fields);
        if (datagram.proto === 'serial') {
          assert.deepEqual(sealClassic(verdict.message, auth, authCatalog), datagram.bytes);
          continue;
        }
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
      for (const datagram of loadedVector(name).datagrams) {
        const opened = openMessage(datagram.bytes, authOf(name, datagram), authCatalog, compressors);
        assert.ok(opened.ok);
        const { message } = opened;
        const verdict = readHeader(message);
        assert.ok(verdict.ok, `${datagram.ms} ms`);
        assert.equal(verdict.header.sequence !== undefined, isNumbered(message.type));
        // Echo requests say neither which start they are of nor by whom (8.5): their `src` is the host asked.
        const echo = message.type === 'NS_st';
        assert.equal(verdict.header.generation > 0, !echo);
        assert.equal(verdict.header.originUuid?.length, echo ? undefined : 16);
        const names = message.fields.map((field) => field.name);
        // What clients send brings more, a `src` of their own perhaps, which the daemon overwrites where it stands (4).
        const clients = message.type === 'hbapi-clstat' || !names.includes('client_gen') ? [] : CLIENT_FIELDS;
        const header = names.includes('client_gen') ? ['destuuid', 'srcuuid'] : ['destuuid', 'src'];
        const end = names.findIndex((field) => header.includes(field));
        const origin = names.slice(0, end).filter((field) => !clients.includes(field));
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

  for (const name of ['compression-zlib', 'compression-large']) {
    it(`${name}: the message inside is the one that 3.0.6 put there, with its own digest`, () => {
      const packed = loadedVector(name).datagrams.filter(({ unpacked }) => unpacked !== undefined);
      assert.equal(packed.length, 1);
      for (const datagram of packed) {
        const auth = authOf(name, datagram);
        const verdict = openMessage(datagram.bytes, auth, authCatalog, compressors);
        assert.ok(verdict.ok && datagram.unpacked !== undefined);
        assert.equal(verdict.keyIndex, datagram.digest.index);
        const { fields } = verdict.message;
        const { length, head, tail, fields: some } = datagram.unpacked;
        // Only the first three and the last twelve are recorded.
        assert.deepEqual(fields.slice(0, 3), some.slice(0, 3));
        assert.deepEqual(fields.slice(-12), some.slice(-12));
        const plain = writePlain(verdict.message, 'classic');
        assert.equal(plain.length, length);
        assert.equal(bytesToText(plain).slice(0, head.length), head);
        assert.deepEqual(plain.subarray(-tail.length), tail);
        const payload = textToBytes(datagram.fields[0]?.value ?? '');
        const unzipped = compressors.find('zlib')?.decompress(payload, length);
        assert.deepEqual(Uint8Array.from(unzipped ?? []), plain);
        assert.deepEqual(sealClassic(verdict.message, auth, authCatalog), plain.subarray(0, -1), 'its inner auth is right');
        assert.equal(verdict.message.get('src'), 'n1');
      }
    });
  }

  it('echo requests and serial lines are among them', () => {
    const count = (proto: string) => [...loaded.values()].reduce((sum, v) => sum + v.datagrams.filter((d) => d.proto === proto).length, 0);
    assert.ok(count('icmp') >= 110);
    assert.ok(count('serial') >= 60);
  });

  it('each packet is verified with the key it names', () => {
    const { datagrams, authkeys } = loadedVector('mixed-keys');
    const seen = new Set<number>();
    for (const { bytes, digest } of datagrams) {
      for (const signing of [1, 2]) {
        const verdict = openFrame(bytes, readAuthkeys(authkeys, signing), authCatalog);
        assert.ok(verdict.ok);
        assert.equal(verdict.keyIndex, digest.index);
      }
      seen.add(digest.index);
    }
    assert.deepEqual([...seen].sort(), [1, 2]);
  });

  it('a wrong secret is refused, an unlisted key is named', () => {
    for (const { bytes, digest } of loadedVector(WRONG_KEY).datagrams) {
      const other = digest.key === 'labsecret' ? 'wrongsecret' : 'labsecret';
      const refused = openFrame(bytes, { signing: 1, keys: [key(1, 'sha1', other)] }, authCatalog);
      assert.deepEqual(refused, { ok: false, fault: 'badDigest', keyIndex: 1 });
      const unlisted = openFrame(bytes, { signing: 4, keys: [key(4, 'sha1', digest.key ?? '')] }, authCatalog);
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
