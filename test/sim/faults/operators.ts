import type { ResourceGroup } from '../../../src/contracts/config.ts';
import { group, NODES, type SimCluster } from '../cluster.ts';
import type { Faults } from './fault.ts';

const MOVES = ['all', 'local', 'foreign', 'failback'] as const;

function move(cluster: SimCluster, node: string, name: 'standby' | 'takeover'): boolean {
  return cluster.command(node, { name, set: MOVES[cluster.random.below(MOVES.length)] ?? 'all' }) !== undefined;
}

/** The next haresources: a group more, one less, one with another end, or one with another home. */
function rewritten(cluster: SimCluster): readonly ResourceGroup[] {
  const { groups, random } = cluster;
  const at = random.below(groups.length);
  const one = groups[at];
  const fresh = cluster.known.length;
  const home = NODES[random.below(2)] ?? 'n1';
  const kind = random.below(4);
  if (one === undefined || kind === 0 || (kind === 1 && groups.length < 3)) {
    return groups.length < 6 ? [...groups, group(home, `IPaddr::${fresh}`, `service${fresh}`)] : groups;
  }
  if (kind === 1) return groups.filter((other) => other !== one);
  const words = one.resources.map(({ word }) => word);
  const next = kind === 2 ? group(one.home, words[0] ?? '', `service${fresh}`) : group(one.home === 'n1' ? 'n2' : 'n1', ...words);
  return groups.map((other) => (other === one ? next : other));
}

/** Nothing moves and nothing has, for a while: what follows has one cause. */
function quiet(cluster: SimCluster): boolean {
  if (cluster.timeline.now - cluster.splitAt < 12_000 || cluster.needsCleaning) return false;
  // A next life forgets the failures of the one before, and tries again.
  if (cluster.hosts.some((host) => host.failedStarts.size > 0)) return false;
  if (cluster.hosts.some((host) => host.hanging || host.saveFails || host.saveMs > 100) || cluster.network.latencyMs.size > 0) return false;
  const connected = cluster.network.carries('n1', 'n2', cluster.links) && cluster.network.carries('n2', 'n1', cluster.links);
  const still = NODES.every((name) => {
    const status = cluster.status(name);
    return (
      status !== undefined &&
      status.rscstatus !== 'transition' &&
      status.groups.every(({ state }) => ['stopped', 'running'].includes(state))
    );
  });
  return connected && still && Object.values(cluster.network.weather).every((chance) => chance === 0) && cluster.filesAlike;
}

const running = (cluster: SimCluster) => cluster.hosts.map((host) => [...host.running].sort().join(' ')).join(' | ');

/** A daemon takes no file as read before two looks, two seconds apart, agree; and each looks at its own moments. */
const EDIT_PAUSE_MS = 4000;

function mayEdit(cluster: SimCluster): boolean {
  const { now } = cluster.timeline;
  if (now < cluster.editedAt + EDIT_PAUSE_MS) return false;
  cluster.editedAt = now;
  return true;
}

/** Commands at any moment, with every argument, and files that differ for a while. */
export const OPERATOR_FAULTS: Faults = {
  standby: (cluster, node) => move(cluster, node, 'standby'),
  takeover: (cluster, node) => move(cluster, node, 'takeover'),
  fifoStandby: (cluster, node) => cluster.write(node, ['t', 'ask_resources'], ['rsc_hold', 'all'], ['info', 'me']),
  fifoTakeover: (cluster, node) => cluster.write(node, ['t', 'hb_takeover'], ['rsc_hold', 'local']),
  editOne: (cluster, node) => mayEdit(cluster) && cluster.edit(node, rewritten(cluster)),
  editBoth: (cluster) => {
    if (!mayEdit(cluster)) return false;
    const next = rewritten(cluster);
    for (const name of NODES) cluster.edit(name, next);
    return true;
  },
  restartInQuiet: (cluster, node) => {
    cluster.run(4000);
    if (!quiet(cluster)) return false;
    const before = running(cluster);
    const scripts = cluster.scriptsRun;
    cluster.log(node, '--- quiet');
    cluster.restart(node);
    cluster.run(6000);
    const after = running(cluster);
    if (scripts !== cluster.scriptsRun) cluster.violation(`the restart of ${node} in place ran ${cluster.scriptsRun - scripts} scripts`);
    if (before !== after) cluster.violation(`the restart of ${node} in place moved something: ${before} -> ${after}`);
    return true;
  },
};

export const OPERATOR_REMEDIES: Faults = {
  editRead: (cluster, node) => !cluster.filesAlike && cluster.edit(node, cluster.groups),
};
