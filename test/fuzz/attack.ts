/** What every attacker on a test host has in common. */
import type { Dice } from './dice.ts';

/** Counts by what was done. */
export type Tally = Record<string, number>;

export interface Attack {
  readonly dice: Dice;
  readonly tally: Tally;
  /** Inputs per second, about. */
  readonly rate: number;
  ended(): boolean;
}

export function count(tally: Tally, what: string, by = 1): void {
  tally[what] = (tally[what] ?? 0) + by;
}

/** Runs `act` as often as `rate` says, in small bursts, and whatever else wants to run in between. */
export async function steadily(attack: Attack, act: () => void): Promise<void> {
  const began = performance.now();
  let done = 0;
  while (!attack.ended()) {
    const due = ((performance.now() - began) / 1000) * attack.rate;
    // What could not be done in time on a busy machine is not made up for in one flood.
    done = Math.max(done, due - attack.rate / 2);
    for (; done < due; done += 1) act();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
