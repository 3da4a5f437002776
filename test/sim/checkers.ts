import type { ResourceGroup } from '../../src/contracts/config.ts';
import { NODES, SILENT, type SimCluster } from './cluster.ts';
import { fieldOf } from './network.ts';

/** After both nodes can hear each other again, this long and eight scripts may pass until only one holds a resource. */
const HEAL_BOUND_MS = 6000;
const DELAY_MS_MAX = 50;

/**
 * Looked at from outside, after every event, on the hosts and not on the daemons:
 *  1. at most one holder of a resource among nodes that hear each other;
 *  2. start left to right, stop right to left;
 *  3. a node is declared dead only after its deadtime without a status.
 */
export function watch(cluster: SimCluster): void {
  let connectedSince: number | undefined;
  let told = false;
  let slowest = 0;
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
    // A script that is under way keeps the pace it began with.
    slowest = Math.max(slowest, ...cluster.hosts.map((host) => host.pace.spread));
    if (since === undefined || cluster.timeline.now - since <= HEAL_BOUND_MS + 8 * slowest) return;
    const words = new Set(cluster.known.flatMap((group) => group.resources.map((resource) => resource.word)));
    const doubled = [...words].filter((word) => cluster.holders(word).length > 1);
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

/**
 * More to look at, from outside as well:
 *  4. while no node has declared the other dead for a while, none starts what runs on the other;
 *  5. a group that a healthy, settled node could hold is held by somebody before long;
 *  6. no packet leaves before its generation is on the disk, and the first numbered one of a life is a status;
 *  7. traffic and its repair stay within bounds;
 *  8. in the end, no node's last `starting` stands without an `isstable=1` after it (wire-protocol 7.2.1).
 */
export function watchClosely(cluster: SimCluster): void {
  watchStarts(cluster);
  watchHolders(cluster);
  watchPackets(cluster);
}

function watchStarts(cluster: SimCluster): void {
  // Who counts the other as dead, by its own log.
  const dead = new Set<string>();
  cluster.listeners.push((node, code, facts) => {
    if (facts.node === SILENT) return;
    if (code === 'nodeDead') dead.add(node);
    if (code === 'version' || code === 'nodeStatus' || code === 'partitionReturn') dead.delete(node);
  });
  for (const host of cluster.hosts) {
    host.watchers.push((job, word) => {
      // A takeover is under way, and the other has come back meanwhile.
      if (job.action !== 'start' || cluster.timeline.now - cluster.judgedAt < HEAL_BOUND_MS + 6 * host.pace.spread) return;
      if (cluster.holders(word).includes(host.name)) return;
      const elsewhere = cluster.holders(word).filter((name) => name !== host.name);
      if (elsewhere.length > 0 && !dead.has(host.name))
        cluster.violation(`${host.name} starts ${word}, which runs on ${elsewhere.join(' ')}`);
    });
  }
}

function watchHolders(cluster: SimCluster): void {
  const { initdeadMs = 10_000 } = cluster.setup;
  const since = new Map<string, number>();
  const healthySince = new Map<string, number>();
  // A node whose peer dies and starts again and again waits for communication each time, as it must.
  const active = new Set<string>();
  cluster.listeners.push((node, code) => {
    if (code === 'commUp') active.add(node);
    if (code === 'version') active.delete(node);
  });
  cluster.check(() => {
    const now = cluster.timeline.now;
    const slowest = Math.max(...cluster.hosts.map((host) => host.pace.spread + host.pace.least));
    const boundMs = initdeadMs + 2 * cluster.deadtimeMs + 10_000 + 40 * slowest;
    // A node that is stopping, or at a stand, is nobody to hold anything.
    for (const name of NODES) {
      if (!active.has(name) || !cluster.daemonAlive(name) || cluster.isFrozen(name) || cluster.isStopping(name)) healthySince.delete(name);
      else if (!healthySince.has(name)) healthySince.set(name, now);
    }
    for (const key of since.keys()) if (!cluster.inBothFiles.some((group) => group.key === key)) since.delete(key);
    const healthy = [...healthySince.values()].some((from) => now - from > boundMs);
    for (const { key, resources } of cluster.inBothFiles) {
      const held = resources.every(({ word }) => cluster.holders(word).length > 0);
      const hopeless = cluster.hosts.some((host) => resources.some(({ word }) => host.failingStarts.has(word)));
      if (held || hopeless) {
        since.delete(key);
        continue;
      }
      const from = since.get(key);
      if (from === undefined) since.set(key, now);
      else if (healthy && now - from > boundMs) {
        cluster.violation(`nobody holds ${key} for ${boundMs} ms`);
        since.set(key, Number.POSITIVE_INFINITY);
      }
    }
  });
}

/** Numbered messages of one node in one second: far more than any dialogue needs. */
const NUMBERED_PER_SECOND_MAX = 60;
const PACKETS_PER_SECOND_MAX = 600;

function watchPackets(cluster: SimCluster): void {
  const begun = new Map<string, string>();
  const newest = new Map<string, number>();
  const open = new Set<string>();
  cluster.inTheEnd.push(() => {
    for (const name of open) if (cluster.daemonAlive(name)) cluster.violation(`the last starting of ${name} is followed by no isstable=1`);
  });
  const counts = new Map<string, { second: number; numbered: number; all: number }>();
  cluster.network.watchers.push((from, packet) => {
    const generation = fieldOf(packet, 'hg') ?? '';
    if (generation !== cluster.host(from).record?.generation.toString(16))
      cluster.violation(`${from} sends before its generation is saved`);
    const sequence = Number.parseInt(fieldOf(packet, 'seq') ?? '0', 16);
    if (sequence > 0 && begun.get(from) !== generation) {
      begun.set(from, generation);
      newest.set(from, 0);
      if (fieldOf(packet, 't') !== 'status') cluster.violation(`${from} begins a life with ${fieldOf(packet, 't')}`);
    }
    if (fieldOf(packet, 't') === 'starting') open.add(from);
    if (fieldOf(packet, 'isstable') === '1') open.delete(from);
    const second = Math.floor(cluster.timeline.now / 1000);
    const known = counts.get(from);
    const count = known?.second === second ? known : { second, numbered: 0, all: 0 };
    counts.set(from, count);
    count.all += 1;
    if (sequence > (newest.get(from) ?? 0)) {
      newest.set(from, sequence);
      count.numbered += 1;
    }
    if (count.numbered === NUMBERED_PER_SECOND_MAX) cluster.violation(`${from} sends ${count.numbered} messages within a second`);
    if (count.all === PACKETS_PER_SECOND_MAX) cluster.violation(`${from} sends ${count.all} packets within a second`);
  });
}

/** Moves everything to and fro, then stops one node after the other: what is stuck inside shows here at the latest. */
export function exercised(cluster: SimCluster): void {
  if (cluster.violations.length > 0) return;
  if (cluster.setup.failback !== 'legacy') {
    for (const [from, to] of [NODES, [...NODES].reverse()] as const) {
      if (from === undefined || to === undefined) return;
      const refusal = cluster.standby(from, 'all');
      if (refusal !== undefined) cluster.violation(`${from} cannot stand by: ${refusal}`);
      cluster.run(4000);
      settled(cluster);
      if (cluster.groups.some((group) => cluster.holders(group.resources[0]?.word ?? '').join() !== to)) {
        cluster.violation(`${to} has not taken everything from ${from}`);
      }
    }
  }
  for (const name of NODES) {
    cluster.stop(name);
    cluster.run(6000);
    if (cluster.daemonAlive(name)) cluster.violation(`${name} does not end`);
    settled(cluster);
  }
  for (const host of cluster.hosts)
    if (host.running.size > 0) cluster.violation(`${host.name} leaves ${[...host.running].join(' ')} running`);
}

/** The faults are over and time has passed: all see all, every group has one holder and is whole there. */
export function settled(cluster: SimCluster): void {
  for (const look of cluster.inTheEnd) look();
  const alive = NODES.filter((name) => cluster.daemonAlive(name));
  if (alive.length === 0) return;
  for (const name of alive) {
    const legacy = cluster.legacy(name);
    if (legacy !== undefined) {
      if (legacy.status !== 'active') cluster.violation(`${name} is ${legacy.status} after the faults`);
      if (!legacy.resources.settled) {
        const { state, otherStable, standby } = legacy.resources;
        cluster.violation(`${name} is not settled after the faults: ${state}, other ${otherStable}, standby ${standby}`);
      }
      continue;
    }
    const status = cluster.status(name);
    for (const other of alive) {
      const seen = status?.nodes.find((node) => node.name === other)?.status;
      if (seen !== 'active') cluster.violation(`${name} sees ${other} as ${seen} after the faults`);
    }
    if (status?.rscstatus === 'transition') cluster.violation(`${name} is still in transition after the faults`);
  }
  const words = (group: ResourceGroup) => group.resources.map(({ word }) => word);
  for (const { key } of cluster.groups) {
    // It may run by an older definition, but whole, and on one node.
    const definitions = cluster.known.filter((group) => group.key === key).map(words);
    const all = [...new Set(definitions.flat())];
    const [holder = ''] = alive.filter((name) => cluster.host(name).running.has(key));
    const running = all.filter((word) => cluster.holders(word).length > 0);
    const whole = definitions.some(
      (list) => list.length === running.length && list.every((word) => cluster.holders(word).join('+') === holder),
    );
    // Served by nobody, and a node that should says so.
    const stated =
      running.length === 0 && alive.some((name) => cluster.status(name)?.groups.some((group) => group.key === key && group.servedByNobody));
    if (!whole && !stated)
      cluster.violation(`group ${key} ends with holders [${all.map((word) => `${word}: ${cluster.holders(word).join('+')}`).join(' | ')}]`);
  }
  const listed = new Set(cluster.groups.map(({ key }) => key));
  for (const gone of cluster.known.filter(({ key }) => !listed.has(key))) {
    const left = alive.filter((name) => words(gone).some((word) => cluster.host(name).running.has(word)));
    if (left.length > 0) cluster.violation(`group ${gone.key} is in no file any more and runs on ${left.join(' ')}`);
  }
}
