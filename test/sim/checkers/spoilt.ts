import type { SimCluster } from '../cluster.ts';

/**
 * A start or a stop of a group has failed, or its status was a lie: part of it may be up and part of it down, and who believes
 * what is for its state to say and for a person to mend. `word` is any resource of it.
 */
export function spoilt(cluster: SimCluster, word: string): boolean {
  if (cluster.hosts.every((host) => host.failed.size + host.liedAbout.size === 0)) return false;
  const bad = (one: string) => cluster.hosts.some((host) => host.failed.has(one) || host.liedAbout.has(one));
  if (bad(word)) return true;
  return cluster.known.some(({ resources }) => resources.some((one) => one.word === word) && resources.some((one) => bad(one.word)));
}
