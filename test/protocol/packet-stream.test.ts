import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PacketStream } from '../../src/protocol/packet-stream.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const texts = (packets: readonly Uint8Array[]): string[] => packets.map((packet) => Buffer.from(packet).toString('latin1'));

const classic = '>>>\nt=ask_resources\nrsc_hold=all\ninfo=me\n<<<\n';
const other = '>>>\nt=x\n<<<\n';
const netstring = '###\n11:(0)t=hello,,13:(0)info=\n<<<\n,%%%\n';

/** What comes out of a stream that is fed in pieces of `size`. */
function cut(text: string, size: number, stream = new PacketStream()): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; at += size) out.push(...texts(stream.push(bytes(text.slice(at, at + size)))));
  return out;
}

const table: readonly (readonly [what: string, text: string, packets: readonly string[], refused: number])[] = [
  ['both forms', classic + netstring + other, [classic, netstring, other], 0],
  ['a NUL and empty lines between packets', `${classic}\0\n\n${other}\0`, [classic, other], 0],
  ['junk before a packet', `junk\nmore=junk\n${classic}`, [classic], 2],
  ['a packet cut short at the end of a line', `>>>\nt=ask_resources\n${other}`, [other], 1],
  ['a classic packet inside another', `>>>\n${other}t=y\n<<<\n${classic}`, [other, classic], 3],
  ['a start mark within a line', `x>>>\nt=y\n<<<\n${other}`, [other], 3],
  ['a length that is none', `###\nx:(0)t=hello,%%%\n${other}`, [other], 2],
  ['a length with a leading zero', `###\n07:(0)t=yy,%%%\n${other}`, [other], 2],
  ['a netstring without its comma', `###\n6:(0)t=y;%%%\n${other}`, [other], 2],
  ['an end mark alone', `<<<\n%%%\n${other}`, [other], 2],
  ['nothing whole', '>>>\nt=x\n', [], 0],
  ['an empty packet: whoever decodes it says no', '>>>\n<<<\n', ['>>>\n<<<\n'], 0],
];

for (const [what, text, packets, refused] of table) {
  test(`FIFO: ${what}`, () => {
    for (const size of [1, 2, 3, 5, 7, 1000]) {
      const stream = new PacketStream();
      assert.deepEqual(cut(text, size, stream), packets, `in pieces of ${size}`);
      assert.equal(stream.takeRefused(), refused, `refused, in pieces of ${size}`);
      assert.equal(stream.takeRefused(), 0);
    }
  });
}

test('FIFO: what is too long is dropped, and the next packet is found', () => {
  for (const size of [1, 40, 1000]) {
    const stream = new PacketStream(64);
    const long = `>>>\nt=${'x'.repeat(200)}\n<<<\n`;
    assert.deepEqual(cut(long + other, size, stream), [other]);
    assert.deepEqual(cut(`###\n150:(0)t=${'x'.repeat(144)},%%%\n${other}`, size, stream), [other]);
    assert.deepEqual(cut('x'.repeat(5000), size, stream), []);
    assert.ok(!stream.partial);
    assert.deepEqual(cut(`\n${other}`, size, stream), [other]);
  }
});

test('FIFO: after a reset an unfinished packet does not swallow the next one', () => {
  const stream = new PacketStream();
  assert.deepEqual(cut('###\n100:(0)t=', 100, stream), []);
  assert.ok(stream.partial);
  stream.reset();
  assert.equal(stream.takeRefused(), 1);
  assert.deepEqual(cut(other, 100, stream), [other]);
});

test('FIFO: whatever is written, in whatever pieces: nothing is thrown, nothing grows, and a packet after it is found', () => {
  const piece = fc.oneof(
    fc.constantFrom('>>>\n', '<<<\n', '###\n', '%%%\n', 't=x\n', '6:(0)t=y,', '0:,', '\n', '\0', '99999:', '>>', '##', classic, netstring),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (pieces, size) => {
      const text = pieces.join('');
      const [inPieces, whole] = [new PacketStream(4096), new PacketStream(4096)];
      assert.deepEqual(cut(text, size, inPieces), cut(text, text.length + 1, whole));
      inPieces.reset();
      assert.deepEqual(cut(`\n${other}`, size, inPieces), [other]);
    }),
    { numRuns: 500 },
  );
});
