/** A covering array of strength 2: rows in which every value of every dimension meets every value of every other one. */
export type Row = Readonly<Record<string, string>>;
type Values = Readonly<Record<string, readonly string[]>>;

/** All pairs that have to be met, one word each. */
export function allPairs(values: Values): Set<string> {
  const names = Object.keys(values);
  const found = new Set<string>();
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      for (const a of values[one] ?? []) for (const b of values[other] ?? []) found.add(pairWord(one, a, other, b));
    }
  }
  return found;
}

const pairWord = (one: string, a: string, other: string, b: string): string => `${one}=${a} ${other}=${b}`;

export function pairsOf(row: Row, names: readonly string[]): string[] {
  return names.flatMap((one, index) => names.slice(index + 1).map((other) => pairWord(one, row[one] ?? '', other, row[other] ?? '')));
}

/**
 * Greedy, and the same at every call: a row begins with the first pair that is still missing; then each of the other
 * dimensions takes the value that meets the most missing pairs with what is chosen already (the earlier value on a tie).
 */
export function cover(values: Values): Row[] {
  const names = Object.keys(values);
  const missing = allPairs(values);
  const rows: Row[] = [];
  for (;;) {
    const seed = missing.values().next().value;
    if (seed === undefined) return rows;
    const chosen = new Map(seed.split(' ').map((part) => part.split('=') as [string, string]));
    for (const name of names) {
      if (chosen.has(name)) continue;
      const gain = (value: string): number =>
        [...chosen].filter(([other, b]) => {
          const first = names.indexOf(name) < names.indexOf(other);
          return missing.has(first ? pairWord(name, value, other, b) : pairWord(other, b, name, value));
        }).length;
      const best = (values[name] ?? []).reduce((one, other) => (gain(other) > gain(one) ? other : one));
      chosen.set(name, best);
    }
    const row = Object.fromEntries(names.map((name) => [name, chosen.get(name) ?? '']));
    for (const pair of pairsOf(row, names)) missing.delete(pair);
    rows.push(row);
  }
}
