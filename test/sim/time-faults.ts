import type { Faults } from './campaign.ts';

/** What happens to the time of a node. A `thaw` ends each standstill. */
export const TIME_FAULTS: Faults = {
  freezeAgain: (cluster, node) => cluster.freeze(node, 'process'),
  suspend: (cluster, node) => cluster.freeze(node, 'suspend'),
  pause: (cluster, node) => cluster.freeze(node, 'nothing'),
  pauseAndSetClock: (cluster, node) => cluster.freeze(node, 'wall'),
  stepClock: (cluster, node) => {
    const ms = (cluster.random.below(2) === 0 ? -1 : 1) * cluster.random.below(60_000);
    cluster.log(node, `--- wall clock set by ${ms} ms`);
    cluster.host(node).hands.stepWall(ms);
  },
  // More than any clock that is worth the name: a second in a minute and a half.
  drift: (cluster, node) => {
    const rate = 0.99 + cluster.random.below(21) / 1000;
    cluster.log(node, `--- clock goes at ${rate}`);
    cluster.host(node).hands.drift(cluster.timeline.now, rate);
  },
};
