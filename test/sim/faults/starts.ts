import { judgesStarts } from '../checkers/spoilt.ts';
import type { SimCluster } from '../cluster.ts';
import type { Faults } from './fault.ts';
import { oneWord } from './scripts.ts';

const hasFailures = (cluster: SimCluster, node: string) =>
  cluster.status(node)?.groups.some(({ failure }) => failure !== undefined) === true;

/** A resource that cannot be started on a node until somebody has mended it, and people who say too early that they have. */
export const START_FAULTS: Faults = {
  failStart: (cluster, node) => {
    const word = oneWord(cluster);
    const { failingStarts } = cluster.host(node);
    if (!judgesStarts(cluster) || failingStarts.has(word)) return false;
    cluster.log(node, `--- ${word} fails to start from now on`);
    failingStarts.add(word);
    cluster.remedies.push(() => failingStarts.delete(word));
    return true;
  },
  clearFailure: (cluster, node, other) => {
    if (!hasFailures(cluster, node) && !hasFailures(cluster, other)) return false;
    const { key = 'all' } = cluster.groups[cluster.random.below(cluster.groups.length)] ?? {};
    return cluster.command(node, { name: 'clearfailure', group: cluster.random.below(2) === 0 ? 'all' : key })?.ok === true;
  },
};

export const START_REMEDIES: Faults = {
  mendStart: (cluster, node) => {
    const { failingStarts } = cluster.host(node);
    if (failingStarts.size === 0) return false;
    cluster.log(node, '--- everything starts again');
    failingStarts.clear();
    return true;
  },
};
