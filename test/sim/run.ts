import { play } from './campaign.ts';
import type { SimSetup } from './cluster.ts';
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

/** One seed. Whatever the code under test throws comes back as a violation, with the time line until then. */
export function runSeed(seed: number, { kinds, setup = {} }: RunOptions = {}): RunResult {
  const cluster = play(seed, setup, chosen(kinds));
  return {
    seed,
    violations: cluster.violations,
    faults: Object.fromEntries(cluster.injected),
    simulatedMs: cluster.timeline.now,
    bothWroteMs: cluster.disk.concurrentMs,
    trace: cluster.trace,
  };
}
