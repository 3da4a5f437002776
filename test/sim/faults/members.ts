import { SILENT } from '../cluster.ts';
import type { Faults } from './fault.ts';

/** What an operator does to nodes and media while everything runs. */
export const MEMBER_FAULTS: Faults = {
  addNode: (cluster, node) => cluster.command(node, { name: 'addnode', nodes: [SILENT] }) !== undefined,
  delNode: (cluster, node) => cluster.command(node, { name: 'delnode', nodes: [SILENT] }) !== undefined,
  // Nobody in his senses deletes a node that only he does not hear.
  delPeer: (cluster, node, other) =>
    !cluster.daemonAlive(other) && cluster.command(node, { name: 'delnode', nodes: [other] }) !== undefined,
  setWeight: (cluster, node, other) =>
    cluster.command(node, { name: 'setweight', node: other, weight: cluster.random.below(200) }) !== undefined,
  changeLinks: (cluster, node) => {
    const [first = '', second] = cluster.links;
    return second !== undefined && cluster.useLinks(node, [[first], [second], [first, second]][cluster.random.below(3)] ?? []);
  },
};
