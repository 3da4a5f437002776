/**
 * A node dies in the middle of a handover, right after a word of it has left, or before it arrives: after the request, after
 * the reply, after the release has begun, after the giver's `done`, before the taker's. The other one ends with everything, a
 * deadtime and a takeover later, and the dead one finds back into the cluster when it starts again.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAKES, otherOf, pair, SEEDS, scriptsMs, slow, story, untilSettled, well } from './awkward.ts';
import { NODES, type SimCluster } from './cluster.ts';
import { fieldOf } from './network.ts';

/** By the word after which it happens: of the giver A or the taker B (wire-protocol 7.4). */
const PHASES = {
  'after the request': { from: 'giver', type: 'ask_resources', info: 'me' },
  'after the reply': { from: 'taker', type: 'ask_resources', info: 'other' },
  'while the giver releases': { from: 'giver', type: 'resource', info: 'standby' },
  'after the release': { from: 'giver', type: 'ask_resources', info: 'done' },
  'before the end is told': { from: 'taker', type: 'ask_resources', info: 'done' },
} as const;

const SETS = ['all', 'local'] as const;
/** A script under way, then all stops and all starts with their status before. */
const SCRIPTS = 24;

/** The death, a takeover; a 3.0.6 node looks twice a second. */
const takeoverMs = (at: SimCluster) => at.deadtimeMs + 3000 + scriptsMs(at, SCRIPTS);
/** The start of the dead one and a failback; 3.0.6 waits 10 s in each start, and lets a request run out as long. */
const returnMs = (at: SimCluster) => 5000 + at.deadtimeMs + scriptsMs(at, SCRIPTS) + (at.legacyNodes.size > 0 ? 30_000 : 0);
/** What a 3.0.6 node has given away to nobody is taken so much later. */
const ORPHANED_MS = 35_000;

type Way = 'power-off' | 'kill';

/** How long after the word has left: the word is lost with its sender, has just arrived, or has been acted on. */
const AFTER_MS = [0, 0.3, 40] as const;

/** Arms the death; answers whether it has happened. */
function arm(at: SimCluster, giver: string, phase: (typeof PHASES)[keyof typeof PHASES], victim: string, way: Way, afterMs: number) {
  const speaker = phase.from === 'giver' ? giver : otherOf(giver);
  const armed = { happened: false };
  at.network.watchers.push((from, packet) => {
    if (armed.happened || from !== speaker || fieldOf(packet, 't') !== phase.type || fieldOf(packet, 'info') !== phase.info) return;
    armed.happened = true;
    at.timeline.after(afterMs, () => (way === 'kill' ? at.kill(victim) : at.powerOff(victim)));
  });
  return armed;
}

for (const [makes, legacy] of MAKES) {
  describe(`a death in a handover, ${makes}`, () => {
    for (const [when, phase] of Object.entries(PHASES)) {
      for (const role of ['giver', 'taker'] as const) {
        for (const way of ['power-off', 'kill'] as const) {
          it(`of the ${role}, by ${way}, ${when}`, () => {
            for (const seed of SEEDS) {
              for (const giver of NODES) {
                for (const afterMs of AFTER_MS) {
                  const victim = role === 'giver' ? giver : otherOf(giver);
                  // Killed with services running a 3.0.6 node never finds out that the other has them, too (scenarios 1).
                  if (way === 'kill' && legacy.some((name) => name === victim)) continue;
                  const at = pair({ seed, legacy, failback: seed % 2 === 0 ? 'off' : 'on' });
                  const survivor = otherOf(victim);
                  slow(at, seed === 3 ? 1500 : 20);
                  const armed = arm(at, giver, phase, victim, way, afterMs);
                  at.standby(giver, SETS[at.random.below(2)] ?? 'all');
                  at.run(2000 + scriptsMs(at, SCRIPTS));
                  assert.ok(armed.happened, `the moment did not come\n${story(at)}`);
                  if (seed === 2) {
                    // Back before its death is noticed, or soon after.
                    at.start(victim);
                    const unseen = at.legacyNodes.has(survivor);
                    untilSettled(at, returnMs(at) + takeoverMs(at) + (unseen ? ORPHANED_MS : 0), `${victim} back at once`, unseen);
                    if (!unseen) {
                      well(at);
                      continue;
                    }
                    // A 3.0.6 node waits an hour for the rest of a handover, unless the other one dies: a new life is no
                    // death to it. Everything is served meanwhile, and a death that it notices is the end of it.
                    assert.deepEqual(at.violations, [], story(at));
                    at.powerOff(victim);
                  }
                  untilSettled(at, takeoverMs(at), `${survivor} alone`);
                  for (const { key } of at.groups) assert.ok(at.holders(key).includes(survivor), story(at));
                  at.run(at.random.below(10_000));
                  at.start(victim);
                  untilSettled(at, returnMs(at), `${victim} back`);
                  well(at);
                }
              }
            }
          });
        }
      }
    }
  });
}
