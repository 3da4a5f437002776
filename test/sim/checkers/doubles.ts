import type { SimCluster } from '../cluster.ts';
import { Causes } from './causes.ts';
import { spoilt } from './spoilt.ts';

/** After the cause of a split is over, this long and eight scripts may pass until only one holds a resource. */
export const HEAL_BOUND_MS = 6000;
/** A stop that has failed for good is tried again every so often. */
const STOP_RETRY_MS = 12_000;
/** 3.0.6 says what it holds only when it is asked in a way that it answers, and may begin a hand-over instead. */
const LEGACY_MS = 30_000;
/** With `legacy`, who is asked for nothing gives up what is not its own after this, also by an older file. */
const UNASKED_MS = 12_000;

/**
 * Two holders of one resource, on the hosts, whatever the daemons believe: only for a cause with a name, and not for
 * long after it. A disk that two hosts write to is one of those resources; how long they did is added up.
 */
export function watchDoubles(cluster: SimCluster): void {
  const causes = new Causes(cluster);
  const [one, other] = cluster.hosts;
  if (one === undefined || other === undefined) return;
  let changes = -1;
  let doubled: readonly string[] = [];
  let since = 0;
  let told = false;
  const bound = () =>
    HEAL_BOUND_MS +
    8 * causes.slowestMs +
    (cluster.hosts.some((host) => host.everFailedStops) ? STOP_RETRY_MS : 0) +
    (cluster.legacyNodes.size > 0 ? LEGACY_MS : 0) +
    (cluster.setup.failback === 'legacy' || cluster.setup.nice === true ? UNASKED_MS : 0);
  cluster.check(() => {
    causes.look();
    const { now } = cluster.timeline;
    if (one.running.changes + other.running.changes !== changes) {
      changes = one.running.changes + other.running.changes;
      const before = doubled;
      doubled = [...one.running].filter((word) => other.running.has(word));
      if (before.length === 0 && doubled.length > 0) {
        since = now;
        told = false;
        cluster.log(one.name, `=== both hold ${doubled.join(' ')}: ${causes.latest().name}`);
      } else if (before.length > 0 && doubled.length === 0)
        cluster.log(one.name, `=== one holder again after ${Math.round(now - since)} ms`);
      const disks = (words: readonly string[]) => words.some((word) => word.startsWith('Filesystem'));
      if (disks(doubled) && !disks(before)) cluster.disk.begin(now);
      else if (!disks(doubled)) cluster.disk.end(now);
    }
    if (doubled.length === 0 || told) return;
    const { name, at } = causes.latest();
    if (now - at <= bound() || doubled.every((word) => spoilt(cluster, word))) return;
    told = true;
    const forMs = Math.round(now - since);
    cluster.violation(`two holders of ${doubled.join(' ')} for ${forMs} ms; the last cause (${name}) ended ${Math.round(now - at)} ms ago`);
  });
}
