import { NODES, type SimCluster } from '../cluster.ts';
import { spoilt, stated } from './spoilt.ts';

/** So often one looks at what nobody holds: the bound is far longer. */
const LOOK_MS = 100;

/** A group that a healthy, settled node could hold is held by somebody before long. */
export function watchHolders(cluster: SimCluster): void {
  const { initdeadMs = 10_000 } = cluster.setup;
  const since = new Map<string, number>();
  const healthySince = new Map<string, number>();
  // A node whose peer dies and starts again and again waits for communication each time, as it must.
  const active = new Set<string>();
  let lookAt = 0;
  let slowest = 0;
  cluster.listeners.push((node, code) => {
    if (code === 'commUp') active.add(node);
    if (code === 'version') active.delete(node);
  });
  cluster.check(() => {
    const { now } = cluster.timeline;
    if (now < lookAt) return;
    lookAt = now + LOOK_MS;
    slowest = Math.max(slowest, ...cluster.hosts.map((host) => host.pace.spread + host.pace.least));
    const boundMs = initdeadMs + 2 * cluster.deadtimeMs + 10_000 + 40 * slowest;
    // A node that is stopping, at a stand, or whose scripts are, is nobody to hold anything.
    for (const name of NODES) {
      const well = active.has(name) && cluster.daemonAlive(name) && !cluster.isFrozen(name) && !cluster.isStopping(name);
      if (!well || cluster.host(name).hanging) healthySince.delete(name);
      else if (!healthySince.has(name)) healthySince.set(name, now);
    }
    const groups = cluster.inBothFiles;
    for (const key of since.keys()) if (!groups.some((group) => group.key === key)) since.delete(key);
    let healthy = false;
    for (const from of healthySince.values()) if (now - from > boundMs) healthy = true;
    for (const group of groups) {
      const held = group.resources.every(({ word }) => cluster.held(word));
      if (held || spoilt(cluster, group.key) || stated(cluster, group.key)) {
        since.delete(group.key);
        continue;
      }
      const from = since.get(group.key);
      if (from === undefined) since.set(group.key, now);
      else if (healthy && now - from > boundMs) {
        cluster.violation(`nobody holds ${group.key} for ${boundMs} ms`);
        since.set(group.key, Number.POSITIVE_INFINITY);
      }
    }
  });
}
