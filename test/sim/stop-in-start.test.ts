/**
 * A stop asked during start-up, at any moment of it. It ends: with what a script under way still takes, all stops, and the
 * time that the last word gets to arrive. The other node, if there is one, is settled a deadtime and its own start later.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clean, made, otherOf, SEEDS, scriptsMs, slow, untilEnded, untilSettled, well } from './awkward.ts';
import { NODES, type SimCluster } from './cluster.ts';

/** The start of four resources may be under way as a whole set, then four stops, and one stop of what the other has. */
const SCRIPTS = 16;
/** A word of the peer that is waited for in a handshake, and 2 s for the last word of all. */
const END_MS = 4000;
/** What a node alone waits for before it counts the other out, and a 3.0.6 node for its start. */
const settleMs = (at: SimCluster) => 10_000 + at.deadtimeMs + 4000 + scriptsMs(at, SCRIPTS) + (at.legacyNodes.size > 0 ? 12_000 : 0);

const MOMENTS_MS = [0, 1, 3, 50, 300, 900, 1000, 1500, 2200, 3000, 5000, 9_990, 10_010, 10_500, 12_000] as const;

type Company = 'alone' | 'the other runs' | 'both start' | 'the other starts meanwhile' | 'the other runs the services';

function prepare(at: SimCluster, name: string, company: Company): void {
  const other = otherOf(name);
  if (company === 'the other runs') {
    for (const one of NODES) at.start(one);
    at.run(25_000);
    at.stop(name);
    at.run(at.legacyNodes.size > 0 ? 12_000 : 4000);
  } else if (company === 'the other runs the services') {
    at.start(other);
    at.run(25_000);
  } else if (company === 'both start') at.start(other);
}

describe('a stop asked during start-up', () => {
  for (const company of ['alone', 'the other runs', 'both start', 'the other starts meanwhile', 'the other runs the services'] as const) {
    for (const legacy of ['none', 'the other'] as const) {
      if (legacy === 'the other' && company === 'alone') continue;
      for (const spreadMs of [20, 1500]) {
        it(`${company}, ${legacy === 'none' ? 'both heartbeatd' : 'the other a 3.0.6 node'}, scripts of up to ${spreadMs} ms`, () => {
          for (const seed of SEEDS) {
            for (const moment of MOMENTS_MS) {
              const name = NODES[seed % 2] ?? 'n1';
              const other = otherOf(name);
              const at = made({ seed, failback: seed % 3 === 0 ? 'off' : 'on', legacy: legacy === 'none' ? [] : [other] });
              slow(at, spreadMs);
              prepare(at, name, company);
              at.start(name);
              at.run(moment);
              if (company === 'the other starts meanwhile') {
                at.start(other);
                at.run(at.random.below(1500));
              }
              at.stop(name);
              // Twice is once.
              if (seed % 2 === 0) at.stop(name);
              untilEnded(at, name, END_MS + scriptsMs(at, SCRIPTS));
              if (company === 'alone') continue;
              untilSettled(at, settleMs(at), `${other} after the stop at ${moment} ms`);
              for (const group of at.groups) assert.deepEqual(at.holders(group.key), [other]);
              at.start(name);
              untilSettled(at, settleMs(at), `the next start of ${name}`);
              well(at);
            }
          }
        });
      }
    }
  }

  it('and the node is started again before the other one knows what has happened', () => {
    for (const seed of SEEDS) {
      for (const moment of MOMENTS_MS) {
        const at = made({ seed });
        at.start('n2');
        at.run(15_000);
        at.start('n1');
        at.run(moment);
        at.stop('n1');
        untilEnded(at, 'n1', END_MS + scriptsMs(at, SCRIPTS));
        at.start('n1');
        untilSettled(at, settleMs(at), 'the second start');
        well(at);
      }
    }
  });

  it('both are asked: both end, nothing runs, and both come up again', () => {
    for (const legacy of [[], ['n2']]) {
      for (const seed of SEEDS) {
        for (const moment of MOMENTS_MS) {
          const at = made({ seed, legacy });
          for (const name of NODES) at.start(name);
          at.run(moment);
          for (const name of NODES) at.stop(name);
          // A 3.0.6 node waits until communication is up, and then until nobody's resources move (scenarios 2).
          untilEnded(at, 'n1', END_MS + scriptsMs(at, SCRIPTS));
          if (legacy.length > 0) continue;
          untilEnded(at, 'n2', END_MS + scriptsMs(at, SCRIPTS));
          clean(at);
          for (const name of NODES) at.start(name);
          untilSettled(at, settleMs(at), 'the start after it');
          well(at);
        }
      }
    }
  });
});
