import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../src/base/random.ts';
import { History } from '../../src/protocol/history.ts';
import { Message } from '../../src/protocol/message.ts';
import { SequenceTracker } from '../../src/protocol/sequence.ts';

describe('history', () => {
  function sent(count: number): History {
    const history = new History();
    for (let at = 0; at < count; at += 1) history.record(Message.of(['t', 'filler'], ['seq', history.next.toString(16)]));
    return history;
  }
  const numbers = (messages: readonly Message[]) => messages.map((message) => Number.parseInt(message.get('seq') ?? '', 16));
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

  it('answers with what was sent', () => {
    const { resend, naks, beyond } = sent(30).answer('n2', { first: 5, last: 7 }, 0);
    assert.deepEqual(numbers(resend), [5, 6, 7]);
    assert.deepEqual(naks, []);
    assert.equal(beyond, undefined);
  });

  it('keeps 500 and refuses what is older', () => {
    const history = sent(620);
    assert.equal(history.lowest, 121);
    const { resend, naks } = history.answer('n2', { first: 119, last: 122 }, 0);
    assert.deepEqual(numbers(resend), [121, 122]);
    assert.deepEqual(naks, [
      { sequence: 119, reason: 'seqno too low' },
      { sequence: 120, reason: 'seqno too low' },
    ]);
  });

  it('keeps fewer where large ones are among them, and always the newest', () => {
    const history = new History();
    const large = Message.of(['t', 'filler'], ['big', 'x'.repeat(2_000_000)]);
    for (let at = 0; at < 40; at += 1) history.record(large);
    assert.equal(history.lowest, 25);
    assert.deepEqual(history.answer('n2', { first: 24, last: 24 }, 0).naks, [{ sequence: 24, reason: 'seqno too low' }]);
    const huge = new History();
    huge.record(Message.of(['t', 'filler'], ['big', 'x'.repeat(40_000_000)]));
    assert.equal(huge.answer('n2', { first: 1, last: 1 }, 0).resend.length, 1);
  });

  it('sends nothing again that the asker has acknowledged', () => {
    const history = sent(30);
    history.ack('n2', 6);
    assert.deepEqual(numbers(history.answer('n2', { first: 5, last: 8 }, 0).resend), [7, 8]);
    assert.deepEqual(numbers(history.answer('n3', { first: 5, last: 6 }, 0).resend), [5, 6]);
    history.peerReturned('n2');
    assert.deepEqual(numbers(history.answer('n2', { first: 1, last: 2 }, 0).resend), [1, 2]);
  });

  it('does not repeat within 240 ms, whoever asks', () => {
    const history = sent(30);
    assert.deepEqual(numbers(history.answer('n2', { first: 5, last: 6 }, 1000).resend), [5, 6]);
    assert.deepEqual(numbers(history.answer('n2', { first: 4, last: 6 }, 1239).resend), [4]);
    assert.deepEqual(numbers(history.answer('n3', { first: 5, last: 5 }, 1239).resend), []);
    assert.deepEqual(numbers(history.answer('n2', { first: 5, last: 6 }, 1240).resend), [5, 6]);
  });

  it('does not refuse one number again within 240 ms: a recorded request that is sent over and over is answered once', () => {
    const history = sent(2600);
    const refused = (first: number, last: number, at: number) =>
      history.answer('n2', { first, last }, at).naks.map(({ sequence }) => sequence);
    assert.deepEqual(refused(1, 50, 1000), range(1, 50));
    assert.deepEqual(refused(1, 50, 1239), []);
    assert.deepEqual(refused(49, 52, 1239), [51, 52], 'what somebody else lacks is still refused');
    assert.deepEqual(refused(1, 50, 1240), range(1, 50));
    // Whatever is asked for, no more than are kept of one another's messages within that time.
    let count = 0;
    for (let first = 1; first < 2000; first += 50) count += refused(first, first + 49, 5000).length;
    assert.equal(count, 500);
    assert.deepEqual(refused(1901, 1950, 5240), range(1901, 1950));
  });

  it('brings at most 50 packets for one request, however large', () => {
    const history = sent(600);
    const low = history.answer('n2', { first: 1, last: Number.MAX_SAFE_INTEGER }, 0);
    assert.deepEqual(
      low.naks.map(({ sequence }) => sequence),
      range(1, 50),
    );
    assert.deepEqual(low.resend, []);
    assert.equal(low.beyond, 601);
    assert.deepEqual(numbers(history.answer('n2', { first: 200, last: 400 }, 0).resend), range(200, 249));
    assert.deepEqual(numbers(history.answer('n2', { first: 200, last: 400 }, 1).resend), range(250, 299));
    let packets = 0;
    for (let at = 0; at < 240; at += 1) packets += history.answer('n2', { first: 101, last: 600 }, at).resend.length;
    assert.ok(packets <= 400, String(packets));
  });

  it('names a number never sent', () => {
    assert.deepEqual(sent(30).answer('n2', { first: 31, last: 40 }, 0), { resend: [], naks: [], beyond: 31 });
    assert.equal(sent(30).answer('n2', { first: 30, last: 31 }, 0).beyond, 31);
    assert.deepEqual(new History().answer('n2', { first: 1, last: 1 }, 0), { resend: [], naks: [], beyond: 1 });
  });

  it('judges acks', () => {
    const history = sent(30);
    assert.deepEqual(
      [31, 9, 9, 8, 19].map((sequence) => history.ack('n2', sequence)),
      ['beyond', 'taken', 'stale', 'stale', 'taken'],
    );
    assert.equal(history.ackedBy('n2'), 19);
    assert.equal(history.ackedBy('n9'), 0);
  });

  it('counts what is outstanding among the living', () => {
    const history = sent(400);
    assert.equal(history.outstanding([]), 0);
    assert.equal(history.outstanding(['n2']), 400);
    history.ack('n2', 390);
    assert.equal(history.outstanding(['n2']), 10);
    assert.equal(history.outstanding(['n2', 'n3']), 400);
    history.peerReturned('n3');
    assert.equal(history.outstanding(['n3']), 0);
    assert.equal(history.outstanding(['n2', 'n3']), 10);
    history.ack('n3', 5);
    assert.equal(history.outstanding(['n3']), 0);
  });
});

describe('both ends over a bad line', () => {
  it('every message arrives once, acks never promise too much, and all is acknowledged in the end', () => {
    const scenario = fc.record({
      seed: fc.nat(),
      loss: fc.integer({ min: 0, max: 60 }),
      links: fc.integer({ min: 1, max: 2 }),
      count: fc.integer({ min: 20, max: 300 }),
    });
    fc.assert(
      fc.property(scenario, ({ seed, loss, links, count }) => {
        const random = seededRandom(seed);
        let clear = false;
        const lost = () => !clear && random.below(100) < loss;
        const history = new History();
        const receiver = new SequenceTracker(random, 250);
        const delivered = new Set<number>();
        let air: { at: number; sequence: number }[] = [];
        let begin: number | undefined;
        const transmit = (sequence: number, at: number) => {
          for (let link = 0; link < links; link += 1) if (!lost()) air.push({ at: at + random.below(30), sequence });
        };
        const acknowledge = (ack: number | undefined) => {
          if (ack === undefined || begin === undefined) return;
          for (let sequence = begin; sequence <= ack; sequence += 1) assert.ok(delivered.has(sequence), `ack ${ack} without ${sequence}`);
          if (!lost()) assert.notEqual(history.ack('n2', ack), 'beyond');
        };
        // Twenty quiet seconds with heartbeats over a good line follow, in which everything is repaired.
        const busyUntil = count * 10;
        for (let at = 0; at < busyUntil + 20_000; at += 10) {
          clear = at >= busyUntil;
          if (!clear || (at % 200 === 0 && at < busyUntil + 19_000)) {
            const sequence = history.next;
            history.record(Message.of(['t', 'filler'], ['seq', String(sequence)]));
            transmit(sequence, at);
          }
          const now = air.filter((packet) => packet.at <= at);
          air = air.filter((packet) => packet.at > at);
          for (const { sequence } of now) {
            begin ??= sequence;
            const arrival = receiver.accept(sequence, at);
            if (arrival.verdict === 'deliver' || arrival.verdict === 'gapOpened' || arrival.verdict === 'gapFilled') {
              assert.ok(!delivered.has(sequence), `${sequence} twice`);
              delivered.add(sequence);
            } else assert.notEqual(arrival.verdict, 'reset');
            acknowledge(arrival.ack);
          }
          for (const wanted of receiver.due(at)) {
            if (lost()) continue;
            const { resend, naks } = history.answer('n2', wanted, at);
            assert.deepEqual(naks, []);
            for (const message of resend) transmit(Number(message.get('seq')), at);
          }
        }
        assert.equal(receiver.missingCount, 0);
        assert.equal(delivered.size, history.highest - (begin ?? 1) + 1);
        assert.ok(history.outstanding(['n2']) < 20, String(history.outstanding(['n2'])));
      }),
      { numRuns: 40 },
    );
  });
});
