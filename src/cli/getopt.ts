/** Reads one-letter options as the C library does for 3.0.6's programs: they may stand behind words, and be joined. */
export interface Options {
  readonly flags: ReadonlySet<string>;
  /** Values of letters that take one. */
  readonly values: ReadonlyMap<string, string>;
  readonly words: readonly string[];
  /** What is wrong, in the C library's words. */
  readonly faults: readonly string[];
}

/** @param spec letters, each followed by `:` when it takes a value: `mp:`. */
export function getopt(program: string, argv: readonly string[], spec: string): Options {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  const words: string[] = [];
  const faults: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    for (let letterAt = 1; letterAt < word.length; letterAt += 1) {
      const letter = word.charAt(letterAt);
      const known = letter === ':' ? -1 : spec.indexOf(letter);
      if (known < 0) faults.push(`${program}: invalid option -- '${letter}'`);
      else if (spec.charAt(known + 1) !== ':') flags.add(letter);
      else {
        const joined = word.slice(letterAt + 1);
        if (joined === '') at += 1;
        const value = joined === '' ? argv[at] : joined;
        if (value === undefined) faults.push(`${program}: option requires an argument -- '${letter}'`);
        else values.set(letter, value);
        break;
      }
    }
  }
  return { flags, values, words, faults };
}
