import { NODES, SILENT, type SimCluster } from '../cluster.ts';
import { fieldOf } from '../network.ts';

const SLACK_MS = 20;
/** Nobody else stands between a death and its finding. */
const FINDS_MS = 500;

/**
 * Times that are promised, from outside:
 *  1. a daemon that has its time says a status each keepalive;
 *  2. a node that fell silent is declared dead when its deadtime is over;
 *  3. one that was never heard is not declared dead before initdead.
 */
export function watchTimes(cluster: SimCluster): void {
  watchBeats(cluster);
  watchDeaths(cluster);
}

function hasTime(cluster: SimCluster, name: string): boolean {
  return cluster.daemonAlive(name) && !cluster.isFrozen(name) && cluster.legacy(name) === undefined;
}

/** By its own monotonic clock, which goes at its own speed and stands still with its machine. */
function shownAt(cluster: SimCluster, name: string): number {
  return cluster.host(name).hands.read(cluster.timeline.now).at;
}

function watchBeats(cluster: SimCluster): void {
  const keepaliveMs = cluster.setup.keepaliveMs ?? 1000;
  const saidAt = new Map<string, number>();
  const shown = (name: string) => shownAt(cluster, name);
  const newest = new Map<string, number>();
  cluster.network.watchers.push((from, packet) => {
    if (fieldOf(packet, 't') !== 'status') return;
    const life = `${from} ${fieldOf(packet, 'hg')}`;
    const number = Number.parseInt(fieldOf(packet, 'seq') ?? '0', 16);
    if (number <= (newest.get(life) ?? 0)) return;
    newest.set(life, number);
    saidAt.set(from, shown(from));
  });
  cluster.listeners.push((node, code) => {
    if (code === 'version') saidAt.delete(node);
  });
  cluster.check(() => {
    for (const name of NODES) {
      const now = shown(name);
      const at = saidAt.get(name);
      if (at === undefined) continue;
      if (!hasTime(cluster, name)) saidAt.set(name, now);
      else if (now - at > keepaliveMs + SLACK_MS) {
        cluster.violation(`beats: ${name} has said no status for ${Math.round(now - at)} ms`);
        saidAt.delete(name);
      }
    }
  });
}

function watchDeaths(cluster: SimCluster): void {
  const { deadtimeMs } = cluster;
  const { initdeadMs = 10_000 } = cluster.setup;
  const begunAt = new Map<string, number>();
  /** The other one lives by its log since then. */
  const livesSince = new Map<string, number>();
  const members = new Map<string, boolean>();
  const dead = new Set<string>();
  /** Communication is up there: until then initdead is what counts. */
  const active = new Set<string>();
  const other = (name: string) => NODES.find((each) => each !== name) ?? '';
  cluster.listeners.push((node, code, facts) => {
    const { now } = cluster.timeline;
    if (code === 'version') {
      begunAt.set(node, shownAt(cluster, node));
      livesSince.delete(node);
      active.delete(node);
      dead.delete(node);
      members.set(node, true);
    }
    if (code === 'commUp') active.add(node);
    if (facts.node === SILENT) return;
    // One that is deleted and added again is a member anew.
    if (code === 'nodeRemoved') members.set(node, false);
    if (code === 'linkUp' && facts.node === node) return;
    // An old packet that somebody repeats may bring a dead node's link up, not the node.
    if (code === 'nodeDead') dead.add(node);
    if (code === 'partitionReturn' || code === 'nodeRestart' || code === 'nodeStatus') dead.delete(node);
    if (code === 'partitionReturn' || code === 'nodeRestart' || (code === 'linkUp' && !dead.has(node))) livesSince.set(node, now);
    const heard = livesSince.has(node);
    if (code === 'nodeDead' || code === 'nodeRemoved') livesSince.delete(node);
    if (code !== 'nodeDead' || facts.node !== other(node) || heard || members.get(node) !== true) return;
    const begun = begunAt.get(node);
    const listenedMs = shownAt(cluster, node) - (begun ?? 0);
    if (begun !== undefined && listenedMs < initdeadMs - SLACK_MS)
      cluster.violation(
        `initdead: ${node} declared ${facts.node} dead ${Math.round(listenedMs)} ms after its own start, never having heard it`,
      );
  });
  cluster.check(() => {
    const { now } = cluster.timeline;
    for (const name of NODES) {
      const since = livesSince.get(name);
      if (since === undefined) continue;
      // Who got no time listens first, and a node that is not heard at the very start is waited for longer.
      if (!hasTime(cluster, name) || !active.has(name)) {
        livesSince.set(name, now);
        continue;
      }
      const heard = cluster.network.statusHeardAt.get(`${name}<${other(name)}`) ?? since;
      if (now - Math.max(since, heard, cluster.splitAt) <= deadtimeMs + FINDS_MS) continue;
      if (members.get(name) === true)
        cluster.violation(`deadtime: ${name} has not heard ${other(name)} for ${Math.round(now - heard)} ms and does not say so`);
      livesSince.delete(name);
    }
  });
}
