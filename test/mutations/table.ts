import type { Found } from './hunt.ts';
import type { Mutation } from './mutation.ts';

export interface Row {
  readonly mutation: Mutation;
  /** Nothing: not found. */
  readonly found: Found | undefined;
}

/** The complaint without what differs from run to run: times, nodes, resources. */
export function checkerOf(complaint: string): string {
  return complaint
    .replace(/^[\d.]+ /, '')
    .replace(/\/\S*\/|\(.*\)/g, '')
    .replace(/\bIPaddr::\w+|\b(?:web|db|service\d+)\b/g, 'R')
    .replace(/R(?:[ +|:]+R)+/g, 'R')
    .replace(/\bn[12]\b/g, 'N')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 90);
}

function cells({ mutation, found }: Row): readonly string[] {
  return [
    mutation.name,
    found === undefined ? '-' : String(found.seed),
    found === undefined ? '-' : String(found.runs),
    found === undefined ? 'NOT FOUND' : checkerOf(found.complaint),
  ];
}

export function textTable(rows: readonly Row[]): string {
  const lines = [['mutation', 'seed', 'runs', 'found by'], ...rows.map(cells)];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map(([name = '', seed = '', runs = '', checker = '']) =>
      [name.padEnd(widths[0] ?? 0), seed.padStart(widths[1] ?? 0), runs.padStart(widths[2] ?? 0), checker].join('  '),
    )
    .join('\n');
}

/** For reading: with what each mutation breaks. N is a node, R a resource, # a number. */
export function writtenTable(rows: readonly Row[], summary: string): string {
  const lines = rows.map((row) => {
    const [name, seed, runs, checker] = cells(row);
    return `| ${name} | ${row.mutation.file} | ${row.mutation.breaks} | ${seed} | ${runs} | ${checker} |`;
  });
  return `# What the simulator makes of deliberate faults

Written by \`scripts/mutate --table\`. N is a node, R a resource, # a number.

| mutation | in src/ | breaks | seed | runs | found by |
|---|---|---|---|---|---|
${lines.join('\n')}

${summary}
`;
}
