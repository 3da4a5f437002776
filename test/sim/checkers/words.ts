import { NODES, type SimCluster } from '../cluster.ts';
import { fieldOf } from '../network.ts';

/** By then each gap is filled, once the wires are well. */
const REPAIRED_MS = 4000;
/** A number that is missing is asked for again after 250 ms at the earliest (wire-protocol 5.3). */
const ASKED_AGAIN_MS = 240;
/** After one of these the numbers before are nobody's to ask for. */
const CLEAN_SLATES: ReadonlySet<string> = new Set([
  'nodeDead',
  'nodeRestart',
  'partitionReturn',
  'linkUp',
  'lostMany',
  'lostForGood',
  'nodeAdded',
  'nodeRemoved',
]);

/**
 * What numbers promise, seen by the programs at both ends and on the wire:
 *  1. what one node says, the other hears once, whoever says it again;
 *  2. what was lost on the way is heard in the end;
 *  3. in the end nothing is missing, and what was said is acknowledged;
 *  4. nobody asks for the same number again and again without a pause;
 *  5. a status that is over does not come back.
 */
export function watchWords(cluster: SimCluster): void {
  watchDelivery(cluster);
  watchRequests(cluster);
  watchRepair(cluster);
  watchStatuses(cluster);
}

function watchDelivery(cluster: SimCluster): void {
  const said = new Map<string, { readonly number: number; readonly at: number }[]>();
  const heard = new Map<string, Set<number>>();
  const slateAt = new Map<string, number>();
  for (const name of NODES) said.set(name, []);
  cluster.talks.push((node, source, number) => {
    const at = cluster.timeline.now;
    if (source === node) {
      said.get(node)?.push({ number, at });
      return;
    }
    const known = heard.get(node) ?? new Set<number>();
    heard.set(node, known);
    if (known.has(number)) cluster.violation(`delivery: ${node} hears word ${number} of ${source} twice`);
    known.add(number);
  });
  cluster.listeners.push((node, code) => {
    if (code === 'version') {
      said.set(node, []);
      heard.delete(node);
    }
    if (code === 'version' || CLEAN_SLATES.has(code)) slateAt.set(node, cluster.timeline.now);
  });
  cluster.inTheEnd.push(() => {
    for (const from of NODES) {
      const to = NODES.find((name) => name !== from) ?? '';
      const listensSince = cluster.program(to).signedOnAt;
      const both = [from, to].every((name) => cluster.daemonAlive(name) && !cluster.isStopping(name) && cluster.legacy(name) === undefined);
      if (!both || listensSince === undefined) continue;
      const least = Math.max(listensSince, slateAt.get(to) ?? 0);
      const lost = said.get(from)?.find(({ number, at }) => {
        return at > least && at < cluster.timeline.now - REPAIRED_MS && heard.get(to)?.has(number) !== true;
      });
      if (lost !== undefined) cluster.violation(`delivery: ${to} has never heard word ${lost.number} of ${from}`);
    }
  });
}

function watchRequests(cluster: SimCluster): void {
  const askedAt = new Map<string, number>();
  cluster.network.watchers.push((from, packet) => {
    if (fieldOf(packet, 't') !== 'NS_rexmit' || cluster.legacy(from) !== undefined) return;
    const { now } = cluster.timeline;
    const to = fieldOf(packet, 'dest') ?? '';
    const key = `${from} ${cluster.generation(from)} ${to} ${cluster.generation(to)} ${fieldOf(packet, 'firstseq')}`;
    const before = askedAt.get(key);
    // The same request leaves over each medium.
    if (before !== undefined && now > before && now - before < ASKED_AGAIN_MS)
      cluster.violation(`requests: ${from} asks ${to} for the same number after ${(now - before).toFixed(1)} ms`);
    askedAt.set(key, now);
  });
}

/** Acknowledgements come with every tenth number (wire-protocol 5.2): once the wires are well, what is older is acknowledged. */
const UNACKED_MAX = 16;
/** The slowest repair has been through several times. */
const WELL_MS = 9000;

function watchRepair(cluster: SimCluster): void {
  const newest = new Map<string, number>();
  const acked = new Map<string, number>();
  const askedAt = new Map<string, number>();
  const slateAt = new Map<string, number>();
  const life = (from: string, to: string) => `${from} ${cluster.generation(from)} ${to} ${cluster.generation(to)}`;
  cluster.network.watchers.push((from, packet) => {
    const sequence = fieldOf(packet, 'seq');
    const to = NODES.find((name) => name !== from) ?? '';
    if (sequence !== undefined) newest.set(life(from, to), Math.max(newest.get(life(from, to)) ?? 0, Number.parseInt(sequence, 16)));
    const type = fieldOf(packet, 't');
    if (type === 'NS_ackmsg') acked.set(life(to, from), Number.parseInt(fieldOf(packet, 'ackseq') ?? '0', 16));
    if (type === 'NS_rexmit') askedAt.set(from, cluster.timeline.now);
  });
  cluster.listeners.push((node, code) => {
    if (code === 'lostForGood')
      cluster.violation(`repair: a message is lost for good to ${node}, though its sender has not sent many since`);
    if (code !== 'version' && !CLEAN_SLATES.has(code)) return;
    slateAt.set(node, cluster.timeline.now);
    // What came before is not acknowledged any more.
    const other = NODES.find((name) => name !== node) ?? '';
    acked.set(life(other, node), newest.get(life(other, node)) ?? 0);
  });
  cluster.inTheEnd.push(() => {
    const { now } = cluster.timeline;
    for (const from of NODES) {
      const to = NODES.find((name) => name !== from) ?? '';
      const both = [from, to].every((name) => cluster.daemonAlive(name) && !cluster.isStopping(name) && cluster.legacy(name) === undefined);
      const since = Math.max(slateAt.get(from) ?? 0, slateAt.get(to) ?? 0, cluster.calmSince ?? now);
      if (!both || now - since < WELL_MS) continue;
      if (now - (askedAt.get(to) ?? 0) < REPAIRED_MS) cluster.violation(`repair: ${to} still asks ${from} for what it has missed`);
      const unacked = (newest.get(life(from, to)) ?? 0) - (acked.get(life(from, to)) ?? 0);
      if (unacked > UNACKED_MAX) cluster.violation(`repair: ${to} has not acknowledged the last ${unacked} messages of ${from}`);
    }
  });
}

function watchStatuses(cluster: SimCluster): void {
  const active = new Set<string>();
  cluster.listeners.push((node, code, facts) => {
    const key = `${node} ${facts.node}`;
    if (code === 'nodeDead' || code === 'nodeRestart' || code === 'partitionReturn' || code === 'nodeRemoved') active.delete(key);
    if (code === 'version') for (const name of NODES) active.delete(`${node} ${name}`);
    if (code !== 'nodeStatus') return;
    if (facts.status === 'active') active.add(key);
    else if (active.has(key)) cluster.violation(`statuses: ${facts.node} is ${facts.status} again to ${node}, having been active`);
  });
}
