import { NODES, type SimCluster } from './cluster.ts';

/** After both nodes can hear each other again, this long and six scripts may pass until only one holds a resource. */
const HEAL_BOUND_MS = 6000;
const DELAY_MS_MAX = 50;

/**
 * Looked at from outside, after every event, on the hosts and not on the daemons:
 *  1. at most one holder of a resource among nodes that hear each other;
 *  2. start left to right, stop right to left;
 *  3. a node is declared dead only after its deadtime without a status.
 */
export function watch(cluster: SimCluster): void {
  const words = cluster.groups.flatMap((group) => group.resources.map((resource) => resource.word));
  let connectedSince: number | undefined;
  let told = false;
  cluster.check(() => {
    const [a, b] = NODES;
    const connected =
      cluster.daemonAlive(a) &&
      cluster.daemonAlive(b) &&
      !cluster.isFrozen(a) &&
      !cluster.isFrozen(b) &&
      cluster.network.carries(a, b, cluster.links) &&
      cluster.network.carries(b, a, cluster.links);
    if (!connected) connectedSince = undefined;
    else connectedSince ??= cluster.timeline.now;
    const since = connectedSince === undefined ? undefined : Math.max(connectedSince, cluster.splitAt);
    const slowest = Math.max(...cluster.hosts.map((host) => host.pace.spread));
    if (since === undefined || cluster.timeline.now - since <= HEAL_BOUND_MS + 6 * slowest) return;
    const doubled = words.filter((word) => cluster.holders(word).length > 1);
    if (doubled.length > 0 && !told) cluster.violation(`two holders of ${doubled.join(' ')}`);
    told = doubled.length > 0;
  });
  const seen = new Map<string, number>();
  cluster.check(() => {
    for (const host of cluster.hosts) {
      const known = seen.get(host.name) ?? 0;
      for (const misorder of host.misorders.slice(known)) cluster.violation(misorder);
      seen.set(host.name, host.misorders.length);
    }
  });
  cluster.listeners.push((node, code, facts) => {
    if (code !== 'nodeDead') return;
    const heardAt = cluster.network.statusHeardAt.get(`${node}<${facts.node}`);
    if (heardAt === undefined) return;
    const silentMs = cluster.timeline.now - heardAt;
    // A copy that was held up on the way is no new life sign.
    if (silentMs < cluster.deadtimeMs - DELAY_MS_MAX)
      cluster.violation(`${node} declared ${facts.node} dead after ${silentMs.toFixed(0)} ms of silence`);
  });
}

/** The faults are over and time has passed: all see all, every group has one holder and is whole there. */
export function settled(cluster: SimCluster): void {
  const alive = NODES.filter((name) => cluster.daemonAlive(name));
  if (alive.length === 0) return;
  for (const name of alive) {
    const status = cluster.status(name);
    for (const other of alive) {
      const seen = status?.nodes.find((node) => node.name === other)?.status;
      if (seen !== 'active') cluster.violation(`${name} sees ${other} as ${seen} after the faults`);
    }
    if (status?.rscstatus === 'transition') cluster.violation(`${name} is still in transition after the faults`);
  }
  for (const group of cluster.groups) {
    const holders = group.resources.map((resource) => cluster.holders(resource.word).join('+'));
    const first = holders[0] ?? '';
    if (!alive.some((name) => name === first) || holders.some((holder) => holder !== first)) {
      cluster.violation(`group ${group.key} ends with holders [${holders.join(' | ')}]`);
    }
  }
}
