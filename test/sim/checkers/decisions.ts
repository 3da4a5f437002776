import type { SimCluster } from '../cluster.ts';

/** Lines that say why something moves. What the scripts themselves do (`Acquiring resource group`) is no reason. */
const REASONS: ReadonlySet<string> = new Set([
  'commUp',
  'nodeStatus',
  'nodeDead',
  'partitionReturn',
  'shutdownNotice',
  'acquiringFrom',
  'takingOverGroup',
  'nobodyOwnsLocal',
  'nobodyOwnsForeign',
  'wantsStandby',
  'giveUpSet',
  'standbyAcquire',
  'acquireSet',
  'givingUpAll',
  'startFailure',
  'stopRetry',
  'scriptFailed',
  'activeAtStart',
  'groupsChanged',
  'groupRemoved',
  'groupNotOurs',
  'groupDoubled',
  'groupsAlike',
  'groupsDiffer',
  'doubledAtStart',
  'healRelease',
  'healKeep',
  'countedDead',
  'awayOver',
  'guardianReleases',
  'groupFailed',
  'groupComes',
  'groupReturns',
  'groupLent',
  'failureOver',
  'setHandedOn',
  'followsPeer',
  'bothOwnOurs',
  'bothOwnForeign',
  'localTransitionDone',
  'remoteTransitionDone',
]);
/** Between a reason and the first script that follows from it: the longest wait for an answer, and some. */
const FOLLOWS_MS = 15_000;

/** Every start and stop follows from something that the log of its node says, not long before it or before the script before it. */
export function watchDecisions(cluster: SimCluster): void {
  const reasonAt = new Map<string, number>();
  let slowest = 0;
  cluster.listeners.push((node, code) => {
    if (REASONS.has(code)) reasonAt.set(node, cluster.timeline.now);
  });
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      // With `legacy` each group is asked for by the other node, which no line says yet.
      const silent = cluster.setup.failback === 'legacy' || cluster.setup.nice === true;
      if (job.action === 'status' || silent || cluster.legacy(host.name) !== undefined) return;
      const { now } = cluster.timeline;
      slowest = Math.max(slowest, host.pace.spread);
      const at = reasonAt.get(host.name) ?? Number.NEGATIVE_INFINITY;
      const hung = now - cluster.scriptsHungUntil < FOLLOWS_MS;
      if (now - at > FOLLOWS_MS + 20 * slowest && !hung)
        cluster.violation(`${host.name}: ${job.action} of ${word} without a reason in its log`);
      // One after the other: what follows on it has the same reason.
      else if (!hung) reasonAt.set(host.name, now);
    });
  }
}
