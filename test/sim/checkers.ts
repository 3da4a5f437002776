import type { ResourceGroup } from '../../src/contracts/config.ts';
import { watchAbsences } from './checkers/absence.ts';
import { watchAddressesFirst, watchAnnouncements } from './checkers/announced.ts';
import { watchBounds } from './checkers/bounds.ts';
import { watchDecisions } from './checkers/decisions.ts';
import { HEAL_BOUND_MS, watchDoubles } from './checkers/doubles.ts';
import { watchFailedStarts } from './checkers/failed-starts.ts';
import { watchHeals } from './checkers/heal.ts';
import { watchHolders } from './checkers/holders.ts';
import { watchJournal } from './checkers/journal.ts';
import { watchTimes } from './checkers/punctual.ts';
import { spoilt, stated } from './checkers/spoilt.ts';
import { watchWords } from './checkers/words.ts';
import { NODES, SILENT, type SimCluster } from './cluster.ts';
import { fieldOf } from './network.ts';

const DELAY_MS_MAX = 50;
/** With quick scripts, everything has moved, or a node has ended, after this. */
const MOVE_BOUND_MS = 8000;

/**
 * Looked at from outside, after every event, on the hosts and not on the daemons:
 *  1. at most one holder of a resource, but for a cause that has a name, and not for long after it;
 *  2. start left to right, stop right to left;
 *  3. a node is declared dead only after its deadtime without a status.
 */
export function watch(cluster: SimCluster): void {
  watchDoubles(cluster);
  const seen = new Map<string, number>();
  cluster.check(() => {
    for (const host of cluster.hosts) {
      const known = seen.get(host.name) ?? 0;
      if (host.misorders.length === known) continue;
      for (const misorder of host.misorders.slice(known)) cluster.violation(misorder);
      seen.set(host.name, host.misorders.length);
    }
  });
  cluster.listeners.push((node, code, facts) => {
    if (code !== 'nodeDead') return;
    const heardAt = cluster.network.statusHeardAt.get(`${node}<${facts.node}`);
    // 3.0.6 hears nothing that is not signed with the key of its own line.
    if (heardAt === undefined || (cluster.legacy(node) !== undefined && cluster.injected.has('keysRotate'))) return;
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
 *  8. in the end, no node's last `starting` stands without an `isstable=1` after it (wire-protocol 7.2.1);
 *  9. timers and whatever waits on the wires stay within bounds;
 * 10. what a node starts or stops follows from something in its log;
 * 11. a node that was away takes up and announces nothing before its peer has answered;
 * 12. the journal names whatever runs.
 */
export function watchClosely(cluster: SimCluster): void {
  watchBounds(cluster);
  watchDecisions(cluster);
  watchStarts(cluster);
  watchHolders(cluster);
  watchPackets(cluster);
  watchTimes(cluster);
  watchWords(cluster);
  watchAnnouncements(cluster);
  watchAddressesFirst(cluster);
  watchAbsences(cluster);
  watchJournal(cluster);
  watchHeals(cluster);
  watchFailedStarts(cluster);
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
      if (elsewhere.length > 0 && !dead.has(host.name) && !spoilt(cluster, word))
        cluster.violation(`${host.name} starts ${word}, which runs on ${elsewhere.join(' ')}`);
    });
  }
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
  // `nice_failback` is done as `legacy` beside 3.0.6, which knows no standby then.
  const knowsStandby = cluster.setup.failback !== 'legacy' && !(cluster.setup.nice === true && cluster.legacyNodes.size > 0);
  if (knowsStandby) {
    for (const [from, to] of [NODES, [...NODES].reverse()] as const) {
      if (from === undefined || to === undefined) return;
      // 3.0.6 says up to half a second later that it is done.
      if (cluster.legacyNodes.size > 0) cluster.run(1000);
      const refusal = cluster.standby(from, 'all');
      if (refusal !== undefined) cluster.violation(`${from} cannot stand by: ${refusal}`);
      const moved = () => cluster.groups.every((group) => cluster.holders(group.resources[0]?.word ?? '').join() === to);
      runUntil(cluster, () => moved() && complaints(cluster).length === 0);
      settled(cluster);
      if (!moved()) cluster.violation(`${to} has not taken everything from ${from}`);
    }
  }
  comesHome(cluster);
  for (const name of NODES) {
    cluster.stop(name);
    runUntil(cluster, () => !cluster.daemonAlive(name) && complaints(cluster).length === 0);
    if (cluster.daemonAlive(name)) cluster.violation(`${name} does not end`);
    settled(cluster);
  }
  for (const host of cluster.hosts)
    if (host.running.size > 0) cluster.violation(`${host.name} leaves ${[...host.running].join(' ')} running`);
}

/** A node leaves, or dies, and comes back: the other one serves everything meanwhile; with `on` it has its own groups again. */
function comesHome(cluster: SimCluster): void {
  if (cluster.legacyNodes.size > 0 || cluster.violations.length > 0) return;
  const [name, other] = NODES;
  const served = () => cluster.groups.every(({ key }) => cluster.holders(key).join() === other);
  if (cluster.setup.seed % 8 < 4) cluster.stop(name);
  else cluster.powerOff(name);
  runUntil(cluster, () => !cluster.daemonAlive(name) && served() && complaints(cluster).length === 0);
  if (!served()) cluster.violation(`home: ${name} is away and ${other} does not serve everything`);
  cluster.start(name);
  const back = () => cluster.groups.every(({ home, key }) => home === other || cluster.holders(key).join() === name);
  const returns = cluster.setup.failback === 'on';
  runUntil(cluster, () => (!returns || back()) && complaints(cluster).length === 0);
  if (returns && !back()) cluster.violation(`home: ${name} is back and does not have its own groups`);
}

/** Looks every quarter of a second, for as long as a move of everything may take. */
function runUntil(cluster: SimCluster, good: () => boolean): void {
  const end = cluster.timeline.now + MOVE_BOUND_MS;
  do cluster.run(250);
  while (cluster.timeline.now < end && !good());
}

/** The faults are over and time has passed: all see all, every group has one holder and is whole there. */
export function settled(cluster: SimCluster): void {
  for (const look of cluster.inTheEnd) look();
  for (const complaint of complaints(cluster)) cluster.violation(complaint);
}

/** What is not as it should be once the faults are over. */
export function complaints(cluster: SimCluster): readonly string[] {
  const found: string[] = [];
  const alive = NODES.filter((name) => cluster.daemonAlive(name));
  if (alive.length === 0) return found;
  for (const name of alive) {
    const legacy = cluster.legacy(name);
    if (legacy !== undefined) {
      if (legacy.status !== 'active') found.push(`${name} is ${legacy.status} after the faults`);
      if (!legacy.resources.settled) {
        const { state, otherStable, standby } = legacy.resources;
        found.push(`${name} is not settled after the faults: ${state}, other ${otherStable}, standby ${standby}`);
      }
      continue;
    }
    const status = cluster.status(name);
    for (const other of alive) {
      const seen = status?.nodes.find((node) => node.name === other)?.status;
      if (seen !== 'active') found.push(`${name} sees ${other} as ${seen} after the faults`);
    }
    if (status?.rscstatus === 'transition') found.push(`${name} is still in transition after the faults`);
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
    if (!whole && !stated(cluster, key))
      found.push(`group ${key} ends with holders [${all.map((word) => `${word}: ${cluster.holders(word).join('+')}`).join(' | ')}]`);
  }
  const listed = new Set(cluster.groups.map(({ key }) => key));
  for (const gone of cluster.known.filter(({ key }) => !listed.has(key))) {
    const left = alive.filter((name) => words(gone).some((word) => cluster.host(name).running.has(word)));
    if (left.length > 0) found.push(`group ${gone.key} is in no file any more and runs on ${left.join(' ')}`);
  }
  return found;
}
