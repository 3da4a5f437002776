import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allPairs, cover, pairsOf } from './cover.ts';
import { base, configurationName, type Dimension, dimensions, pairingNames } from './dimensions.ts';
import { events, stepsFor } from './events.ts';
import { AWAY, afterStandby, afterTakeover, HOME, moves, placementOf } from './moves.ts';
import { choose, covering, scenarios, singles } from './scenarios.ts';

describe('the covering array', () => {
  it('meets every pair of values of two dimensions', () => {
    const met = new Set(covering().flatMap((row) => pairsOf(row, Object.keys(dimensions))));
    assert.deepEqual(
      [...allPairs(dimensions)].filter((pair) => !met.has(pair)),
      [],
    );
    assert.equal(met.size, allPairs(dimensions).size, 'and no value that does not exist');
  });

  it('counts pairs rightly', () => {
    assert.deepEqual([...allPairs({ a: ['1', '2'], b: ['x'], c: ['p'] })], ['a=1 b=x', 'a=2 b=x', 'a=1 c=p', 'a=2 c=p', 'b=x c=p']);
    assert.deepEqual(cover({ a: ['1', '2'], b: ['x'] }), [
      { a: '1', b: 'x' },
      { a: '2', b: 'x' },
    ]);
  });

  it('is small and the same each time', () => {
    assert.deepEqual(covering(), covering());
    // The two largest dimensions alone need 12 rows; all combinations would be 432.
    assert.ok(covering().length >= 12 && covering().length <= 16, `${covering().length} rows`);
  });
});

describe('the list of scenarios', () => {
  const all = scenarios();
  const names = new Set(all.map(({ name }) => name));

  it('has every event in each pairing on the base configuration', () => {
    for (const { name } of events)
      for (const pairing of pairingNames) assert.ok(names.has(`${name}@base/${pairing}`), `${name} ${pairing}`);
  });

  it('has every value of each dimension in each pairing with the walk', () => {
    for (const dimension of Object.keys(dimensions) as Dimension[]) {
      for (const value of dimensions[dimension]) {
        const word = value === base[dimension] ? 'base' : `${dimension}=${value}`;
        for (const pairing of pairingNames) assert.ok(names.has(`walk@${word}/${pairing}`), `${word} ${pairing}`);
      }
    }
    assert.equal(singles().length, 12);
  });

  it('has every row of the covering array in each pairing, and nothing twice', () => {
    for (const row of covering()) {
      for (const pairing of pairingNames) assert.ok(names.has(`walk@${configurationName(row)}/${pairing}`), configurationName(row));
    }
    assert.equal(names.size, all.length);
    assert.deepEqual(scenarios(), all);
  });

  it('has a core set of mixed pairs only, of at most eight minutes two at a time', () => {
    const core = choose(all, { full: false, only: [] });
    assert.ok(core.length >= 8 && core.every(({ pairing }) => pairing !== 'reference'));
    const seconds = core.reduce((sum, { event }) => sum + event.seconds, 0) / 2;
    assert.ok(seconds <= 480, `${seconds} s`);
    assert.equal(choose(all, { full: true, only: [] }).length, all.length - 3, 'all but the long ones');
    assert.deepEqual(
      choose(all, { full: false, only: ['cut-all@base/ours'] }).map(({ name }) => name),
      ['cut-all@base/ours-first'],
    );
  });

  it('keeps the long ones for those who name them', () => {
    const long = all.filter(({ event }) => event.long === true);
    assert.equal(long.length, 3);
    assert.ok(!choose(all, { full: true, only: [] }).some(({ event }) => event.long === true));
    assert.ok(!choose(all, { full: false, only: ['/ours-first'] }).some(({ event }) => event.long === true));
    assert.equal(choose(all, { full: false, only: ['loss-hour@base'] }).length, 3);
  });

  it('leaves standby and takeover out where 3.0.6 refuses or loses them, and knows where a return ends', () => {
    const [walk] = events;
    assert.ok(walk);
    const words = (failback: 'on' | 'off' | 'legacy', msgfmt: 'classic' | 'netstring' = 'classic') =>
      stepsFor(walk, { failback, msgfmt }).map((step) => `${step.act.do} ${step.after}`);
    assert.ok(!words('legacy').some((word) => /^(standby|takeover)/.test(word)));
    assert.ok(!words('on', 'netstring').some((word) => /^(standby|takeover)/.test(word)));
    assert.equal(words('off')[4], 'start second');
    assert.equal(words('on')[4], 'start home');
    assert.deepEqual(words('off', 'netstring').slice(-2), ['power-off second', 'start second']);
    for (const event of events) assert.ok(stepsFor(event, base).length > 0, event.name);
  });
});

describe('moves', () => {
  it('know what each word hands over', () => {
    assert.deepEqual(afterStandby(HOME, 'first', 'all'), ['second', 'second']);
    assert.deepEqual(afterStandby(HOME, 'first', 'foreign'), HOME);
    assert.deepEqual(afterStandby(AWAY, 'second', 'local'), ['second', 'first']);
    assert.deepEqual(afterStandby(AWAY, 'second', 'failback'), HOME);
    assert.deepEqual(afterTakeover(AWAY, 'first', 'local'), HOME);
    assert.equal(afterTakeover(HOME, 'first', 'failback'), undefined);
    assert.equal(placementOf(['second', 'first']), 'swapped');
  });

  it('are all there: both tools, both nodes, every word, from both places', () => {
    const rows = moves();
    assert.equal(rows.length, 8);
    for (const { steps } of rows) {
      for (const what of ['all', 'local', 'foreign', 'failback']) {
        assert.ok(
          steps.some(({ act }) => 'what' in act && act.what === what),
          what,
        );
      }
    }
  });
});
