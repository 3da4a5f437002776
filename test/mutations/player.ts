/** A process that plays seeds one after another, and tells after each what was found. Arguments: the first seed, how many. */
import { play } from './play.ts';

export interface Played {
  readonly seed: number;
  readonly violations: readonly string[];
}

function playOne(seed: number): readonly string[] {
  try {
    return play(seed).slice(0, 3);
  } catch (error) {
    return [`thrown: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 2).join(' ') : String(error)}`];
  }
}

const [first = 1, runs = 1] = process.argv.slice(2).map(Number);
/** Told before the next begins: who hangs is known by its seed. */
function turn(seed: number): void {
  if (seed >= first + runs) {
    process.disconnect();
    return;
  }
  const violations = playOne(seed);
  const told: Played = { seed, violations };
  process.send?.(told, () => turn(seed + 1));
}
turn(first);
