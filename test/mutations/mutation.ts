/** One deliberate fault in the logic. The simulator has to find it. */
export interface Mutation {
  /** For the table and `--only`; unique. */
  readonly name: string;
  /** Below `src/`. */
  readonly file: string;
  /** Occurs exactly once in the file: what the fault takes the place of. */
  readonly find: string;
  readonly replace: string;
  /** What no longer holds, in a few words. */
  readonly breaks: string;
  /** Found within `QUICK_RUNS` runs, and so tried in each ordinary test run. */
  readonly quick?: true;
}

/** So many runs may pass until a mutation is found; more are a hole in the simulator. */
export const RUNS_MAX = 2000;
export const QUICK_RUNS = 100;

/** The text with the fault in it. Throws when the text to replace is missing or ambiguous, or stays the same. */
export function mutated({ name, file, find, replace }: Mutation, text: string): string {
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`mutation ${name}: its text occurs ${places} times in src/${file}, not once`);
  if (find === replace) throw new Error(`mutation ${name} changes nothing`);
  return text.replace(find, () => replace);
}
