/** The reference page of ha.cf: one row for each directive of the table. */
import type { DirectiveRow, DirectiveStatus } from './directives.ts';

const EFFECT: Readonly<Record<DirectiveStatus, string>> = {
  implemented: '',
  accepted: 'Accepted, **no effect**. ',
  protects: 'Accepted, **not in effect yet**. ',
};

const HEAD = `# ha.cf, directive by directive

Made from the directive table of heartbeatd by \`scripts/lib/directive-page.mjs\`; do not edit it by hand.

- One directive a line, read from top to bottom; names are case-sensitive. \`#\` begins a remark, anywhere. No quotes, no continuation lines.
- Values are parted by blanks or commas. An ordinary directive takes each value in turn, the last one holds; those with \`(line)\` take the whole line.
- Times: \`2\` and \`0.5\` are seconds, \`500ms\` and \`500us\` what they say; no blank before the unit, and no \`5s\`.
- \`heartbeat --check\` reads the files and says all that is wrong with them. \`heartbeat -D\` lists the defaults, \`heartbeat -v\` what is in force.

| Directive | Syntax | Limits | Default | Effect | Other than in Heartbeat 3.0.6 |
|---|---|---|---|---|---|
`;

/** Markdown. Rows in alphabetical order. */
export function directivePage(rows: readonly DirectiveRow[]): string {
  const sorted = [...rows].sort((a, b) => (a.word < b.word ? -1 : 1));
  return `${HEAD}${sorted.map(row).join('\n')}\n`;
}

function row({ word, aliases, syntax, form, limits, fallback, status, help, differs }: DirectiveRow): string {
  const names = [word, ...aliases].map((name) => `\`${name}\``).join(', ');
  const cells = [
    names,
    `\`${syntax}\`${form === 'wholeLine' ? ' (line)' : ''}`,
    limits,
    fallback === undefined ? '-' : `\`${fallback}\``,
    `${EFFECT[status]}${help}`,
    differs ?? '-',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
