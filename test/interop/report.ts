/** Results as a table. Pure. */
import type { Result } from './perform.ts';
import type { Scenario } from './scenarios.ts';

const BEGIN = '<!-- results -->';
const END = '<!-- end of results -->';

/** In a cell: why it failed, by its first fault, or what it does otherwise than two 3.0.6 and why. */
function word({ passed, faults, reasons }: Result): string {
  const safe = (text: string): string => text.replaceAll('|', '/').replace(/\s+/g, ' ');
  if (passed) return reasons.length === 0 ? 'passed' : `passed; ${safe(reasons.join('; '))}`;
  return `**failed**: ${safe(faults[0] ?? '').slice(0, 120)}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}`;
}

/** One row for each mixed scenario that was run, in the order of the list, and how many were not. */
export function resultTable(scenarios: readonly Scenario[], results: readonly Result[]): string {
  const found = new Map(results.map((result) => [result.name, result]));
  const mixed = scenarios.filter(({ pairing }) => pairing !== 'reference');
  const rows = mixed.flatMap((scenario) => {
    const { name, subject, pairing } = scenario;
    const result = found.get(name);
    if (result === undefined) return [];
    const reference = found.get(`${subject}/reference`);
    const beside = reference === undefined ? 'not run' : `${reference.gapMs}${reference.passed ? '' : ' (did not get through)'}`;
    return [`| ${subject} | ${pairing} | ${word(result)} | ${result.gapMs} | ${beside} |`];
  });
  const left = mixed.length - rows.length;
  return [
    `${rows.length} of ${mixed.length} mixed scenarios have a result${left > 0 ? `; ${left} have not been run` : ''}.`,
    '',
    '| scenario | pairing | result | gap, ms | gap of the 3.0.6 pair, ms |',
    '|---|---|---|--:|--:|',
    ...rows,
  ].join('\n');
}

/** Puts the table between its two marks. */
export function intoPage(page: string, table: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error('the page has no marks for the results');
  return `${page.slice(0, from + BEGIN.length)}\n${table}\n${page.slice(to)}`;
}

/** Later results take the place of earlier ones of the same name. */
export function merge(old: readonly Result[], fresh: readonly Result[]): Result[] {
  return [...new Map([...old, ...fresh].map((result) => [result.name, result])).values()];
}
