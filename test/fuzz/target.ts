import type { Dice } from './dice.ts';

/** What was given last, for whoever has to find out why it went wrong. */
export class Trail {
  readonly #last: (readonly [what: string, input: Uint8Array | string])[] = [];

  /** `what` names the door; text is one character per byte. */
  add(what: string, input: Uint8Array | string): void {
    if (this.#last.length >= TRAIL_INPUTS) this.#last.shift();
    this.#last.push([what, input]);
  }

  get inputs(): readonly string[] {
    return this.#last.map(([what, input]) => {
      const bytes = typeof input === 'string' ? Buffer.from(input, 'latin1') : Buffer.from(input);
      return `${what} ${bytes.subarray(0, TRAIL_BYTES).toString('hex')}`;
    });
  }
}

const TRAIL_INPUTS = 12;
const TRAIL_BYTES = 1 << 16;

/** One thing that takes input from outside. */
export interface Target {
  readonly name: string;
  /** A life from beginning to end, the same for the same dice: throws when something is not as it must be. Tells how many inputs it gave. */
  episode(dice: Dice, trail: Trail): number;
}

/** What a run found. `inputs`: the last ones, newest at the end, as `door hex`. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly episode: number;
  readonly fault: string;
  readonly inputs: readonly string[];
}

export function runEpisode(target: Target, dice: Dice, episode: number): { readonly inputs: number; readonly finding?: Finding } {
  const trail = new Trail();
  try {
    return { inputs: target.episode(dice.fork(episode), trail) };
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { inputs: trail.inputs.length, finding: { target: target.name, seed: dice.seed, episode, fault, inputs: trail.inputs } };
  }
}
