import { type Faults, span } from './fault.ts';

/** The daemon dies, and its guardian with it or not. `kill` (processes.ts) is both at a time. */
export const GUARDIAN_FAULTS: Faults = {
  crash: (cluster, node) => cluster.crash(node),
  crashAtEffect: (cluster, node) => cluster.guardians.arm(node, 1 + cluster.random.below(60)),
  crashAtEffectSoon: (cluster, node) => cluster.guardians.arm(node, 1 + cluster.random.below(8)),
  /** No program can be started for a while: the guardian gives everything up. */
  crashUnable: (cluster, node) => cluster.guardians.unable(node, span(cluster, 100, 20_000)),
  guardianKill: (cluster, node) => cluster.guardians.kill(node),
};
