import { NODES, type SimCluster } from '../cluster.ts';

/**
 * From outside: a node whose clocks tell that it stood still for a deadtime takes up and announces no address until
 * something that its peer has sent since has reached it, or another deadtime is over.
 */
export function watchAbsences(cluster: SimCluster): void {
  const wokeAt = new Map<string, number>();
  const bound = (name: string): number | undefined => {
    const woke = wokeAt.get(name);
    if (woke === undefined) return undefined;
    const other = NODES.find((node) => node !== name) ?? '';
    // 3.0.6 cannot be asked: what arrives counts, and may have been under way for a moment.
    const heardAt = cluster.legacy(other) === undefined ? cluster.network.heardSentAt : cluster.network.heardAt;
    const heard = heardAt.get(`${name}<${other}`) ?? Number.NEGATIVE_INFINITY;
    const over = heard > woke || cluster.timeline.now - woke >= cluster.deadtimeMs * 0.98;
    if (over || !cluster.daemonAlive(name)) wokeAt.delete(name);
    return wokeAt.get(name);
  };
  cluster.woken.push((name, frozenMs, kind) => {
    const shown = kind === 'process' || kind === 'suspend';
    // A node that has not begun to speak holds nothing and waits for everybody anyway.
    if (shown && frozenMs >= cluster.deadtimeMs && cluster.legacy(name) === undefined) wokeAt.set(name, cluster.timeline.now);
  });
  cluster.listeners.push((node, code) => {
    if (code === 'version') wokeAt.delete(node);
  });
  cluster.announcements.push((name, address) => {
    const woke = bound(name);
    if (woke !== undefined) cluster.violation(`${name} announces ${address} ${(cluster.timeline.now - woke).toFixed(1)} ms after it woke`);
  });
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      if (job.action !== 'start' || job.script !== 'IPaddr') return;
      const woke = bound(host.name);
      if (woke !== undefined) cluster.violation(`${host.name} starts ${word} ${(cluster.timeline.now - woke).toFixed(1)} ms after it woke`);
    });
  }
}
