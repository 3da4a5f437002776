import type { SimCluster, Standstill } from '../cluster.ts';
import { type Faults, span, undoLater } from './fault.ts';

/** For a moment or for several deadtimes; what was sent meanwhile waits in the sockets, or is lost. */
function standstill(cluster: SimCluster, node: string, kind: Standstill): boolean {
  if (!cluster.freeze(node, kind)) return false;
  const keepFrames = cluster.random.below(2) === 0;
  undoLater(cluster, span(cluster, 100, 4 * cluster.deadtimeMs), () => cluster.thaw(node, keepFrames));
  return true;
}

/** What happens to the time of a node: it gets none for a while, or its clocks show something else. */
export const CLOCK_FAULTS: Faults = {
  freeze: (cluster, node) => standstill(cluster, node, 'process'),
  suspend: (cluster, node) => standstill(cluster, node, 'suspend'),
  pause: (cluster, node) => standstill(cluster, node, 'nothing'),
  pauseAndSetClock: (cluster, node) => standstill(cluster, node, 'wall'),
  stepClock: (cluster, node) => {
    const ms = (cluster.random.below(2) === 0 ? -1 : 1) * Math.round(span(cluster, 1, 1e8));
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
