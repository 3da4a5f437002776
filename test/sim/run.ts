import { play } from './campaign.ts';
import type { SimCluster, SimSetup } from './cluster.ts';
import type { Faults } from './faults/fault.ts';
import { FAULTS } from './faults/index.ts';

export interface RunOptions {
  /** Only these kinds of faults. Without it: all. */
  readonly kinds?: readonly string[];
  readonly setup?: Partial<SimSetup>;
}

export interface RunResult {
  readonly seed: number;
  /** Empty when all was well. An error that something threw is one, too. */
  readonly violations: readonly string[];
  /** Injected faults by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly simulatedMs: number;
  /** Of that, from the first fault to the end of the last. */
  readonly stormMs: number;
  /** For how long two hosts wrote to the shared disk at a time. */
  readonly bothWroteMs: number;
  /** The timeline of both nodes, a line per event. */
  readonly trace: readonly string[];
}

function chosen(kinds: readonly string[] | undefined): Faults {
  if (kinds === undefined) return FAULTS;
  const unknown = kinds.filter((kind) => FAULTS[kind] === undefined);
  if (unknown.length > 0) throw new Error(`no such fault: ${unknown.join(' ')} (${Object.keys(FAULTS).join(' ')})`);
  return Object.fromEntries(Object.entries(FAULTS).filter(([kind]) => kinds.includes(kind)));
}

/** One seed. Whatever the code under test throws comes back as a violation, with the timeline until then. */
export function runSeed(seed: number, { kinds, setup = {} }: RunOptions = {}): RunResult {
  const faults = chosen(kinds);
  const made: SimCluster[] = [];
  try {
    play(seed, setup, faults, (cluster) => made.push(cluster));
  } catch (error) {
    made[0]?.violation(`thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const [cluster] = made;
  if (cluster === undefined) throw new Error(`no cluster for seed ${seed}`);
  return resultOf(cluster);
}

function resultOf(cluster: SimCluster): RunResult {
  const { now } = cluster.timeline;
  return {
    seed: cluster.setup.seed,
    violations: cluster.violations,
    faults: Object.fromEntries(cluster.injected),
    simulatedMs: now,
    stormMs: cluster.injected.size === 0 ? 0 : (cluster.calmSince ?? now) - cluster.stormSince,
    bothWroteMs: cluster.disk.concurrentMs,
    trace: cluster.trace,
  };
}
