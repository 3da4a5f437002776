import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import type { Compressor } from '../../src/contracts/compressor.ts';
import type { AuthConfig } from '../../src/contracts/config.ts';
import { createCompressors } from '../../src/os/compressor.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealClassic, sealFrame } from '../../src/protocol/envelope.ts';
import { readHeader } from '../../src/protocol/header.ts';
import { MAX_FRAME_BYTES, MAX_UNPACKED_BYTES } from '../../src/protocol/limits.ts';
import { binary, type Field, Message, text } from '../../src/protocol/message.ts';
import { nested, nestedField } from '../../src/protocol/nested.ts';
import { NO_COMPRESSORS, openMessage, packFields, sealMessage } from '../../src/protocol/packing.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';
import { key, loadVector } from './vectors.ts';

const AUTH: AuthConfig = { signing: 1, keys: [key(1, 'sha1', 'labsecret')] };
const compressors = createCompressors();

function compressor(name: string): Compressor {
  const found = compressors.find(name);
  assert.ok(found, name);
  return found;
}
const zlib = compressor('zlib');

const open = (bytes: Uint8Array, known = compressors) => openMessage(bytes, AUTH, authCatalog, known);
function faultOf(bytes: Uint8Array, known = compressors): string {
  const verdict = open(bytes, known);
  return verdict.ok ? 'ok' : verdict.fault;
}

/** A signed packet around any payload. */
function packed(payload: Uint8Array, algorithm = 'zlib', more: readonly Field[] = []): Uint8Array {
  const outer = new Message([binary('_compressed_payload', bytesToText(payload)), text('_compression_algorithm', algorithm), ...more]);
  return sealFrame(outer, AUTH, authCatalog, 'netstring');
}

const message = new Message([
  text('t', 'status'),
  text('st', 'active'),
  text('note', 'two\nlines'),
  text('src', 'n1'),
  binary('srcuuid', '\0\n\xff,0123456789ab'),
  text('seq', '1f'),
  text('ts', '6b00c5e5'),
]);

describe('a compressed message', () => {
  for (const name of ['zlib', 'bz2']) {
    for (const form of ['classic', 'netstring'] as const) {
      it(`${name}, ${form} text inside: is the message inside`, () => {
        const payload = compressor(name).compress(writePlain(message, form)) ?? new Uint8Array();
        const verdict = open(packed(payload, name));
        assert.ok(verdict.ok);
        assert.deepEqual(verdict.message.fields, message.fields);
        assert.equal(verdict.keyIndex, 1);
        assert.ok(readHeader(verdict.message).ok);
        assert.deepEqual(open(packed(payload, name, [text('t', 'other')])), verdict, 'fields beside it change nothing');
      });
    }
  }

  it('from a serial line too, and without the NUL behind the text', () => {
    const payload = deflateSync(writePlain(message, 'classic').subarray(0, -1));
    const outer = new Message([binary('_compressed_payload', bytesToText(payload)), text('_compression_algorithm', 'zlib')]);
    const serial = sealClassic(outer, AUTH, authCatalog);
    assert.ok(serial);
    const verdict = open(serial);
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.message.fields, message.fields);
  });

  it('an algorithm that is not here is named as such', () => {
    const payload = deflateSync(writePlain(message, 'classic'));
    for (const algorithm of ['', 'ZLIB', 'gzip', 'zlib ', 'constructor', '__proto__', 'x'.repeat(5000)]) {
      assert.equal(faultOf(packed(payload, algorithm)), 'unknownCompression', algorithm.slice(0, 20));
    }
    assert.equal(faultOf(packed(payload), NO_COMPRESSORS), 'unknownCompression');
    assert.deepEqual(open(packed(payload, 'gzip')), { ok: false, fault: 'unknownCompression', keyIndex: 1 });
    assert.equal(faultOf(packed(payload, 'bz2')), 'badCompression', 'the wrong one of the two');
  });

  it('nothing is unpacked before the digest is right', () => {
    let asked = 0;
    const watching = {
      find: () => {
        asked += 1;
        return undefined;
      },
    };
    const bytes = packed(deflateSync(writePlain(message, 'classic')));
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1;
    assert.equal(faultOf(bytes, watching), 'badDigest');
    assert.equal(asked, 0);
  });

  it('the codec is told the limit, whatever it makes of it', () => {
    const limits: number[] = [];
    const watching: Compressor = {
      name: 'watching',
      compress: () => undefined,
      decompress: (_bytes, limitBytes) => {
        limits.push(limitBytes);
        return writePlain(message, 'classic');
      },
    };
    assert.equal(faultOf(packed(Uint8Array.of(1), 'watching'), { find: () => watching }), 'ok');
    assert.deepEqual(limits, [2_097_152]);
  });

  it('with only one of the two fields it is a message like any other', () => {
    for (const field of [binary('_compressed_payload', 'x'), text('_compression_algorithm', 'zlib')]) {
      const one = message.with(field);
      const verdict = open(sealFrame(one, AUTH, authCatalog, 'netstring'));
      assert.ok(verdict.ok);
      assert.deepEqual(verdict.message.fields, one.fields);
    }
  });

  it('a compressed one in a compressed one is not opened, and has no header', () => {
    const inner = new Message([
      binary('_compressed_payload', bytesToText(deflateSync(writePlain(message, 'netstring')))),
      text('_compression_algorithm', 'zlib'),
    ]);
    const verdict = open(packed(deflateSync(writePlain(inner, 'netstring'))));
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.message.fields, inner.fields);
    assert.equal(readHeader(verdict.message).ok, false);
  });

  it('what is no message inside is refused', () => {
    const good = bytesToText(writePlain(message, 'netstring'));
    for (const inside of [
      '',
      '\0',
      'hello',
      '>>>\n<<<\n',
      '###\n%%%\n',
      good.slice(0, -1),
      `${good}x`,
      `${good}\0\0`,
      '>>>\n(0)t=x\n<<<\n\0',
    ]) {
      assert.equal(faultOf(packed(deflateSync(textToBytes(inside)))), 'badCompression', JSON.stringify(inside.slice(0, 20)));
    }
  });
});

describe('damage and bombs', () => {
  for (const name of ['zlib', 'bz2']) {
    it(`${name}: cut anywhere it is refused, any byte changed it does not throw`, () => {
      const payload = compressor(name).compress(writePlain(message, 'classic')) ?? new Uint8Array();
      for (let length = 0; length < payload.length; length += 1) {
        assert.equal(faultOf(packed(payload.subarray(0, length), name)), 'badCompression', `${length} bytes`);
      }
      for (let at = 0; at < payload.length; at += 1) {
        for (const flip of [1, 0x80, 0xff]) {
          const damaged = Uint8Array.from(payload);
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          const verdict = open(packed(damaged, name));
          // Some bits say nothing about the text; where it is accepted the text is the same.
          if (verdict.ok) assert.deepEqual(verdict.message.fields, message.fields, `byte ${at}`);
        }
      }
    });

    it(`${name}: a bomb is refused as quickly as any`, () => {
      const bomb = compressor(name).compress(new Uint8Array(32 << 20)) ?? new Uint8Array();
      assert.ok(bomb.length > 0 && bomb.length < 60_000, String(bomb.length));
      const bytes = packed(bomb, name);
      const before = process.memoryUsage.rss();
      const start = performance.now();
      for (let round = 0; round < 10; round += 1) assert.equal(faultOf(bytes), 'badCompression');
      const spent = (performance.now() - start) / 10;
      assert.ok(spent < 150, `${spent} ms`);
      assert.ok(process.memoryUsage.rss() - before < 160 << 20, 'memory stays');
    });

    it(`${name}: 2,097,152 bytes are the most`, () => {
      const filled = (length: number) => {
        const digits = String(length - 4 - 4 - 9).length;
        const value = length - 4 - 4 - (digits + 2) - 5;
        return textToBytes(`###\n${value + 5}:(0)a=${'x'.repeat(value)},%%%\n`);
      };
      const most = filled(MAX_UNPACKED_BYTES);
      assert.equal(most.length, MAX_UNPACKED_BYTES);
      assert.equal(faultOf(packed(compressor(name).compress(most) ?? most, name)), 'ok');
      const more = filled(MAX_UNPACKED_BYTES + 1);
      assert.equal(faultOf(packed(compressor(name).compress(more) ?? more, name)), 'badCompression');
      assert.equal(readPlain(more), undefined);
    });
  }

  it('8192 fields are the most, nested ones in classic form included: little that unpacks to much is refused at once', () => {
    const tiny = (form: 'classic' | 'netstring', count: number) =>
      textToBytes(form === 'classic' ? `>>>\n${'a=\n'.repeat(count)}<<<\n` : `###\n${'5:(0)a=,'.repeat(count)}%%%\n`);
    const nestedLines = (count: number) => textToBytes(`>>>\n(2)in=>>>\x14${'a=\x14'.repeat(count)}<<<\x14\n<<<\n\0`);
    for (const plain of [tiny('classic', 8190), tiny('netstring', 8192), nestedLines(8180)]) {
      assert.equal(faultOf(packed(deflateSync(plain))), 'ok');
    }
    for (const plain of [tiny('classic', 8192), tiny('netstring', 8193), nestedLines(8192)]) {
      assert.equal(faultOf(packed(deflateSync(plain))), 'badCompression');
    }
    for (const plain of [tiny('classic', 690_000), tiny('netstring', 260_000), nestedLines(690_000)]) {
      const bytes = packed(deflateSync(plain));
      assert.ok(bytes.length < 4000);
      const start = performance.now();
      assert.equal(faultOf(bytes), 'badCompression');
      const spent = performance.now() - start;
      assert.ok(spent < 500, `${spent} ms`);
    }
  });

  it('signed rubbish never throws', () => {
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(deflateSync(bytes))),
      fc
        .array(fc.constantFrom('###\n', '%%%\n', '>>>\n', '<<<\n', '5:(0)a=,', 'a=b\n', '(2)x=>>>\x14', '\0'), { maxLength: 9 })
        .map((parts) => Uint8Array.from(deflateSync(textToBytes(parts.join(''))))),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from([...textToBytes('BZh11AY&SY'), ...bytes])),
    );
    fc.assert(
      fc.property(payload, fc.constantFrom('zlib', 'bz2', 'lzo'), (bytes, name) => {
        const verdict = open(packed(bytes, name));
        if (verdict.ok) readHeader(verdict.message);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('fields to be compressed', () => {
  const inside = new Message([text('t', 'inner'), text('big', 'payload-'.repeat(500))]);
  const asked = message.with({ ...nestedField('cib', inside), type: 5 });

  for (const name of ['zlib', 'bz2']) {
    it(`${name}: leave as type 4, with the algorithm beside them, and hold the same message`, () => {
      const packed = packFields(asked, compressor(name));
      const field = packed.fields.find((each) => each.name === 'cib');
      assert.equal(field?.type, 4);
      assert.ok((field?.value.length ?? 0) < 500);
      assert.equal(packed.get('_compression_algorithm'), name);
      const verdict = open(sealFrame(packed, AUTH, authCatalog, 'classic'));
      assert.ok(verdict.ok);
      assert.deepEqual(nested(verdict.message, 'cib', compressors)?.fields, inside.fields);
    });
  }

  it('one that does not get smaller is an ordinary nested one; other messages are not touched', () => {
    const small = message.with({ ...nestedField('cib', new Message([text('t', 'x')])), type: 5 });
    const packed = packFields(small, zlib);
    assert.equal(packed.fields.at(-1)?.type, 2);
    assert.equal(packed.get('_compression_algorithm'), undefined);
    assert.equal(packFields(message, zlib), message);
  });
});

describe('what is compressed on the way out', () => {
  const seal = (one: Message, msgfmt: 'classic' | 'netstring', packing?: { compressor: Compressor; thresholdBytes?: number }) =>
    sealMessage(one, AUTH, authCatalog, msgfmt, packing);
  const big = message.with(text('big', 'payload-'.repeat(1200)));

  it('a message as 3.0.6 packed it: the same two fields around the same text', () => {
    const datagram = loadVector('compression-zlib').datagrams.find(({ unpacked }) => unpacked !== undefined);
    assert.ok(datagram);
    const theirs = open(datagram.bytes);
    assert.ok(theirs.ok);
    const sealed = seal(theirs.message, 'classic', { compressor: zlib, thresholdBytes: 2048 });
    assert.ok(sealed);
    const outer = openFrame(sealed, AUTH, authCatalog);
    assert.ok(outer.ok);
    assert.deepEqual(
      outer.message.fields.map(({ type, name }) => [type, name]),
      datagram.fields.map(({ type, name }) => [type, name]),
    );
    assert.equal(outer.message.get('_compression_algorithm'), 'zlib');
    const text = (fields: readonly Field[]) => inflateSync(textToBytes(fields[0]?.value ?? ''));
    assert.deepEqual(text(outer.message.fields), text(datagram.fields));
  });

  it('traditional: what is longer than the threshold; otherwise what is too long to travel', () => {
    const size = writePlain(big, 'netstring').length;
    const plain = sealFrame(big, AUTH, authCatalog, 'netstring');
    assert.deepEqual(seal(big, 'netstring'), plain);
    assert.deepEqual(seal(big, 'netstring', { compressor: zlib }), plain);
    assert.deepEqual(seal(big, 'netstring', { compressor: zlib, thresholdBytes: size }), plain);
    const sealed = seal(big, 'netstring', { compressor: zlib, thresholdBytes: size - 1 });
    assert.ok(sealed && sealed.length < 1000);
    const verdict = open(sealed);
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.message.fields, big.fields);
  });

  it('the inner digest counts and travels inside', () => {
    for (const name of ['zlib', 'bz2']) {
      const sealed = seal(big, 'classic', { compressor: compressor(name), thresholdBytes: 2048 });
      assert.ok(sealed);
      const verdict = open(sealed);
      assert.ok(verdict.ok);
      assert.deepEqual(verdict.message.without('auth').fields, big.fields);
      assert.match(verdict.message.get('auth') ?? '', /^1 [0-9a-f]{40}$/);
      const plain = open(sealFrame(big, AUTH, authCatalog, 'classic'));
      assert.ok(plain.ok);
      assert.equal(verdict.message.get('auth'), plain.message.get('auth'));
    }
  });

  it('one with nested fields goes in netstring form', () => {
    const one = big.with(nestedField('in', Message.of(['a', 'b'])));
    const sealed = seal(one, 'classic', { compressor: zlib, thresholdBytes: 2048 });
    assert.ok(sealed);
    const verdict = open(sealed);
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.message.fields, one.fields);
  });

  it('too long is compressed whatever the setting, or not sent at all', () => {
    const huge = message.with(text('big', 'payload-'.repeat(40_000)));
    const sealed = seal(huge, 'classic', { compressor: zlib });
    assert.ok(sealed);
    const verdict = open(sealed);
    assert.ok(verdict.ok);
    assert.equal(verdict.message.get('big')?.length, 320_000);
    assert.equal(seal(huge, 'classic'), undefined);
    const { decompress } = zlib;
    assert.equal(seal(huge, 'classic', { compressor: { name: 'zlib', decompress, compress: () => undefined } }), undefined);
    assert.equal(seal(huge, 'classic', { compressor: { name: 'zlib', decompress, compress: (bytes) => bytes } }), undefined);
    const beyond = message.with(text('big', 'x'.repeat(MAX_UNPACKED_BYTES)));
    assert.equal(seal(beyond, 'netstring', { compressor: zlib }), undefined);
    // Short enough as it lies in memory, too long as it travels.
    const many = new Message(Array.from({ length: 8000 }, (_, at) => text(`f${at}`, 'payload-payload-payload')));
    assert.ok(writePlain(many, 'classic').length < MAX_FRAME_BYTES);
    assert.equal(seal(many, 'classic'), undefined);
    assert.ok((seal(many, 'classic', { compressor: zlib })?.length ?? MAX_FRAME_BYTES) < MAX_FRAME_BYTES);
    // Not to be made shorter, and short enough to go.
    const bytes: Compressor = { name: 'zlib', decompress, compress: (plain) => new Uint8Array(plain.length + MAX_FRAME_BYTES) };
    assert.deepEqual(seal(big, 'classic', { compressor: bytes, thresholdBytes: 1 }), sealFrame(big, AUTH, authCatalog, 'classic'));
    const failing = seal(big, 'classic', { compressor: { name: 'zlib', decompress, compress: () => undefined }, thresholdBytes: 1 });
    assert.deepEqual(failing, sealFrame(big, AUTH, authCatalog, 'classic'), 'what fits goes as it is');
    assert.ok(failing.length < MAX_FRAME_BYTES);
  });
});
