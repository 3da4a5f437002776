/** Beats, acknowledgements and repair in a running pair (wire-protocol 5, 6.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bcast, pair } from './support.ts';

// --- beats ---

for (const keepaliveMs of [100, 333, 1000]) {
  test(`6.1 statuses every ${keepaliveMs} ms on a grid that does not drift, though alarms ring late`, () => {
    const { rig, peer } = pair({ keepaliveMs });
    const began = rig.now;
    for (let beat = 0; beat < 30; beat += 1) {
      const due = rig.engine.nextAlarm() ?? 0;
      rig.now = Math.max(rig.now, due) + (beat % 3) * 3;
      rig.give({ kind: 'alarm' });
      if (beat % 5 === 0) rig.hear(peer.status('active', 600_000));
    }
    const beats = rig.messages('status').map(({ at }) => at);
    assert.ok(beats.length >= 10);
    const grid = beats.map((at) => at % keepaliveMs);
    assert.ok(
      grid.every((late) => late <= 10),
      `late by ${grid.join(' ')} since ${began}`,
    );
  });
}

test('beats that were slept through are not made up for', () => {
  const { rig } = pair({ deadtimeMs: 60_000 });
  rig.now += 30_000;
  rig.give({ kind: 'alarm' });
  assert.equal(rig.messages('status').length, 2, 'one at once, one that was due');
  assert.ok((rig.engine.nextAlarm() ?? 0) > rig.now, 'and the next is ahead');
});

test('an alarm too early, or twice, sends nothing', () => {
  const { rig } = pair();
  rig.give({ kind: 'alarm' });
  rig.give({ kind: 'alarm' });
  assert.deepEqual(rig.sent, []);
});

test('steady state: in 100 s a pair of nodes sends statuses and acks and nothing else', () => {
  const { rig, peer } = pair();
  for (let second = 0; second < 100; second += 1) {
    rig.wait(1000);
    rig.hear(peer.status('active'));
  }
  const kinds = new Set(rig.sent.map(({ message }) => message.type));
  assert.deepEqual([...kinds].sort(), ['NS_ackmsg', 'status']);
  assert.equal(rig.messages('status').length, 100);
  const acks = rig.messages('NS_ackmsg').length;
  assert.ok(acks >= 9 && acks <= 11, `${acks} acks for 100 messages`);
});

test('12.4 NS_ messages carry neither seq nor ld; ackseq is hex', () => {
  const { rig, peer } = pair();
  for (let count = 0; count < 30; count += 1) rig.hear(peer.status('active'));
  const acks = rig.messages('NS_ackmsg').map(({ message }) => message);
  assert.equal(acks.length, 3);
  for (const ack of acks) {
    assert.equal(ack.get('seq') ?? ack.get('ld'), undefined);
    assert.equal(ack.get('dest'), 'n1');
  }
  const numbers = acks.map((ack) => Number.parseInt(ack.get('ackseq') ?? '', 16));
  assert.deepEqual(
    numbers.map((number) => number - (numbers[0] ?? 0)),
    [0, 10, 20],
  );
  assert.ok((numbers[2] ?? 0) <= peer.seq);
});

// --- repair ---

test('5.3 what is missing is asked for, again and again, until it comes', () => {
  const { rig, peer } = pair();
  const lost = peer.status('active');
  rig.hear(peer.status('active'));
  rig.wait(1000);
  const requests = rig.messages('NS_rexmit');
  assert.ok(requests.length >= 3 && requests.length <= 5, `${requests.length} requests in a second`);
  const [first] = requests;
  const number = String(peer.seq - 1);
  assert.deepEqual([first?.message.get('firstseq'), first?.message.get('lastseq'), first?.message.get('dest')], [number, number, 'n1']);
  rig.hear(lost);
  assert.ok(rig.codes().includes('noneMissing'));
  rig.forget();
  rig.wait(2000);
  assert.deepEqual(rig.messages('NS_rexmit'), []);
});

test('5.3 a request for ours brings the very same bytes, to all media', () => {
  const { rig, peer } = pair();
  rig.wait(1000);
  const original = rig.messages('status')[0];
  assert.ok(original !== undefined);
  const number = String(Number.parseInt(original.message.get('seq') ?? '', 16));
  rig.wait(500);
  rig.forget();
  rig.hear(
    peer.frame('NS_rexmit', [
      ['dest', 'n2'],
      ['firstseq', number],
      ['lastseq', number],
    ]),
  );
  assert.deepEqual(
    rig.sent.map(({ bytes }) => bytes),
    [original.bytes],
  );
});

test('5.3 requests that ask for nonsense, or of somebody else, bring nothing', () => {
  const { rig, peer } = pair();
  for (const [first, last, dest] of [
    ['9', '3', 'n2'],
    ['x', '3', 'n2'],
    ['0', '0', 'n2'],
    ['99999', '99999', 'n2'],
    ['1', '5', 'n3'],
  ] as const) {
    rig.hear(
      peer.frame('NS_rexmit', [
        ['dest', dest],
        ['firstseq', first],
        ['lastseq', last],
      ]),
    );
  }
  assert.deepEqual(rig.sent, []);
});

test('5.1 a nak ends the asking', () => {
  const { rig, peer } = pair();
  peer.status('active');
  rig.hear(peer.status('active'));
  rig.wait(400);
  rig.hear(
    peer.frame('NS_nak_rexmit', [
      ['firstseq', (peer.seq - 1).toString(16)],
      ['dest', 'n2'],
      ['info', 'seqno too low'],
    ]),
  );
  assert.ok(rig.codes().includes('lostForGood'));
  rig.forget();
  rig.wait(1000);
  assert.deepEqual(rig.messages('NS_rexmit'), []);
});

test('5.1 out of order is accepted, twice is not', () => {
  const { rig, peer } = pair({ autoFailback: 'off' });
  const early = peer.frame('hb_takeover', [['rsc_hold', 'local']]);
  const late = peer.status('active');
  rig.hear(late);
  rig.hear(early);
  assert.deepEqual(rig.lines('ask_resources'), ['ask_resources foreign me']);
  rig.hear(early);
  rig.hear(late);
  assert.deepEqual(rig.lines('ask_resources'), ['ask_resources foreign me'], 'copies have no effect');
});

test('copies over a second medium count as life of that link alone', () => {
  const { rig, peer } = pair({ media: [bcast('eth0'), bcast('eth1')] });
  const beat = peer.status('active');
  rig.hear(beat, 'bcast eth0');
  rig.hear(beat, 'bcast eth1');
  assert.deepEqual(rig.seen().links, [
    { name: 'eth0', status: 'up' },
    { name: 'eth1', status: 'up' },
  ]);
  assert.deepEqual(rig.sent, []);
});
