import type { SimCluster } from '../cluster.ts';

/** Something that happens to a node, or between it and the other one. `false`: there was nothing to do, so nothing has happened. */
export type Fault = (cluster: SimCluster, node: string, other: string) => unknown;
export type Faults = Readonly<Record<string, Fault>>;

/** A span of up to `mostMs`, short ones as likely as long ones: each octave has the same chance. */
export function span(cluster: SimCluster, leastMs: number, mostMs: number): number {
  const octaves = Math.log2(mostMs / leastMs);
  return leastMs * 2 ** ((octaves * cluster.random.below(1000)) / 1000);
}

/** Undone after a while, and by the calm after the storm at the latest; after that, nothing is. */
export function undoLater(cluster: SimCluster, afterMs: number, undo: () => void): void {
  let done = false;
  const once = () => {
    if (done) return;
    done = true;
    undo();
  };
  if (cluster.calmSince !== undefined) return;
  cluster.timeline.after(afterMs, once);
  cluster.remedies.push(once);
}
