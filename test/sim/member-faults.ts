import type { Faults } from './campaign.ts';
import { SILENT } from './cluster.ts';

/** What an operator does to nodes and media while everything runs. */
export const MEMBER_FAULTS: Faults = {
  addNode: (cluster, node) => void cluster.command(node, { name: 'addnode', nodes: [SILENT] }),
  delNode: (cluster, node) => void cluster.command(node, { name: 'delnode', nodes: [SILENT] }),
  // Nobody in his senses deletes a node that only he does not hear.
  delPeer: (cluster, node, other) => {
    if (!cluster.daemonAlive(other)) cluster.command(node, { name: 'delnode', nodes: [other] });
  },
  setWeight: (cluster, node, other) => void cluster.command(node, { name: 'setweight', node: other, weight: cluster.random.below(200) }),
  changeLinks: (cluster, node) => {
    const [first = '', second] = cluster.links;
    if (second !== undefined) cluster.useLinks(node, [[first], [second], [first, second]][cluster.random.below(3)] ?? []);
  },
};
