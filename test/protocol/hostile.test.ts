import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import type { AuthConfig } from '../../src/contracts/config.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealClassic, sealFrame } from '../../src/protocol/envelope.ts';
import { readHeader } from '../../src/protocol/header.ts';
import { type Field, Message, text } from '../../src/protocol/message.ts';
import { encodeNetstring, writeNetstring } from '../../src/protocol/netstring.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';
import { key, loadVector, readAuthkeys } from './vectors.ts';

const AUTH: AuthConfig = { signing: 1, keys: [key(1, 'sha1', 'labsecret'), key(2, 'md5', 'other')] };
const open = (bytes: Uint8Array, auth = AUTH) => openFrame(bytes, auth, authCatalog);
const faultOf = (bytes: Uint8Array, auth = AUTH) => {
  const verdict = open(bytes, auth);
  return verdict.ok ? 'ok' : verdict.fault;
};
/** A datagram with any body, signed as a node that knows the key would. */
function signRaw(body: string, tail = ''): Uint8Array {
  const digest = authCatalog.find('sha1')?.digest(textToBytes('labsecret'), textToBytes(body)) ?? '';
  return textToBytes(body + writeNetstring(`1 ${digest}`) + tail);
}

describe('faults by name', () => {
  const body = encodeNetstring([text('t', 'status')]);
  const good = signRaw(body);

  it('one for each way to be wrong', () => {
    assert.equal(faultOf(good), 'ok');
    assert.equal(faultOf(signRaw(body, '\n\0anything')), 'ok');
    assert.equal(faultOf(new Uint8Array(0)), 'noEnvelope');
    assert.equal(faultOf(textToBytes('hello')), 'noEnvelope');
    assert.equal(faultOf(good.subarray(0, 20)), 'noEnvelope');
    assert.equal(faultOf(new Uint8Array(262_144)), 'tooLong');
    assert.equal(faultOf(textToBytes(body)), 'unsigned');
    assert.equal(faultOf(textToBytes('>>>\nt=x\n<<<\n')), 'unsigned');
    assert.equal(faultOf(textToBytes('>>>\nt=x\n')), 'noEnvelope');
    assert.equal(faultOf(textToBytes(`>>>\nauth=1 ${'0'.repeat(40)}\nauth=1 ab\n<<<\n`)), 'badAuthText');
    assert.equal(faultOf(textToBytes(`${body}3:1 a`)), 'badAuthText');
    for (const tail of ['', '1', '1 ', ' ab', '01 ab', '1  ab', '1 AB', '-1 ab', '100 ab', `1 ${'a'.repeat(500)}`]) {
      assert.equal(faultOf(textToBytes(body + writeNetstring(tail))), 'badAuthText', tail);
    }
    assert.deepEqual(open(textToBytes(body + writeNetstring('3 ab'))), { ok: false, fault: 'unknownKey', keyIndex: 3 });
    assert.deepEqual(open(textToBytes(body + writeNetstring('1 ab'))), { ok: false, fault: 'badDigest', keyIndex: 1 });
    assert.deepEqual(open(signRaw('###\n5:(9)a=,%%%\n')), { ok: false, fault: 'badField', keyIndex: 1 });
    assert.deepEqual(open(signRaw('###\n%%%\n')), { ok: false, fault: 'badField', keyIndex: 1 });
  });

  it('what kills a 3.0.6 master is refused before it is decoded, when unsigned', () => {
    for (const bad of ['5:(6)a=,', '5:(9)a=,', '7:abcx=yz,', '1:x,']) {
      assert.equal(faultOf(textToBytes(`###\n${bad}%%%\n${writeNetstring(`1 ${'0'.repeat(40)}`)}`)), 'badDigest');
      assert.equal(faultOf(signRaw(`###\n${bad}%%%\n`)), 'badField');
    }
  });

  it('a method that the catalog lacks is an unknown key, a key is found by its own number', () => {
    assert.equal(faultOf(good, { signing: 1, keys: [key(1, 'sha256', 'labsecret')] }), 'unknownKey');
    assert.equal(faultOf(good, { signing: 2, keys: [key(2, 'sha1', 'labsecret')] }), 'unknownKey');
    assert.equal(faultOf(good, { signing: 2, keys: [key(1, 'md5', 'labsecret'), key(2, 'sha1', 'labsecret')] }), 'badDigest');
  });

  it('nested fields get no inner auth, and other types pass unread', () => {
    const nested: Field = { type: 2, name: 'in', value: encodeNetstring([text('a', 'b')]) };
    const opaque: Field[] = [
      { type: 3, name: 'l', value: '1:a,' },
      { type: 4, name: 'z', value: '\0\xff,' },
      { type: 5, name: 'f', value: 'x' },
    ];
    for (const extra of [[nested], opaque]) {
      const message = new Message([text('t', 'x'), ...extra]);
      const verdict = open(sealFrame(message, AUTH, authCatalog, 'classic'));
      assert.ok(verdict.ok);
      assert.deepEqual(verdict.message.fields, message.fields);
    }
    const serial = sealClassic(new Message([text('t', 'x'), nested]), AUTH, authCatalog);
    assert.ok(serial);
    const verdict = open(serial);
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.message.fields[1], nested);
    assert.equal(sealClassic(new Message(opaque), AUTH, authCatalog), undefined);
  });

  it('an auth field that a message brings along is not believed', () => {
    const message = Message.of(['t', 'x'], ['auth', '1 forged'], ['b', 'c']);
    const verdict = open(sealFrame(message, AUTH, authCatalog, 'classic'));
    assert.ok(verdict.ok);
    assert.deepEqual(
      verdict.message.fields.map(({ name }) => name),
      ['t', 'b', 'auth'],
    );
    assert.notEqual(verdict.message.get('auth'), '1 forged');
    const bare = open(sealFrame(message, AUTH, authCatalog, 'netstring'));
    assert.ok(bare.ok);
    assert.equal(bare.message.get('auth'), undefined);
  });
});

describe('one form is the other', () => {
  it('a name that would be another line, or another type, in the classic form is no name', () => {
    for (const name of ['a\nt=shutdone\nb', '<<<\n', '(2)a', '(', 'a\x14t=x', 'a\x0f', '\n']) {
      assert.equal(faultOf(signRaw(encodeNetstring([text('t', 'x'), text(name, 'y')]))), 'badField', JSON.stringify(name));
    }
    assert.equal(faultOf(signRaw(encodeNetstring([text('t', 'x'), text('a(2)b \xe4/-.', 'y')]))), 'ok');
  });

  it('nor is it in the classic form', () => {
    for (const line of ['(1)(2)=YQ==', '(1)(=YQ==', 'a\x14b=c', '\x0f=c']) {
      const lines = `t=x\n${line}\n`;
      const digest = authCatalog.find('sha1')?.digest(textToBytes('labsecret'), textToBytes(lines)) ?? '';
      assert.equal(faultOf(textToBytes(`>>>\n${lines}auth=1 ${digest}\n<<<\n`)), 'badField', JSON.stringify(line));
    }
  });

  it('a value that would be another line in the classic form is not written in it', () => {
    const list: Field = { type: 3, name: 'l', value: '3:a\nb,' };
    const substitute: Field = { type: 2, name: 'in', value: encodeNetstring([text('a', 'b\x14t=shutdone')]) };
    const cut: Field = { type: 3, name: 'l', value: '3:a\0b,' };
    for (const field of [list, substitute, cut]) {
      assert.equal(sealClassic(new Message([text('t', 'x'), field]), AUTH, authCatalog), undefined, JSON.stringify(field));
      const plain = readPlain(writePlain(new Message([text('t', 'x'), field]), 'classic'));
      assert.deepEqual(plain?.fields[1], field, 'it goes in netstring form, unharmed');
    }
  });
});

describe('damage', () => {
  for (const name of [
    'start-classic-crc',
    'start-netstring-crc',
    'start-classic-md5',
    'start-netstring-md5',
    'start-classic-sha1',
    'start-netstring-sha1',
    'long-key-sha1',
  ]) {
    const { datagrams, authkeys } = loadVector(name);
    const auth = readAuthkeys(authkeys);
    const sample = [0, 6, 9].map((at) => datagrams[at]).filter((datagram) => datagram !== undefined);

    it(`${name}: every flip of a byte is refused`, () => {
      for (const { bytes } of sample) {
        for (let at = 0; at < bytes.length; at += 1) {
          for (const flip of [0x01, 0x20, 0x80, 0xff]) {
            const damaged = Uint8Array.from(bytes);
            damaged[at] = (damaged[at] ?? 0) ^ flip;
            assert.notEqual(faultOf(damaged, auth), 'ok', `byte ${at} flipped by ${flip}`);
          }
        }
      }
    });

    it(`${name}: cut anywhere, it is refused, and so it is in classic form`, () => {
      for (const { bytes, fields } of sample) {
        for (let length = 0; length < bytes.length; length += 1) assert.notEqual(faultOf(bytes.subarray(0, length), auth), 'ok');
        const serial = sealClassic(new Message(fields), auth, authCatalog);
        assert.ok(serial);
        assert.equal(faultOf(serial, auth), 'ok');
        for (let length = 0; length < serial.length; length += 1) assert.notEqual(faultOf(serial.subarray(0, length), auth), 'ok');
        for (let at = 0; at < serial.length; at += 1) {
          const damaged = Uint8Array.from(serial);
          damaged[at] = (damaged[at] ?? 0) ^ 1;
          assert.notEqual(faultOf(damaged, auth), 'ok', `byte ${at}`);
        }
      }
    });
  }
});

describe('anything at all', () => {
  const packets = loadVector('start-classic-sha1').datagrams.map(({ bytes }) => bytes);

  it('random bytes behind either mark never throw', () => {
    fc.assert(
      fc.property(fc.constantFrom('', '###\n', '>>>\n'), fc.uint8Array({ maxLength: 300 }), (mark, bytes) => {
        assert.equal(open(Uint8Array.from([...textToBytes(mark), ...bytes])).ok, false);
      }),
      { numRuns: 3000 },
    );
  });

  it('mutated packets never throw and are never accepted', () => {
    const edit = fc.record({ at: fc.nat(400), drop: fc.nat(6), add: fc.uint8Array({ maxLength: 6 }) });
    fc.assert(
      fc.property(fc.constantFrom(...packets), fc.array(edit, { minLength: 1, maxLength: 5 }), (packet, edits) => {
        let bytes = [...packet];
        for (const { at, drop, add } of edits) bytes = [...bytes.slice(0, at), ...add, ...bytes.slice(at + drop)];
        const verdict = open(Uint8Array.from(bytes));
        // Bytes behind the digest do not count: only then may it be accepted, and as the same message.
        if (verdict.ok) assert.deepEqual(bytes.slice(0, packet.length), [...packet]);
      }),
      { numRuns: 3000 },
    );
  });

  it('signed rubbish never throws either', () => {
    const part = fc.oneof(
      fc.constantFrom('5:(0)a=,', '5:(5)a=,', '(', '5:', ',', '\n', 't=', '=', 'seq=0\n', '(2)a=>>>\x14', '<<<\x14', '12:(0)seq=zzzz,'),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => bytesToText(bytes)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const verdict = open(signRaw(`###\n${parts.join('')}%%%\n`));
        if (verdict.ok) readHeader(verdict.message);
        const lines = parts.join('');
        const digest = authCatalog.find('sha1')?.digest(textToBytes('labsecret'), textToBytes(`${lines}\n`)) ?? '';
        const serial = open(textToBytes(`>>>\n${lines}\nauth=1 ${digest}\n<<<\n`));
        if (serial.ok) readHeader(serial.message);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('work grows with the length alone', () => {
  const MOST = 65_507;
  const fill = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length - (length % unit.length));
  const deep = (form: 'netstring' | 'classic', length: number): string => {
    if (form === 'classic') return `(2)a=${fill('>>>\x14(2)a=', length)}`;
    let inner = '###\n%%%\n';
    while (inner.length < length / 2) inner = `###\n${writeNetstring(`(2)a=${inner}`)}%%%\n`;
    return inner;
  };
  const shapes: Readonly<Record<string, (length: number) => Uint8Array>> = {
    'many tiny fields, signed': (length) => signRaw(`###\n${fill('5:(0)a=,', length - 100)}%%%\n`),
    'many tiny fields, unsigned': (length) => textToBytes(`###\n${fill('5:(0)a=,', length)}`),
    'many empty netstrings': (length) => textToBytes(`###\n${fill('0:,', length)}`),
    'huge lengths': (length) => textToBytes(`###\n${fill('999999:', length)}`),
    'only digits': (length) => textToBytes(`###\n${fill('9', length)}`),
    'one field without =': (length) => signRaw(`###\n${writeNetstring(`(0)${fill('a', length - 100)}`)}%%%\n`),
    'one great name': (length) => signRaw(`###\n${writeNetstring(`(0)${fill('a', length - 100)}=`)}%%%\n`),
    'one great value': (length) => signRaw(`###\n${writeNetstring(`(1)a=${fill('\0', length - 100)}`)}%%%\n`),
    'nested netstrings': (length) => signRaw(`###\n${writeNetstring(`(2)a=${deep('netstring', length - 100)}`)}%%%\n`),
    'classic, many tiny lines': (length) => textToBytes(`>>>\n${fill('a=\n', length - 8)}<<<\n`),
    'classic, only newlines': (length) => textToBytes(`>>>\n${fill('\n', length - 8)}<<<\n`),
    'classic, many auth lines': (length) => textToBytes(`>>>\n${fill('auth=1 a\n', length - 8)}<<<\n`),
    'classic, no end': (length) => textToBytes(`>>>\n${fill('<<<', length)}`),
    'classic, nested, signed': (length) => {
      const lines = `${deep('classic', length - 100)}\n`;
      const digest = authCatalog.find('sha1')?.digest(textToBytes('labsecret'), textToBytes(lines)) ?? '';
      return textToBytes(`>>>\n${lines}auth=1 ${digest}\n<<<\n`);
    },
  };
  const timeOf = (bytes: Uint8Array) => {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 7; round += 1) {
      const before = process.hrtime.bigint();
      open(bytes);
      best = Math.min(best, Number(process.hrtime.bigint() - before) / 1e6);
    }
    return best;
  };

  for (const [name, shape] of Object.entries(shapes)) {
    it(`${name}: the largest datagram takes a few ms`, () => {
      const large = shape(MOST);
      assert.ok(large.length > MOST * 0.4 && large.length <= MOST + 10, String(large.length));
      const spent = timeOf(large);
      assert.ok(spent < 15, `${spent} ms`);
      // Four times the bytes, far less than the sixteen times of squared work.
      const quarter = Math.max(0.05, timeOf(shape(MOST >> 2)));
      assert.ok(spent < quarter * 10, `${spent} ms for all, ${quarter} ms for a quarter`);
    });
  }
});
