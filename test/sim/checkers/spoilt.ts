import { NODES, type SimCluster } from '../cluster.ts';
import type { SimHost } from '../host.ts';

/** Failed starts are mended by the nodes themselves: by two of ours, and not with `legacy`, where such a group stays down. */
export function judgesStarts(cluster: SimCluster): boolean {
  return cluster.legacyNodes.size === 0 && cluster.setup.failback !== 'legacy' && cluster.setup.nice !== true;
}

/** Served by nobody, and a node that should serve it says so. */
export function stated(cluster: SimCluster, key: string): boolean {
  if (cluster.holders(key).length > 0 || !judgesStarts(cluster)) return false;
  return NODES.some((name) => cluster.status(name)?.groups.some((group) => group.key === key && group.servedByNobody) === true);
}

/**
 * A stop of a group has failed, or its status was a lie: part of it may be up and part of it down, and who believes
 * what is for its state to say and for a person to mend. So with a start where the nodes are not to mend it. `word` is
 * any resource of it.
 */
export function spoilt(cluster: SimCluster, word: string): boolean {
  const starts = !judgesStarts(cluster);
  const none = (host: SimHost) => host.failed.size + host.liedAbout.size + (starts ? host.failedStarts.size : 0) === 0;
  if (cluster.hosts.every(none)) return false;
  const bad = (one: string) =>
    cluster.hosts.some((host) => host.failed.has(one) || host.liedAbout.has(one) || (starts && host.failedStarts.has(one)));
  if (bad(word)) return true;
  return cluster.known.some(({ resources }) => resources.some((one) => one.word === word) && resources.some((one) => bad(one.word)));
}
