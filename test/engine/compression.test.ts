/** Compressed messages of a 3.0.6 peer: taken as if they had come plain, or refused, counted and told (wire-protocol 1.4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealFrame } from '../../src/protocol/envelope.ts';
import { binary, Message, text } from '../../src/protocol/message.ts';
import { NO_COMPRESSORS, openMessage } from '../../src/protocol/packing.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { Replay } from './replay.ts';
import { AUTH, compressors, Played, pair, Rig, testConfig } from './support.ts';

function wrap(payload: Uint8Array, algorithm: string): Uint8Array {
  const outer = new Message([binary('_compressed_payload', bytesToText(payload)), text('_compression_algorithm', algorithm)]);
  return sealFrame(outer, AUTH, authCatalog, 'netstring');
}

/** The same message, compressed. */
function packed(frame: Uint8Array, algorithm = 'zlib', msgfmt: 'classic' | 'netstring' = 'classic'): Uint8Array {
  const opened = openFrame(frame, AUTH, authCatalog);
  assert.ok(opened.ok);
  const payload = compressors.find(algorithm)?.compress(writePlain(opened.message, msgfmt));
  assert.ok(payload);
  return wrap(payload, algorithm);
}

test('a compressed status is a status, its number counts, a copy of it is dropped', () => {
  for (const algorithm of ['zlib', 'bz2']) {
    for (const msgfmt of ['classic', 'netstring'] as const) {
      const { rig, peer } = pair();
      const plain = peer.status('active', 0x2710);
      const bytes = packed(plain, algorithm, msgfmt);
      rig.hear(bytes);
      assert.equal(rig.seen().deadtimeMs, 10_000, `${algorithm} ${msgfmt}`);
      rig.hear(bytes);
      rig.hear(plain);
      rig.hear(peer.status('active', 0x1388));
      assert.equal(rig.seen().deadtimeMs, 5000);
      rig.wait(900);
      assert.deepEqual(rig.messages('NS_rexmit'), [], 'no number is missing');
      assert.deepEqual(rig.status.counters, {});
      assert.deepEqual(rig.codes(), []);
    }
  }
});

test('a lost one is asked for by its number, and filled by the compressed packet', () => {
  const { rig, peer } = pair();
  const lost = peer.status('active', 0x2710);
  rig.hear(peer.status('active'));
  rig.wait(300);
  assert.ok(rig.messages('NS_rexmit').length > 0);
  rig.hear(packed(lost));
  assert.ok(rig.codes().includes('noneMissing'));
});

test('types that nobody here knows, and large ones, only count', () => {
  const { rig, peer } = pair();
  const known = rig.sent.length;
  for (const type of ['bigtest', 'hbapi-clstat', 'query-cstatus', 'respond-cstatus']) {
    rig.hear(
      packed(
        peer.frame(type, [
          ['nodelist', 'n3 '],
          ['big', 'x'.repeat(50_000)],
        ]),
      ),
    );
  }
  rig.hear(packed(peer.frame('NS_st', [['st', 'ping']])));
  assert.deepEqual(rig.status.counters, {});
  assert.deepEqual(rig.codes(), []);
  assert.deepEqual(
    rig
      .messages()
      .slice(known)
      .filter(({ message }) => message.type !== 'NS_ackmsg'),
    [],
  );
});

test('without the algorithm it is refused: counted each time, told at a bounded rate', () => {
  const rig = new Rig({}, 900, 0, NO_COMPRESSORS).start();
  const peer = new Played('n1');
  for (let count = 0; count < 40; count += 1) rig.hear(packed(peer.status('init')));
  assert.equal(rig.count('unknownCompression'), 40);
  const told = rig.codes().filter((code) => code === 'unknownCompression').length;
  assert.ok(told >= 1 && told < 20, String(told));
  assert.equal(rig.seen().status, 'init', 'as at the start');
});

test('bombs, rubbish and other algorithms are refused and change nothing', () => {
  const { rig, peer } = pair();
  rig.hear(wrap(deflateSync(new Uint8Array(8 << 20)), 'zlib'));
  rig.hear(wrap(textToBytes('rubbish'), 'zlib'));
  rig.hear(wrap(textToBytes('BZh1 rubbish'), 'bz2'));
  rig.hear(wrap(deflateSync(textToBytes('no message')), 'zlib'));
  rig.hear(wrap(deflateSync(textToBytes('>>>\nt=status\n<<<\n\0')), 'zlib'));
  rig.hear(wrap(deflateSync(textToBytes('x')), 'lzma\n'));
  assert.deepEqual(rig.status.counters, { badCompression: 4, missingField: 1, unknownCompression: 1 });
  assert.equal(rig.seen().status, 'active');
  rig.hear(packed(peer.status('active', 0x2710)));
  assert.equal(rig.seen().deadtimeMs, 10_000);
});

test('a packed packet with a wrong key is a wrong digest, not a wrong compression', () => {
  const { rig, peer } = pair();
  const bytes = packed(peer.status('active'));
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  rig.hear(bytes);
  assert.deepEqual(rig.status.counters, { authMismatch: 1 });
});

for (const vector of ['compression-zlib', 'compression-large']) {
  test(`${vector}: the big message of 3.0.6 leaves no hole`, () => {
    const replay = new Replay({ vector, speaker: 'n1' });
    replay.toEnd();
    assert.deepEqual(replay.rig.status.counters, {});
    assert.deepEqual(replay.rig.messages('NS_rexmit'), []);
    assert.ok(!replay.rig.codes().includes('lostPackets'));
    assert.deepEqual(replay.alarming(), []);
  });
}

test('copies of one large packet cannot hold the loop: a second has its share, and the next one its own', () => {
  const { rig, peer } = pair();
  const large = packed(peer.frame('bigtest', [['x', 'y'.repeat(200_000)]]));
  for (let copy = 0; copy < 50; copy += 1) rig.hear(large);
  const refused = rig.status.counters.unknownCompression ?? 0;
  assert.ok(refused >= 25 && refused <= 35, `${refused} of 50 refused`);
  rig.wait(1100);
  rig.hear(packed(peer.status('active', 0x2710)));
  assert.equal(rig.seen().deadtimeMs, 10_000);
});

// --- what goes out ---

/** The fields inside of what was sent, and whether they came compressed. */
function sentInside(rig: Rig, bytes: Uint8Array): { readonly algorithm: string | undefined; readonly message: Message } {
  const opened = openMessage(bytes, rig.config.auth, authCatalog, compressors);
  assert.ok(opened.ok);
  const outer = openFrame(bytes, rig.config.auth, authCatalog);
  assert.ok(outer.ok);
  return { algorithm: outer.message.get('_compression_algorithm'), message: opened.message };
}

const MANY = Array.from({ length: 60 }, (_, at) => `${at}-${'n'.repeat(90)}`);

test('with traditional_compression what is above the threshold leaves compressed, and again the same when it is asked for', () => {
  for (const compression of ['zlib', 'bz2'] as const) {
    const { rig, peer } = pair({ traditionalCompression: true, compressionThreshold: 2048, compression });
    rig.hear(
      peer.frame('status', [
        ['st', 'active'],
        ['dt', '1388'],
        ['hbd_v', '1'],
      ]),
    );
    assert.deepEqual(rig.command({ name: 'addnode', nodes: MANY }), { ok: true });
    const sent = rig.sent.at(-1);
    assert.ok(sent);
    const { algorithm, message } = sentInside(rig, sent.bytes);
    assert.equal(algorithm, compression);
    assert.equal(message.get('nodelist'), MANY.join(' '));
    assert.ok(message.get('auth') !== undefined && message.get('src') === 'n2');
    const seq = Number.parseInt(message.get('seq') ?? '', 16);
    rig.forget();
    rig.hear(
      peer.frame('NS_rexmit', [
        ['dest', 'n2'],
        ['firstseq', String(seq)],
        ['lastseq', String(seq)],
      ]),
    );
    assert.deepEqual(rig.sent[0]?.bytes, sent.bytes);
    rig.forget();
    rig.wait(1000);
    assert.equal(rig.messages('status').length, 1, 'a beat is small, and leaves as it is');
  }
});

test('without it, and with a change by a reload, what fits into a datagram leaves as it is', () => {
  const { rig, peer } = pair({ compressionThreshold: 2048 });
  rig.hear(
    peer.frame('status', [
      ['st', 'active'],
      ['dt', '1388'],
      ['hbd_v', '1'],
    ]),
  );
  rig.command({ name: 'addnode', nodes: MANY.slice(0, 30) });
  assert.equal(rig.messages('addnode').length, 1);
  rig.give({ kind: 'configured', config: testConfig({ traditionalCompression: true, compressionThreshold: 2048 }) });
  rig.forget();
  rig.command({ name: 'addnode', nodes: MANY.slice(30) });
  assert.deepEqual(rig.messages('addnode'), []);
  assert.equal(sentInside(rig, rig.sent[0]?.bytes ?? new Uint8Array()).message.type, 'addnode');
});

test('an algorithm that this host lacks is told, and zlib does it', () => {
  const zlibOnly = { find: (name: string) => (name === 'zlib' ? compressors.find(name) : undefined) };
  const rig = new Rig({ compression: 'bz2' }, 900, 0, zlibOnly).start();
  assert.ok(rig.codes().includes('noCompressor'));
  assert.equal(rig.messages('status').length > 0, true);
});
