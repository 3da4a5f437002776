import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { type Arrival, SequenceTracker } from '../../src/protocol/sequence.ts';

/** Says the given numbers one after the other, then the last one for ever. The first becomes the trigger. */
function scripted(...numbers: number[]) {
  let at = 0;
  return { below: (limit: number) => Math.min(numbers[Math.min(at++, numbers.length - 1)] ?? 0, limit - 1) };
}

function tracker(trigger = 9, delay = 0): SequenceTracker {
  return new SequenceTracker(scripted(trigger, delay), 250);
}

/** `d`eliver, du`p`licate, `g`ap, `f`illed, `o`ld, `r`eset; `!` when none is missing; `^n` an ack. */
function play(on: SequenceTracker, ...sequences: number[]): string {
  const letter = { deliver: 'd', duplicate: 'p', gapOpened: 'g', gapFilled: 'f', oldDuplicate: 'o', reset: 'r' };
  const show = (arrival: Arrival) =>
    letter[arrival.verdict] + (arrival.noneMissing === true ? '!' : '') + (arrival.ack === undefined ? '' : `^${arrival.ack}`);
  return sequences.map((sequence) => show(on.accept(sequence, 0))).join(' ');
}

describe('verdicts', () => {
  const table: readonly (readonly [string, readonly number[], string])[] = [
    ['in order', [1, 2, 3], 'd d d'],
    ['the first may be any number', [25, 26], 'd d'],
    ['the newest again, as over a second link', [1, 1, 2, 2, 2], 'd p d p p'],
    ['an older one again', [1, 2, 1], 'd d o'],
    ['lower than the first', [25, 24, 1], 'd o o'],
    ['two in the wrong order', [1, 3, 2, 4], 'd g f! d'],
    ['a gap filled in any order, copies dropped', [1, 5, 4, 4, 2, 3, 3, 6], 'd g f o f f! o d'],
    ['gaps on gaps', [1, 3, 5, 4, 2], 'd g g f f!'],
    ['a gap of 250 is asked for', [1, 252, 2], 'd g f'],
    ['a gap of 251 is not', [1, 253, 2, 254], 'd r o d'],
    ['acks at the trigger only', [8, 9, 10, 18, 19], 'd d^9 d g d'],
    ['an ack as first', [9], 'd^9'],
    ['nothing before the first is acknowledged', [12, 13], 'd d'],
    ['no ack while something older is missing', [7, 9, 10, 19], 'd g d g'],
    ['the ack comes with the filling of the lowest', [7, 9, 10, 8], 'd g d f!^9'],
    ['filling another one brings none', [7, 9, 12, 11, 10, 8], 'd g g f f f!^9'],
    ['the highest complete trigger', [7, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 22, 8, 12], 'd g d d g d d d d d d d g f^9 f^19'],
    ['an ack after a reset covers only what came since', [1, 300, 308, 309], 'd r g d'],
  ];
  for (const [name, sequences, expected] of table) it(name, () => assert.equal(play(tracker(), ...sequences), expected));

  it('facts for the notes', () => {
    const on = tracker();
    on.accept(4, 0);
    assert.deepEqual(on.accept(9, 0), { verdict: 'gapOpened', lost: { count: 4, last: 4 } });
    assert.deepEqual(on.accept(900, 0).lost, { count: 890, last: 9 });
    assert.equal(on.last, 900);
    assert.equal(on.missingCount, 0);
  });

  it('a restart forgets everything', () => {
    const on = tracker();
    assert.equal(play(on, 1, 5, 9), 'd g g');
    on.restart();
    assert.equal(on.missingCount, 0);
    assert.equal(on.nextDue(), undefined);
    assert.equal(play(on, 1, 2, 4, 3, 8, 9), 'd d g f! g d');
  });

  it('never more than 500 missing', () => {
    const on = tracker();
    assert.equal(play(on, 1, 252, 503), 'd g g');
    assert.equal(on.missingCount, 500);
    assert.equal(play(on, 504, 506), 'd r');
    assert.equal(on.missingCount, 0);
  });

  it('a refusal ends the waiting and may complete an ack', () => {
    const on = tracker();
    play(on, 7, 9, 10);
    assert.deepEqual(on.lostForGood(5), { wasMissing: false, noneMissing: false });
    assert.deepEqual(on.lostForGood(8), { wasMissing: true, noneMissing: true, ack: 9 });
    assert.equal(on.nextDue(), undefined);
    assert.equal(play(on, 8, 11), 'o d');
  });

  it('the trigger is a digit', () => {
    const random = seededRandom(7);
    const seen = new Set(Array.from({ length: 200 }, () => new SequenceTracker(random, 250).trigger));
    assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('requests', () => {
  it('wait 50 to 250 ms, then repeat each 250 ms while missing', () => {
    for (const [delay, dueAt] of [
      [0, 1050],
      [100, 1150],
      [9999, 1250],
    ] as const) {
      const on = tracker(9, delay);
      on.accept(1, 0);
      on.accept(5, 1000);
      assert.equal(on.nextDue(), dueAt);
      assert.deepEqual(on.due(dueAt - 1), []);
      assert.deepEqual(on.due(dueAt), [{ first: 2, last: 4 }]);
      assert.deepEqual(on.due(dueAt + 249), []);
      on.accept(3, dueAt + 249);
      assert.deepEqual(on.due(dueAt + 250), [
        { first: 2, last: 2 },
        { first: 4, last: 4 },
      ]);
      assert.equal(on.nextDue(), dueAt + 500);
      on.accept(2, dueAt + 300);
      on.accept(4, dueAt + 300);
      assert.equal(on.nextDue(), undefined);
    }
  });

  it('follow max_rexmit_delay; a short one has no lower bound', () => {
    const first = (most: number, random: number) => {
      const on = new SequenceTracker(scripted(0, random), most);
      on.accept(1, 0);
      on.accept(3, 0);
      return on.nextDue();
    };
    assert.deepEqual([first(100, 0), first(100, 9999), first(99, 0), first(99, 9999), first(0, 0)], [50, 100, 0, 99, 0]);
  });

  it('an overtaken message is not asked for', () => {
    const on = tracker();
    play(on, 1, 3, 2);
    assert.deepEqual(on.due(1e6), []);
  });

  it('come in small ranges, and only so many in one turn', () => {
    const on = tracker();
    play(on, 1, 252);
    const ranges = on.due(1000);
    assert.equal(ranges.length, 10);
    assert.deepEqual(ranges[0], { first: 2, last: 26 });
    assert.deepEqual(ranges.at(-1), { first: 227, last: 251 });

    const odd = tracker();
    odd.accept(1, 0);
    for (let sequence = 3; sequence <= 601; sequence += 2) odd.accept(sequence, 0);
    assert.equal(odd.missingCount, 300);
    const asked = new Set<number>();
    for (let at = 1000; at < 1240; at += 20) {
      const turn = odd.due(at);
      assert.ok(turn.length <= 25);
      assert.ok((odd.nextDue() ?? 0) > at, 'nothing is left due in the past');
      for (const { first } of turn) asked.add(first);
    }
    assert.equal(asked.size, 300);
  });

  it('slow down when nobody answers for ten seconds, and never end', () => {
    const on = tracker();
    play(on, 1, 3);
    let asked = 0;
    let at = 0;
    for (let next = on.nextDue(); next !== undefined && next < 60_000; next = on.nextDue()) {
      at = next;
      asked += on.due(at).length;
    }
    assert.ok(at > 50_000);
    assert.ok(asked > 60 && asked < 80, String(asked));
  });
});
