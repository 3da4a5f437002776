import type { AutoFailback } from '../../src/contracts/config.ts';
import { judgesStarts, stated } from './checkers/spoilt.ts';
import { complaints, exercised, settled, watch, watchClosely } from './checkers.ts';
import { watchPrograms } from './clients.ts';
import { group, NODES, SimCluster, type SimSetup } from './cluster.ts';
import type { Fault, Faults } from './faults/fault.ts';
import { besideLegacy, FAULTS, REMEDIES } from './faults/index.ts';
import { CALM } from './network.ts';

export type { Faults } from './faults/fault.ts';

/** The faults may go on this long; then the world is calm and the cluster has `SETTLE_MS` to settle. */
const STORM_MS_LEAST = 10_000;
const STORM_MS_SPREAD = 30_000;
const SETTLE_MS = 75_000;
/** So long must it look settled before that is believed. */
const BELIEVED_MS = 2000;
/** Nodes that start have joined after this, and stops that were asked for have ended. */
const JOINED_MS = 10_000;
/** Within this a node ends whose stop scripts have failed for a while. */
const CLEAN_MS = 60_000;
const PAUSE_MS_LEAST = 100;
const PAUSE_MS_MOST = 6000;
/** Of the kinds, so many per cent occur in a run at all. */
const OCCURS_PERCENT = 45;

interface Chance {
  readonly kind: string;
  readonly act: Fault;
  readonly weight: number;
  readonly counts: boolean;
}

/** Each run has its own kinds, each with its own probability. */
function drawChances(cluster: SimCluster, faults: Faults): readonly Chance[] {
  const below = (limit: number) => cluster.random.below(limit);
  const chances: Chance[] = [];
  for (const [kind, act] of Object.entries(faults)) {
    const occurs = below(100) < OCCURS_PERCENT;
    const weight = 1 + below(20);
    if (occurs) chances.push({ kind, act, weight, counts: true });
  }
  for (const [kind, act] of Object.entries(REMEDIES)) chances.push({ kind, act, weight: 1 + below(20), counts: false });
  return chances;
}

function storm(cluster: SimCluster, chances: readonly Chance[]): void {
  const { random, timeline } = cluster;
  const total = chances.reduce((sum, { weight }) => sum + weight, 0);
  // Quiet and stormy runs: the pause between two faults has each order of magnitude as often as the others.
  const paceMs = PAUSE_MS_LEAST * (PAUSE_MS_MOST / PAUSE_MS_LEAST) ** (random.below(1000) / 1000);
  cluster.stormSince = timeline.now;
  const end = timeline.now + STORM_MS_LEAST + random.below(STORM_MS_SPREAD);
  while (timeline.now < end) {
    let lot = random.below(total);
    const chance = chances.find(({ weight }) => {
      lot -= weight;
      return lot < 0;
    });
    const [node, other] = random.below(2) === 0 ? NODES : [NODES[1], NODES[0]];
    if (chance !== undefined && chance.act(cluster, node, other) !== false && chance.counts)
      cluster.injected.set(chance.kind, (cluster.injected.get(chance.kind) ?? 0) + 1);
    cluster.run(1 + random.below(2 * paceMs));
  }
}

function calm(cluster: SimCluster): void {
  cluster.log('n1', '--- calm');
  cluster.network.weather = { ...CALM };
  cluster.network.healAll();
  cluster.network.swallow.clear();
  cluster.calmSince = cluster.timeline.now;
  for (const undo of cluster.remedies.splice(0)) undo();
  cluster.guardians.calm();
  for (const host of cluster.hosts) {
    host.pace.spread = 20;
    cluster.thaw(host.name);
    host.hands.drift(cluster.timeline.now, 1);
  }
  cluster.run(1500);
  // A stop of 3.0.6 may never end (wire-protocol 7.2.1).
  for (const name of cluster.legacyNodes) if (cluster.isStopping(name)) cluster.powerOff(name);
  for (const name of NODES) {
    cluster.useLinks(name, cluster.links);
    cluster.start(name);
  }
  cluster.run(1000);
  for (const name of NODES) cluster.edit(name, cluster.groups);
  for (let waited = 0; waited < JOINED_MS; waited += 500) {
    cluster.run(500);
    if (NODES.every((name) => cluster.daemonAlive(name)) && complaints(cluster).length === 0) break;
  }
  // 3.0.6 waits an hour for the last word of a hand-over that was lost, and refuses every other one meanwhile.
  for (const name of cluster.legacyNodes) if (cluster.legacy(name)?.resources.standby !== 'NOT') cluster.powerOff(name);
  // A stop that was asked for before a freeze may have ended only now.
  for (const name of NODES) cluster.start(name);
  if (cluster.needsCleaning) clean(cluster);
  else if (judgesStarts(cluster)) forgiven(cluster);
}

/**
 * What failed to start in the storm starts again now, and is served by a node that has not failed to start it, or said to be served by nobody.
 * Then somebody tells the cluster that all is mended.
 */
function forgiven(cluster: SimCluster): void {
  if (cluster.hosts.every((host) => host.failedStarts.size === 0)) return;
  settle(cluster);
  for (const complaint of complaints(cluster)) cluster.violation(`failed starts: ${complaint}`);
  cluster.log('n1', '--- everything starts again, and somebody says so');
  const result = cluster.command('n1', { name: 'clearfailure', group: 'all' });
  if (result?.ok !== true) cluster.violation(`n1 does not clear failures: ${JSON.stringify(result)}`);
  cluster.run(1000);
  for (const { key } of cluster.groups)
    if (stated(cluster, key)) cluster.violation(`${key} is served by nobody although its failures are cleared`);
}

/** What a person does where scripts have failed or lied: everything down, and up again. */
function clean(cluster: SimCluster): void {
  cluster.log('n1', '--- cleaned up by hand');
  cluster.run(1000);
  for (const name of NODES) cluster.stop(name);
  for (let waited = 0; waited < CLEAN_MS && NODES.some((name) => cluster.daemonAlive(name)); waited += 500) cluster.run(500);
  for (const host of cluster.hosts) {
    if (cluster.daemonAlive(host.name)) cluster.violation(`${host.name} does not end, whose scripts had failed`);
    host.failed.clear();
    host.failedStarts.clear();
    host.liedAbout.clear();
    host.running.clear();
  }
  for (const name of NODES) cluster.start(name);
}

/** Waits until nothing is left to complain about, for a moment, or until the time for it is over. */
export function settle(cluster: SimCluster, mostMs = SETTLE_MS): void {
  const end = cluster.timeline.now + mostMs;
  let goodSince: number | undefined;
  while (cluster.timeline.now < end) {
    cluster.run(500);
    if (complaints(cluster).length > 0) goodSince = undefined;
    else if (goodSince === undefined) goodSince = cluster.timeline.now;
    else if (cluster.timeline.now - goodSince >= BELIEVED_MS) break;
  }
}

/** One run: a cluster, a storm, a calm. Everything follows from the seed. Further faults join the usual ones. */
export function campaign(seed: number, more: Partial<SimSetup> = {}, further: Faults = {}): SimCluster {
  return play(seed, more, { ...FAULTS, ...further });
}

/** The same with these faults alone. `made` gets the cluster before anything happens to it. */
export function play(
  seed: number,
  more: Partial<SimSetup>,
  faults: Faults,
  made: (cluster: SimCluster) => void = () => undefined,
): SimCluster {
  const failback: AutoFailback = (['on', 'off', 'on', 'legacy'] as const)[seed % 4] ?? 'on';
  const nice = seed % 4 === 1 && seed % 5 < 2;
  const links = seed % 3 === 0 ? ['eth0', 'eth1'] : ['eth1'];
  const method = (['crc', 'crc', 'sha1', 'crc', 'md5'] as const)[seed % 5] ?? 'crc';
  const groups = [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db')];
  if (seed % 5 === 0) groups.push(group('n1', 'Filesystem::/dev/sdb1::/srv::ext4', 'files'));
  const ucast = seed % 7 < 4;
  const msgfmt = seed % 11 < 5 ? 'classic' : 'netstring';
  const cluster = new SimCluster({ seed, failback, nice, links, method, groups, ucast, msgfmt, ...more });
  made(cluster);
  watch(cluster);
  watchClosely(cluster);
  watchPrograms(cluster);
  cluster.start('n1');
  cluster.run(cluster.random.below(3000));
  cluster.start('n2');
  cluster.run(cluster.random.below(12_000));
  storm(cluster, drawChances(cluster, cluster.legacyNodes.size > 0 ? besideLegacy(faults) : faults));
  calm(cluster);
  settle(cluster);
  settled(cluster);
  exercised(cluster);
  return cluster;
}
