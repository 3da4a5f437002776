import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Played } from '../engine/support.ts';
import { believable } from './attack-packets.ts';
import { harmlessText } from './fifo-text.ts';
import { Grid } from './grid.ts';
import { growthPerTenMinutes } from './slope.ts';

test('growth is the slope after warming up, and nothing where there is too little to tell', () => {
  const samples = Array.from({ length: 200 }, (_, at) => ({
    seconds: 5 * at,
    bytes: at < 40 ? at * 1e6 : 40e6 + (at % 2) * 1e5 + at * 100,
  }));
  const growth = growthPerTenMinutes(samples, 200);
  assert.ok(growth !== undefined && Math.abs(growth - 12_000) < 3000, String(growth));
  assert.ok((growthPerTenMinutes(samples, 0) ?? 0) > 5e6);
  assert.equal(growthPerTenMinutes(samples.slice(0, 11), 0), undefined);
  assert.equal(growthPerTenMinutes(samples, 990), undefined);
});

test('the grid sees a late heartbeat, and takes one that is sent again for none', () => {
  const grid = new Grid(500);
  const packet = (ms: number, type: string, seq: number): void => {
    grid.line(`${(1000 + ms / 1000).toFixed(6)} IP 10.66.0.1.694 > 10.66.0.255.694: UDP, length 200`);
    grid.line('E...####');
    grid.line(`${type.length + 5}:(0)t=${type},9:(0)seq=${seq.toString(16)},%%%`);
  };
  for (const [ms, seq] of [
    [0, 1],
    [500, 2],
    [1003, 3],
  ] as const)
    packet(ms, 'status', seq);
  assert.deepEqual([grid.figures.beats, Math.round(grid.figures.latestMs)], [3, 3]);
  packet(1500, 'status', 2);
  packet(1600, 'resource', 4);
  packet(1903, 'status', 5);
  assert.deepEqual([grid.figures.beats, Math.round(grid.figures.latestMs)], [4, 400]);
});

test('an attacker leaves out what a daemon would rightly believe', () => {
  assert.equal(believable(new Played('n1', 1_795_000_000).status('active')), true);
  assert.equal(believable(new Played('N2', 1_795_000_000).status('active')), true);
  assert.equal(believable(new Played('n1', 500).status('active')), false);
  assert.equal(believable(new Played('n3', 1_795_000_000).status('active')), false);
  assert.equal(harmlessText('t=ask_resources\nt=nodestatus\nt=status'), 't=xsk_resources\nt=nodestatus\nt=xtatus');
});
