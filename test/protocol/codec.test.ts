import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { decodeBase64, encodeBase64 } from '../../src/protocol/base64.ts';
import { decodeClassic, encodeClassic } from '../../src/protocol/classic.ts';
import { binary, type Field, type FieldType, text } from '../../src/protocol/message.ts';
import { decodeNetstring, encodeNetstring, findNetstringEnd } from '../../src/protocol/netstring.ts';

const raw = (unit: fc.Arbitrary<number>, maxLength: number) => fc.array(unit, { maxLength }).map((codes) => String.fromCharCode(...codes));
const anyByte = fc.integer({ min: 0, max: 255 });
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/);
const plainText = raw(fc.integer({ min: 32, max: 255 }), 60);
const plainField: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ type: fc.constant<FieldType>(0), name, value: plainText }, { noNullPrototype: true }),
  fc.record({ type: fc.constantFrom<FieldType>(1, 4), name, value: raw(anyByte, 60) }, { noNullPrototype: true }),
  fc.record(
    { type: fc.constant<FieldType>(3), name, value: plainText.map((item) => `${item.length}:${item},`) },
    { noNullPrototype: true },
  ),
);
const { field } = fc.letrec<{ field: Field; nested: Field }>((tie) => ({
  field: fc.oneof({ maxDepth: 4 }, plainField, tie('nested')),
  nested: fc.record(
    {
      type: fc.constantFrom<FieldType>(2, 5),
      name,
      value: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map(encodeNetstring),
    },
    { noNullPrototype: true },
  ),
}));
const fields = fc.array(field, { minLength: 1, maxLength: 8 });

describe('the two forms', () => {
  it('netstring form gives back what was written', () => {
    fc.assert(
      fc.property(fields, (list) => {
        const bytes = textToBytes(encodeNetstring(list));
        assert.deepEqual(decodeNetstring(bytes), list);
        assert.equal(findNetstringEnd(bytes), bytes.length);
      }),
    );
  });

  it('classic form gives back what was written, nested messages and binary too', () => {
    fc.assert(
      fc.property(fields, (list) => {
        const packet = encodeClassic(list);
        assert.ok(packet);
        assert.deepEqual(decodeClassic(packet), list);
      }),
    );
  });

  it('whatever decodes is written again to the byte', () => {
    const junk = fc.constantFrom(
      '(',
      ')',
      '0',
      '1',
      '2',
      '5',
      ':',
      '=',
      ',',
      'a',
      '\n',
      '5:(0)a=,',
      '6:(1)a=b,',
      '>>>\n',
      '<<<\n',
      '(1)a=QQ==\n',
      'a=\n',
      '\x14',
    );
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 12 }), (parts) => {
        const body = parts.join('');
        const netstring = `###\n${body}%%%\n`;
        const a = decodeNetstring(textToBytes(netstring));
        if (a !== undefined) assert.equal(encodeNetstring(a), netstring);
        const classic = `>>>\n${body}<<<\n`;
        const b = decodeClassic(classic);
        if (b !== undefined) assert.equal(encodeClassic(b), classic);
      }),
      { numRuns: 2000 },
    );
  });

  it('classic form to the letter', () => {
    const nested = encodeNetstring([text('a', 'one\ntwo'), { type: 2, name: 'deep', value: encodeNetstring([text('b', '')]) }]);
    const list: Field[] = [text('t', 'x\ny'), binary('id', '\0\xff'), { type: 2, name: 'in', value: nested }, text('site', '')];
    const packet = '>>>\nt=x\x13y\n(1)id=AP8=\n(2)in=>>>\x14a=one\x13two\x14(2)deep=>>>\x15b=\x15<<<\x15\x14<<<\x14\nsite=\n<<<\n';
    assert.equal(encodeClassic(list), packet);
    assert.deepEqual(decodeClassic(packet), list);
  });

  it('refuses nesting beyond sixteen', () => {
    const nest = (times: number): Field => {
      let inner = text('a', 'b');
      for (let at = 0; at < times; at += 1) inner = { type: 2, name: 'n', value: encodeNetstring([inner]) };
      return inner;
    };
    const sixteen = encodeClassic([nest(16)]);
    assert.ok(sixteen);
    assert.deepEqual(decodeClassic(sixteen), [nest(16)]);
    assert.equal(encodeClassic([nest(17)]), undefined);
    assert.equal(encodeClassic([{ type: 2, name: 'n', value: 'no message' }]), undefined);
  });

  for (const bad of [
    '5:(6)a=,',
    '5:(9)a=,',
    '7:abcx=yz,',
    '1:x,',
    '0:,',
    '4:(0)=,',
    '4:(0)a,',
    '6:(0)abc,',
    '05:(0)a=,',
    '+5:(0)a=,',
    '5 :(0)a=,',
    '5(0)a=,',
    ':(0)a=,',
    '6:(0)a=,',
    '4:(0)a=,',
    '9999999:(0)a=,',
    '99999999999999999999:(0)a=,',
    '6:(0)a=\0,',
    '7:(0)a\0=x,',
    '5:(0)a=;',
    '5:[0]a=,',
    '5:(0}a=,',
    '5:(/)a=,',
    '5:(:)a=,',
    '',
  ]) {
    it(`netstring form refuses ${JSON.stringify(bad)}`, () => {
      assert.equal(decodeNetstring(textToBytes(`###\n${bad}%%%\n`)), undefined);
      assert.equal(decodeNetstring(textToBytes(`###\n5:(0)b=,${bad === '' ? ',' : bad}%%%\n`)), undefined);
    });
  }

  for (const bad of [
    '(0)a=b\n',
    '(6)a=b\n',
    '(1a=b\n',
    '=b\n',
    'ab\n',
    '\n',
    '(1)a=QQ=\n',
    '(1)a=QR==\n',
    '(1)a=Q===\n',
    '(1)a=Q Q=\n',
    '(1)=QQ==\n',
    '(2)a=x\n',
    'a=b',
    'a=b\0\n',
    '',
  ]) {
    it(`classic form refuses ${JSON.stringify(bad)}`, () => assert.equal(decodeClassic(`>>>\n${bad}<<<\n`), undefined));
  }
});

describe('base64', () => {
  it('agrees with the platform', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const coded = Buffer.from(bytes).toString('base64');
        assert.equal(encodeBase64(bytesToText(bytes)), coded);
        assert.equal(decodeBase64(coded), bytesToText(bytes));
      }),
    );
  });
});

describe('methods', () => {
  const digest = (method: string, secret: string, covered: string) =>
    authCatalog.find(method)?.digest(textToBytes(secret), textToBytes(covered));

  it('crc has its check value, no padding and no key', () => {
    assert.equal(digest('crc', '', '123456789'), '765e7680');
    assert.equal(digest('crc', 'ignored', '123456789'), '765e7680');
    assert.equal(digest('crc', '', ''), 'ffffffff');
    assert.equal(authCatalog.find('crc')?.key, 'unused');
    let short = 0;
    for (let at = 0; at < 500; at += 1) {
      const hex = digest('crc', '', String(at)) ?? '';
      assert.match(hex, /^(0|[1-9a-f][0-9a-f]{0,7})$/);
      if (hex.length < 8) short += 1;
    }
    assert.ok(short > 0);
  });

  it('md5 and sha1 are plain HMAC, for long keys too', () => {
    assert.equal(digest('md5', 'Jefe', 'what do ya want for nothing?'), '750c783e6ab0b503eaa86e310a5db738');
    assert.equal(digest('sha1', 'Jefe', 'what do ya want for nothing?'), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79');
    assert.equal(digest('sha1', 'k'.repeat(100), 'x'), createHmac('sha1', 'k'.repeat(100)).update('x').digest('hex'));
  });

  it('the catalog knows three', () => {
    assert.deepEqual(authCatalog.names, ['crc', 'md5', 'sha1']);
    assert.equal(authCatalog.find('sha256'), undefined);
    assert.equal(authCatalog.find('__proto__'), undefined);
  });
});
