import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { base } from './dimensions.ts';
import { type Event, type PlannedStep, stepsFor } from './events.ts';
import { differences, type Reference, type Run, record } from './reference.ts';

const event: Event = {
  name: 'x',
  seconds: 1,
  steps: [
    { act: { do: 'silence', ms: 2000 }, after: 'home' },
    { act: { do: 'heal' }, after: 'home', allows: 'any', mixedGapMaxMs: 1500 },
  ],
};
const plan: readonly PlannedStep[] = stepsFor(event, base);
const end = 'a: first';
const step = (title: string, more: Partial<Run['steps'][number]> = {}) => ({
  title,
  ms: 1,
  gapMs: 0,
  twiceMs: 0,
  end,
  words: 'local/local',
  seen: '',
  ...more,
});
const run = (more: Partial<Run> = {}, last: Partial<Run['steps'][number]> = {}): Run => ({
  steps: [step('start both'), step('silence 2000 ms'), step('heal', last)],
  peak: 10,
  deaths: 0,
  severe: { original: ['CRIT: a'], ours: [] },
  ...more,
});
const theirs: Reference = record(undefined, run({}, { gapMs: 20_000, twiceMs: 2500 }));
const found = (one: Run, steps = plan, known: Reference | undefined = theirs) =>
  differences(one, steps, known).map(({ kind, text }) => `${kind}: ${text}`);

describe('a mixed pair beside two 3.0.6', () => {
  it('is equal when it does the same, and may always be better', () => {
    assert.deepEqual(found(run({}, { gapMs: 0, twiceMs: 100 })), []);
    assert.deepEqual(found(run({ peak: 1, severe: { original: [], ours: [] } })), []);
  });

  it('may be without a service no longer, and never longer than it is told', () => {
    assert.match(found(run({}, { gapMs: 1600 })).join(), /^gap: nobody served for 1600 ms, at most 1500/);
    const silent = run({ steps: [step('start both'), step('silence 2000 ms', { gapMs: 800 })] });
    assert.match(found(silent).join(), /^gap: nobody served for 800 ms, at most 700/);
  });

  it('holds nothing twice for longer, but where the cut itself does it', () => {
    assert.match(found(run({}, { twiceMs: 4300 })).join(), /^twice: held twice for 4300 ms, by two 3\.0\.6 for 2500/);
    const cut = plan.map((each) => ({ ...each, allows: 'split' as const }));
    assert.deepEqual(found(run({}, { twiceMs: 4300 }), cut), []);
  });

  it('says the same to cl_status, and ends where they end', () => {
    assert.match(found(run({}, { words: 'all/none' })).join(), /^words: all\/none; with two 3\.0\.6 local\/local/);
    const open = plan.map((each) => ({ ...each, after: 'open' as const }));
    assert.match(found(run({}, { end: 'a: nobody' }), open).join(), /^end: a: nobody; with two 3\.0\.6 a: first/);
  });

  it('makes neither complain of what they would not complain of', () => {
    assert.deepEqual(found(run({ severe: { original: ['CRIT: a', 'ERROR: b'], ours: ['CRIT: c'] } })), [
      'severe: original: ERROR: b',
      'severe: ours: CRIT: c',
    ]);
  });

  it('does not talk much more, and counts nobody dead who lives', () => {
    assert.match(found(run({ peak: 51 })).join(), /^packets: a node sent 51/);
    assert.deepEqual(found(run({ deaths: 1 })), [], 'after a heal 3.0.6 itself counts the living as dead');
    assert.match(found(run({ deaths: 1 }), plan.slice(0, 2)).join(), /^deaths: 1 deaths/);
  });

  it('is nothing without a recorded run of the same steps', () => {
    assert.match(
      found(run(), plan, { ...theirs, steps: [{ ...theirs.steps[0], title: 'other' } as Reference['steps'][number]] }).join(),
      /^missing/,
    );
    assert.match(
      differences(run(), plan, undefined)
        .map(({ kind }) => kind)
        .join(),
      /^missing$/,
    );
  });
});

it('runs of two 3.0.6 add up, and new steps begin anew', () => {
  const both = record(theirs, run({ peak: 40, deaths: 2, severe: { original: ['CRIT: b'], ours: [] } }, { gapMs: 5, words: 'all/none' }));
  assert.equal(both.runs, 2);
  assert.deepEqual([both.peak, both.deaths, both.severe], [40, 2, ['CRIT: a', 'CRIT: b']]);
  assert.deepEqual(both.steps[2], {
    title: 'heal',
    gapMs: 20_000,
    twiceMs: 2500,
    ends: [end],
    words: ['all/none', 'local/local'],
    seen: [''],
  });
  assert.equal(record(both, run({ steps: [step('start both'), step('wait')] })).runs, 1);
  // A run that ended early takes nothing away.
  assert.equal(record(both, run({ steps: [step('start both')] })).steps.length, 3);
});
