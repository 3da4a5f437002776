/**
 * How a node has come to hold a group:
 *
 *   confirmed   the other node has said since that it does not hold it: this was the holder before any split that followed
 *   takenOver   from a node that was counted as dead, and nobody has confirmed it yet
 *   started     by a life that began without hearing the other node
 */
export const RANK = { started: 0, takenOver: 1, confirmed: 2 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

/** How much of a group runs: nothing (it is only claimed), some resources, or all. */
export type Extent = 'nothing' | 'partly' | 'whole';

/** What one node says of a group that both hold, and of itself. */
export interface Holding {
  /** It stood still or was cut off from time, and was counted as dead meanwhile. */
  readonly away: boolean;
  /** Ping nodes that it reaches. */
  readonly pings: number;
  /** Counts the terms of ownership of the group, over both nodes and over restarts. */
  readonly epoch: number;
  readonly rank: Rank;
  readonly runs: Extent;
}

/**
 * Who keeps a group that both nodes hold: the one that was not away; the one that reaches more ping nodes; the one that
 * held it before the split. `equal` leaves it to the home of the group. Each node asks with the two holdings exchanged,
 * so both come to the same answer from the same facts. Who only claims it, or has not started all of it yet, gives no
 * service that could be missed: it yields to one that does, so that no time is without a holder.
 */
export function keeper(ours: Holding, theirs: Holding): Verdict {
  for (const [better, why] of RULE) {
    const difference = better(ours, theirs);
    if (difference !== 0) return { who: difference > 0 ? 'ours' : 'theirs', why };
  }
  return { who: 'equal', why: 'its home' };
}

/** `why` is said of the one who keeps it. */
export interface Verdict {
  readonly who: 'ours' | 'theirs' | 'equal';
  readonly why: string;
}

const RULE: readonly (readonly [better: (a: Holding, b: Holding) => number, why: string])[] = [
  [serves, 'it runs on one node alone'],
  [wasHere, 'the other node stood still'],
  [reaches, 'it reaches more ping nodes'],
  [isWhole, 'all of it runs on one node alone'],
  [heldBefore, 'it held it before'],
];

function serves(a: Holding, b: Holding): number {
  return Number(a.runs !== 'nothing') - Number(b.runs !== 'nothing');
}

function wasHere(a: Holding, b: Holding): number {
  return Number(b.away) - Number(a.away);
}

function reaches(a: Holding, b: Holding): number {
  return a.pings - b.pings;
}

function isWhole(a: Holding, b: Holding): number {
  return Number(a.runs === 'whole') - Number(b.runs === 'whole');
}

/** Two confirmed terms: the older one ended without its holder having noticed it (its services outlived its daemon). */
function heldBefore(a: Holding, b: Holding): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.rank === RANK.confirmed ? a.epoch - b.epoch : 0;
}
