import { NODES, type SimCluster } from '../cluster.ts';
import { judgesStarts, spoilt } from './spoilt.ts';

/** A group with records is handed over well within this, when nothing else moves. */
const BOUND_MS = 6000;
/** Starts that fail between two words of an operator, starts of a daemon, deaths or edits: each node tries a few times. */
const FAILURES_MAX = 12;

/**
 * From outside, of failed starts between two heartbeatd nodes:
 *  - a group is not left without a holder while a node that is up could start it and has not failed to since it was last
 *    cleared there;
 *  - a group that keeps failing is tried a bounded number of times.
 */
export function watchFailedStarts(cluster: SimCluster): void {
  if (!judgesStarts(cluster)) return;
  const since = new Map<string, number>();
  const failures = new Map<string, number>();
  const told = new Set<string>();
  cluster.listeners.push((node, code, facts) => {
    if (code === 'groupFailed') {
      const name = `${node} ${facts.key}`;
      const count = (failures.get(name) ?? 0) + 1;
      failures.set(name, count);
      if (count === FAILURES_MAX) cluster.violation(`${node} has failed to start ${facts.key} ${count} times`);
    }
    if (
      code === 'version' ||
      code === 'nodeDead' ||
      code === 'shutdownNotice' ||
      (code === 'failureOver' && !String(facts.cause).startsWith('over'))
    )
      failures.clear();
  });
  cluster.check(() => {
    const now = cluster.timeline.now;
    const [a, b] = NODES;
    const slowest = Math.max(...cluster.hosts.map((host) => host.pace.spread + host.pace.least));
    const calm =
      NODES.every((name) => cluster.daemonAlive(name) && !cluster.isFrozen(name) && !cluster.isStopping(name)) &&
      cluster.network.carries(a, b, cluster.links) &&
      cluster.network.carries(b, a, cluster.links) &&
      Object.values(cluster.network.weather).every((chance) => chance === 0) &&
      cluster.network.latencyMs.size === 0 &&
      cluster.hosts.every((host) => !host.hanging) &&
      now - cluster.scriptsHungUntil > BOUND_MS &&
      cluster.filesAlike &&
      now - cluster.splitAt > 20_000;
    for (const { key, resources } of cluster.inBothFiles) {
      const held = resources.every(({ word }) => cluster.holders(word).length > 0);
      if (!calm || held || spoilt(cluster, key)) {
        since.delete(key);
        told.delete(key);
        continue;
      }
      const able = cluster.hosts.filter((host) => resources.every(({ word }) => !host.failingStarts.has(word)));
      const stuck = cluster.hosts.some((host) => host.failingStops.size > 0);
      const knownBad = able.every(({ name }) => failedOn(cluster, name, key));
      if (able.length === 0 || stuck || knownBad) {
        since.delete(key);
        continue;
      }
      const from = since.get(key) ?? now;
      since.set(key, from);
      if (now - from <= BOUND_MS + 20 * slowest || told.has(key)) continue;
      told.add(key);
      cluster.violation(`nobody holds ${key} although ${able.map(({ name }) => name).join(' ')} could start it`);
    }
  });
}

function failedOn(cluster: SimCluster, name: string, key: string): boolean {
  return cluster.status(name)?.groups.find((group) => group.key === key)?.failure !== undefined;
}
