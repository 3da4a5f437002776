import { NODES, type SimCluster } from '../cluster.ts';
import { spoilt } from './spoilt.ts';

/** So long one node alone has a group, both hearing each other, until it counts as its holder. */
const SETTLED_MS = 3000;
/** What belongs to one heal. */
const ONE_HEAL_MS = 6000;

/**
 * After a partition, from outside:
 *  1. nobody gives up a group that does not run on the other node at that moment;
 *  2. the two never give up the same group in one heal;
 *  3. who alone had a group before the split, and has neither stood still nor started anew since, does not give it up to
 *     a node of which the same cannot be said.
 */
export function watchHeals(cluster: SimCluster): void {
  const alone = new Map<string, { readonly node: string; readonly since: number }>();
  const before = new Map<string, string>();
  const given = new Map<string, { readonly node: string; readonly at: number }>();
  const doubtful = (node: string) => {
    for (const [key, holder] of before) if (holder === node) before.delete(key);
    for (const [key, { node: holder }] of alone) if (holder === node) alone.delete(key);
  };
  cluster.check(() => {
    const [a, b] = NODES;
    for (const node of NODES) if (!cluster.daemonAlive(node) || cluster.isFrozen(node)) doubtful(node);
    const connected =
      cluster.daemonAlive(a) &&
      cluster.daemonAlive(b) &&
      cluster.network.carries(a, b, cluster.links) &&
      cluster.network.carries(b, a, cluster.links);
    for (const { key } of cluster.inBothFiles) {
      const [node, other] = cluster.holders(key);
      // It has moved or was given away, behind a cut perhaps, and the two may not both know it yet.
      const held = before.get(key);
      if (held !== undefined && held !== node && held !== other) before.delete(key);
      if (node !== undefined && other === undefined && held !== node) before.delete(key);
      if (!connected || node === undefined || other !== undefined) alone.delete(key);
      else if (alone.get(key)?.node !== node) alone.set(key, { node, since: cluster.timeline.now });
      else if (cluster.timeline.now - (alone.get(key)?.since ?? 0) > SETTLED_MS) before.set(key, node);
    }
  });
  cluster.listeners.push((node, code, facts) => {
    if (code === 'version') doubtful(node);
    if (code !== 'healRelease') return;
    const other = node === 'n1' ? 'n2' : 'n1';
    if (cluster.legacyNodes.has(other)) return;
    for (const key of String(facts.keys).split(' ')) {
      if (!cluster.inBothFiles.some((group) => group.key === key) || spoilt(cluster, key)) continue;
      if (cluster.host(node).running.has(key) && !cluster.host(other).running.has(key))
        cluster.violation(`${node} gives up ${key}, which ${other} does not run`);
      const last = given.get(key);
      if (last !== undefined && last.node !== node && cluster.timeline.now - last.at < ONE_HEAL_MS)
        cluster.violation(`${node} gives up ${key}, which ${other} has just given up`);
      given.set(key, { node, at: cluster.timeline.now });
      if (before.get(key) === node) cluster.violation(`${node} gives up ${key}, which it alone held before the split`);
    }
  });
}
