/** What the four awkward moments have in common: clusters of both makes, and a settled state within a stated time. */
import assert from 'node:assert/strict';
import { settled, watch, watchClosely } from './checkers.ts';
import { NODES, SimCluster, type SimSetup } from './cluster.ts';

export type Name = (typeof NODES)[number];

export const SEEDS = [1, 2, 3] as const;

/** Who of the two is limited to 3.0.6. */
export const MAKES = [
  ['two heartbeatd nodes', []],
  ['n1 a 3.0.6 node', ['n1']],
  ['n2 a 3.0.6 node', ['n2']],
] as const;

export function otherOf(name: string): Name {
  return name === 'n1' ? 'n2' : 'n1';
}

export function made(setup: Partial<SimSetup> & { readonly seed: number }): SimCluster {
  const at = new SimCluster(setup);
  watch(at);
  watchClosely(at);
  return at;
}

/** Both up, each with its own, and long enough for a 3.0.6 node to be done with its start. */
export function pair(setup: Partial<SimSetup> & { readonly seed: number }): SimCluster {
  const at = made(setup);
  for (const name of NODES) at.start(name);
  at.run(at.legacyNodes.size > 0 ? 20_000 : 6000);
  untilSettled(at, 5000, 'the start');
  return at;
}

/** From now on each script takes up to so long. */
export function slow(at: SimCluster, spreadMs: number): void {
  for (const host of at.hosts) host.pace.spread = spreadMs;
}

/** So many scripts, one after the other, take no longer. */
export function scriptsMs(at: SimCluster, count: number): number {
  return count * Math.max(...at.hosts.map(({ pace }) => pace.least + pace.spread));
}

function nodeSettled(at: SimCluster, name: string, living: readonly string[], patient: boolean): boolean {
  const legacy = at.legacy(name);
  if (legacy !== undefined) return legacy.status === 'active' && (patient || legacy.resources.settled);
  const status = at.status(name);
  if (status === undefined || status.rscstatus === 'transition' || status.state !== 'active') return false;
  return status.nodes.every((node) => (node.status === 'active') === living.includes(node.name));
}

function isSettled(at: SimCluster, patient: boolean): boolean {
  const living = NODES.filter((name) => at.daemonAlive(name));
  if (living.length === 0) return true;
  if (!living.every((name) => nodeSettled(at, name, living, patient))) return false;
  return at.groups.every(({ resources }) => {
    const holders = new Set(
      resources.map(({ word }) =>
        at
          .holders(word)
          .filter((name) => living.includes(name as Name))
          .join('+'),
      ),
    );
    const [holder = ''] = holders;
    return holders.size === 1 && holder !== '' && !holder.includes('+');
  });
}

/**
 * How long it takes until everything is settled, and stays so for 3 s. No more than `boundMs`, or the test fails.
 * `patient`: a 3.0.6 node may still wait for a word, as long as everything is served.
 */
export function untilSettled(at: SimCluster, boundMs: number, what: string, patient = false): number {
  const from = at.timeline.now;
  let since: number | undefined;
  for (;;) {
    if (!isSettled(at, patient)) since = undefined;
    else since ??= at.timeline.now;
    if (since !== undefined && at.timeline.now - since >= 3000) break;
    if (since === undefined) assert.ok(at.timeline.now - from <= boundMs, `${what}: not settled after ${boundMs} ms\n${story(at)}`);
    at.run(50);
  }
  assert.ok(since - from <= boundMs, `${what}: settled after ${since - from} ms, not ${boundMs}\n${story(at)}`);
  clean(at);
  return since - from;
}

export function clean(at: SimCluster): void {
  assert.deepEqual(at.violations, [], story(at));
}

/** All see all, every group is whole on one node, and no node waits for a word. */
export function well(at: SimCluster): void {
  settled(at);
  clean(at);
}

export function story(at: SimCluster): string {
  return `seed ${at.setup.seed}, 3.0.6 on [${[...at.legacyNodes]}], auto_failback ${at.setup.failback ?? 'on'}\n${at.trace.join('\n')}`;
}

/** It is asked to stop, or was: it ends within the bound, and leaves nothing running. */
export function untilEnded(at: SimCluster, name: string, boundMs: number): void {
  const from = at.timeline.now;
  while (at.daemonAlive(name)) {
    assert.ok(at.timeline.now - from <= boundMs, `${name} does not end within ${boundMs} ms\n${story(at)}`);
    at.run(50);
  }
  assert.deepEqual([...at.host(name).running], [], `${name} leaves something running\n${story(at)}`);
  clean(at);
}
