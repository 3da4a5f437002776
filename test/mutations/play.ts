import { runSeed } from '../sim/run.ts';

/** The run of one seed. Answers what the checkers have to say against it: nothing, where the program is as it should be. */
export function play(seed: number): readonly string[] {
  return runSeed(seed).violations;
}
