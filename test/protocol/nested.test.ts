import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import { createCompressors } from '../../src/os/compressor.ts';
import { decodeClassic, encodeClassic } from '../../src/protocol/classic.ts';
import { MAX_NESTING } from '../../src/protocol/limits.ts';
import { type Field, type FieldType, Message, text } from '../../src/protocol/message.ts';
import { list, listField, nested, nestedField } from '../../src/protocol/nested.ts';
import { decodeNetstring, encodeNetstring } from '../../src/protocol/netstring.ts';
import { writePlain } from '../../src/protocol/plain.ts';

const compressors = createCompressors();

/** The message as it arrives in either form. */
function arrived(message: Message): Message[] {
  const classic = encodeClassic(message.fields);
  assert.ok(classic);
  const forms = [decodeNetstring(textToBytes(encodeNetstring(message.fields))), decodeClassic(classic)];
  return forms.map((fields) => {
    assert.ok(fields);
    return new Message(fields);
  });
}

function put(type: FieldType, value: string, ...more: readonly Field[]): Message {
  return new Message([text('t', 'x'), { type, name: 'in', value }, ...more]);
}

describe('a message in a message', () => {
  it('reads the same from both forms, newlines and binary included', () => {
    const inner = new Message([text('a', 'two\nlines'), { type: 1, name: 'b', value: '\0\n,\xff' }, text('empty', '')]);
    const middle = new Message([text('m', '1'), nestedField('inner', inner)]);
    for (const message of arrived(new Message([text('t', 'x'), nestedField('middle', middle)]))) {
      const seen = nested(message, 'middle');
      assert.deepEqual(seen?.fields, middle.fields);
      assert.deepEqual(seen && nested(seen, 'inner')?.fields, inner.fields);
    }
  });

  it('type 5 reads as type 2', () => {
    const inner = Message.of(['a', 'b']);
    for (const message of arrived(put(5, encodeNetstring(inner.fields)))) assert.deepEqual(nested(message, 'in')?.fields, inner.fields);
  });

  it('type 4 reads through the algorithm that stands beside it, in either form inside', () => {
    const inner = Message.of(['a', 'b'], ['c', 'd'.repeat(500)]);
    for (const algorithm of ['zlib', 'bz2']) {
      for (const form of ['classic', 'netstring'] as const) {
        const payload = bytesToText(compressors.find(algorithm)?.compress(writePlain(inner, form)) ?? new Uint8Array());
        for (const message of arrived(put(4, payload, text('_compression_algorithm', algorithm)))) {
          assert.deepEqual(nested(message, 'in', compressors)?.fields, inner.fields, `${algorithm} ${form}`);
          assert.equal(nested(message, 'in'), undefined, 'without the compressor');
        }
        assert.equal(nested(put(4, payload), 'in', compressors), undefined, 'no algorithm');
        assert.equal(nested(put(4, payload, text('_compression_algorithm', 'lzma')), 'in', compressors), undefined);
        assert.equal(nested(put(4, payload.slice(0, -9), text('_compression_algorithm', algorithm)), 'in', compressors), undefined);
      }
    }
  });

  it('the first field of the name decides; what is no message is nothing', () => {
    const good = nestedField('in', Message.of(['a', 'b']));
    assert.equal(nested(new Message([text('in', 'plain'), good]), 'in'), undefined);
    assert.equal(nested(new Message([good]), 'out'), undefined);
    for (const bad of ['', 'x', '###\n%%%\n', '###\n5:(0)a=,', '###\n5:(9)a=,%%%\n', '###\n5:(0)a=,%%%\nx', '>>>\n(0)a=b\n<<<\n', '\0']) {
      assert.equal(nested(put(2, bad), 'in'), undefined, JSON.stringify(bad));
      const around = encodeNetstring([{ type: 2, name: 'y', value: bad }]);
      assert.equal(nested(put(2, around), 'in'), undefined, `deeper: ${JSON.stringify(bad)}`);
    }
  });

  it('sixteen deep is read, seventeen is not', () => {
    const deep = (levels: number): Message =>
      levels === 0 ? Message.of(['bottom', 'yes']) : new Message([text('level', String(levels)), nestedField('in', deep(levels - 1))]);
    let message: Message | undefined = deep(MAX_NESTING);
    assert.ok(encodeClassic(message.fields), 'the classic form agrees');
    for (let level = 0; level < MAX_NESTING; level += 1) {
      message = message === undefined ? undefined : nested(message, 'in');
      assert.ok(message, `level ${level}`);
    }
    assert.equal(message.get('bottom'), 'yes');
    const tooDeep = deep(MAX_NESTING + 1);
    assert.equal(nested(tooDeep, 'in'), undefined);
    assert.equal(encodeClassic(tooDeep.fields), undefined);
    let value = '###\n5:(0)a=,%%%\n';
    while (value.length < 60_000) value = encodeNetstring([{ type: 2, name: 'a', value }]);
    assert.equal(nested(put(2, value), 'in'), undefined, 'thousands');
  });
});

describe('lists', () => {
  it('read the same from both forms', () => {
    const items = ['n1', '', 'a,b:c', 'x'.repeat(200)];
    const field = listField('nodes', items);
    assert.ok(field);
    assert.equal(field.value.slice(0, 20), '2:n1,0:,5:a,b:c,200:');
    for (const message of arrived(new Message([text('t', 'x'), field]))) assert.deepEqual(list(message, 'nodes'), items);
  });

  it('two of one name are joined; fields of other types do not count', () => {
    const message = new Message([
      { type: 3, name: 'l', value: '1:a,1:b,' },
      text('l', 'text'),
      { type: 3, name: 'm', value: '1:z,' },
      { type: 3, name: 'l', value: '1:c,' },
    ]);
    assert.deepEqual(list(message, 'l'), ['a', 'b', 'c']);
    assert.deepEqual(list(message, 'm'), ['z']);
    assert.equal(list(message, 't'), undefined);
    assert.equal(list(Message.of(['l', '1:a,']), 'l'), undefined);
  });

  it('one bad item, or none, and there is no list', () => {
    for (const bad of ['', 'a', '1:a', '2:a,', '1:a,x', '01:a,', '-1:a,', ':,', '1:a,9999999:b,', '1:a;']) {
      assert.equal(list(new Message([{ type: 3, name: 'l', value: bad }]), 'l'), undefined, JSON.stringify(bad));
      const joined = new Message([
        { type: 3, name: 'l', value: '1:a,' },
        { type: 3, name: 'l', value: bad },
      ]);
      assert.equal(list(joined, 'l'), undefined, JSON.stringify(bad));
    }
  });

  it('1023 packed bytes are the most, both ways', () => {
    const most = listField('l', ['x'.repeat(1017)]);
    assert.equal(most?.value.length, 1024 - 1);
    assert.deepEqual(most && list(new Message([most]), 'l'), ['x'.repeat(1017)]);
    assert.equal(listField('l', ['x'.repeat(1018)]), undefined);
    assert.equal(listField('l', []), undefined);
    assert.equal(list(new Message([{ type: 3, name: 'l', value: `1018:${'x'.repeat(1018)},` }]), 'l'), undefined);
  });
});

it('whatever stands in such fields, reading never throws, and what is read can be written again', () => {
  const part = fc.oneof(
    fc.constantFrom('###\n', '%%%\n', '>>>\n', '<<<\n', '5:(0)a=,', '(2)', '1:a,', 'a=b\n', '\x14', '\0', ',', '9999999:'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => bytesToText(bytes)),
  );
  const value = fc.array(part, { maxLength: 10 }).map((parts) => parts.join(''));
  const wrapped = value.map((inside) => encodeNetstring([{ type: 2, name: 'in', value: inside }]));
  fc.assert(
    fc.property(
      fc.constantFrom<FieldType>(0, 1, 2, 3, 4, 5),
      fc.oneof(value, wrapped),
      fc.constantFrom('zlib', 'bz2', ''),
      (type, raw, name) => {
        const message = put(type, raw, text('_compression_algorithm', name));
        const inside = nested(message, 'in', compressors);
        if (inside !== undefined) assert.deepEqual(nested(new Message([nestedField('in', inside)]), 'in')?.fields, inside.fields);
        const items = list(message, 'in');
        if (items !== undefined) assert.equal(listField('in', items)?.value, raw);
      },
    ),
    { numRuns: 2000 },
  );
});
