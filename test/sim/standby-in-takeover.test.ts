/**
 * A standby asked while a takeover is under way: after a death, after a leave, or on request; on the node that takes over, and
 * on the one that comes back meanwhile. It is refused or carried out, never half of it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAKES, otherOf, pair, SEEDS, scriptsMs, slow, story, untilSettled, well } from './awkward.ts';
import { NODES, type SimCluster } from './cluster.ts';

const SETS = ['all', 'local', 'foreign'] as const;
const MOMENTS_MS = [0, 1, 60, 300, 900, 2500] as const;
/** The takeover, a handover, and a failback: each up to four stops and four starts with their status before. */
const SCRIPTS = 36;

/** A 3.0.6 node that comes back waits 10 s before it has its groups, and lets what is not answered run out as long. */
function boundMs(at: SimCluster): number {
  return 10_000 + at.deadtimeMs + (at.legacyNodes.size > 0 ? 30_000 : 3000) + scriptsMs(at, SCRIPTS);
}

const GONE = {
  'a death': (at: SimCluster, name: string) => {
    at.powerOff(name);
    at.run(at.deadtimeMs);
  },
  'a kill': (at: SimCluster, name: string) => {
    at.kill(name);
    at.run(at.deadtimeMs);
  },
  'a leave': (at: SimCluster, name: string) => {
    at.stop(name);
    while (at.host(name).running.size > 0) at.run(20);
  },
} as const;

for (const [makes, legacy] of MAKES) {
  for (const [what, go] of Object.entries(GONE)) {
    describe(`a standby during the takeover after ${what}, ${makes}`, () => {
      for (const back of ['stays away', 'comes back meanwhile'] as const) {
        it(`the other node ${back}`, () => {
          for (const seed of SEEDS) {
            for (const gone of NODES) {
              // Killed with its services running it never finds out that somebody else has them, too (scenarios 1).
              if (what === 'a kill' && legacy.some((name) => name === gone)) continue;
              for (const moment of MOMENTS_MS) {
                const at = pair({ seed, legacy, failback: seed % 2 === 0 ? 'off' : 'on' });
                const left = otherOf(gone);
                slow(at, 1500);
                go(at, gone);
                // The takeover begins within half a second of this.
                at.run(at.legacyNodes.has(left) ? 500 : 50);
                at.run(moment);
                const set = SETS[at.random.below(3)] ?? 'all';
                const refusal = at.standby(left, set);
                if (at.legacy(left) === undefined) assert.notEqual(refusal, undefined, `nobody is there to take it\n${story(at)}`);
                at.run(moment);
                if (back === 'comes back meanwhile') {
                  at.start(gone);
                  for (let asked = 0; asked < 4; asked += 1) {
                    at.run(200 + at.random.below(1500));
                    at.standby(asked % 2 === 0 ? left : gone, SETS[at.random.below(3)] ?? 'all');
                  }
                }
                untilSettled(at, boundMs(at), `${gone} gone by ${what}, ${set} asked ${moment} ms later`);
                if (what === 'a kill' && back === 'stays away') {
                  // Its services run on until its next start.
                  at.start(gone);
                  untilSettled(at, boundMs(at), `${gone} starts after all`);
                }
                well(at);
              }
            }
          }
        });
      }
    });
  }

  describe(`a standby during a takeover that was asked for, ${makes}`, () => {
    it('on either node, at any moment of it', () => {
      for (const seed of SEEDS) {
        for (const asker of NODES) {
          for (const moment of [0.1, 0.5, ...MOMENTS_MS, 4000]) {
            if (legacy.some((name) => name === asker)) continue;
            const at = pair({ seed, legacy, failback: seed % 2 === 0 ? 'off' : 'on' });
            slow(at, 1500);
            const set = SETS[at.random.below(3)] ?? 'all';
            at.command(asker, { name: 'takeover', set });
            at.run(moment);
            at.standby(at.random.below(2) === 0 ? asker : otherOf(asker), SETS[at.random.below(3)] ?? 'all');
            untilSettled(at, boundMs(at), `${asker} takes ${set}, a standby ${moment} ms later`);
            well(at);
          }
        }
      }
    });
  });
}
