/**
 * Two standbys at once: both nodes ask, with any sets, both for takeovers, or one node twice. One is carried out or none, and
 * everything is settled again in bounded time, on one node each.
 */
import { describe, it } from 'node:test';
import { MAKES, pair, SEEDS, scriptsMs, slow, untilSettled, well } from './awkward.ts';
import { NODES, type SimCluster } from './cluster.ts';
import { CALM } from './network.ts';

const SETS = ['all', 'local', 'foreign'] as const;
/** Between the two requests: in the same instant, while the first travels, is answered, is under way. */
const APART_MS = [0, 0.1, 0.3, 1, 5, 40, 200, 1200] as const;
/** A handover is two sets stopped and started, once each; the loser of two may ask again by failback. */
const SCRIPTS = 16;

/** Two of ours agree at once; a 3.0.6 node looks up twice a second, and lets a request without answer run out in 10 s. */
function boundMs(at: SimCluster, more = 0): number {
  return (at.legacyNodes.size > 0 ? 26_000 : 3000) + more + scriptsMs(at, SCRIPTS);
}

type Ask = (at: SimCluster, name: string, set: (typeof SETS)[number]) => void;

const standby: Ask = (at, name, set) => void at.standby(name, set);
const takeover: Ask = (at, name, set) => {
  // A 3.0.6 node: what its command puts into the FIFO.
  if (at.legacy(name) === undefined) at.command(name, { name: 'takeover', set });
};

for (const [makes, legacy] of MAKES) {
  describe(`two standbys at once, ${makes}`, () => {
    for (const [what, one, two] of [
      ['two standbys', standby, standby],
      ['a standby and a takeover', standby, takeover],
      ['two takeovers', takeover, takeover],
    ] as const) {
      it(`${what}, from both nodes, all sets`, () => {
        for (const seed of SEEDS) {
          for (const apart of APART_MS) {
            for (const first of SETS) {
              const at = pair({ seed, legacy, failback: seed % 2 === 0 ? 'off' : 'on' });
              const second = SETS[at.random.below(3)] ?? 'all';
              const order = at.random.below(2) === 0 ? (['n1', 'n2'] as const) : (['n2', 'n1'] as const);
              slow(at, seed === 3 ? 1500 : 20);
              one(at, order[0], first);
              at.run(apart);
              two(at, order[1], second);
              untilSettled(at, boundMs(at), `${order[0]} ${first}, ${order[1]} ${second} ${apart} ms later`);
              well(at);
            }
          }
        }
      });
    }

    it('one node asks twice, and the other one in between', () => {
      for (const seed of SEEDS) {
        for (const apart of APART_MS) {
          for (const name of NODES) {
            const at = pair({ seed, legacy });
            const other = name === 'n1' ? 'n2' : 'n1';
            standby(at, name, SETS[seed % 3] ?? 'all');
            at.run(apart);
            standby(at, other, 'all');
            standby(at, name, 'all');
            untilSettled(at, boundMs(at), `${name} twice, ${apart} ms apart`);
            well(at);
          }
        }
      }
    });

    it('in bad weather, and one request lost altogether', () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        for (const lost of [undefined, 'n1', 'n2']) {
          const at = pair({ seed, legacy });
          at.network.weather = { ...CALM, loss: 150, duplicate: 50, delay: 200 };
          if (lost !== undefined) at.network.swallow.set(lost, 1);
          for (const name of NODES) standby(at, name, SETS[at.random.below(3)] ?? 'all');
          at.run(3000);
          at.network.weather = { ...CALM };
          // Of ours, too: a word that is lost for good is waited for as long as a reply.
          untilSettled(at, boundMs(at, 26_000), 'in bad weather');
          well(at);
        }
      }
    });
  });
}
