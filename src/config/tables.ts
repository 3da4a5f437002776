/** What `heartbeat -D`, `-DW` and `-v` print, in the form of 3.0.6 (tools 1). */
import { COMPATIBLE_VERSION } from '../base/version.ts';
import type { Config } from '../contracts/config.ts';
import type { DirectiveRow } from './directives.ts';
import { shown } from './problems.ts';

const WORD_COLUMNS = 25;
const DEFAULT_COLUMNS = 10;
const RULE = '#---------------------------------------------------';

/** How 3.0.6 calls what carries packets. */
const CHANNELS: Readonly<Record<string, string>> = {
  bcast: 'UDP/IP broadcast',
  ucast: 'UDP/IP unicast',
  mcast: 'UDP/IP multicast',
  ucast6: 'UDP/IPv6 unicast',
  mcast6: 'UDP/IP multicast',
  serial: 'serial ring',
};

interface Listed {
  readonly word: string;
  readonly fallback: string;
  readonly summary: string;
}

/** Directives that have a default whatever else ha.cf says. */
function withDefaults(rows: readonly DirectiveRow[]): readonly Listed[] {
  return rows.flatMap(({ word, fallback, summary }) =>
    fallback === undefined || summary === undefined ? [] : [{ word, fallback, summary }],
  );
}

/** `heartbeat -D`: directives with their defaults. */
export function defaultsTable(rows: readonly DirectiveRow[]): readonly string[] {
  const line = (word: string, fallback: string, summary: string) =>
    `${word.padEnd(WORD_COLUMNS)}${fallback.padEnd(DEFAULT_COLUMNS)}${summary}`;
  return [
    line('Directive', 'Default', 'Description'),
    '-'.repeat(80),
    ...withDefaults(rows).map(({ word, fallback, summary }) => line(word, fallback, summary)),
  ];
}

/** `heartbeat -DW`: the same as a wiki page. */
export function defaultsWiki(rows: readonly DirectiveRow[]): readonly string[] {
  return [
    '##Put this output in the ha.cf/DefaultValues page',
    'The [wiki:ha.cf ha.cf] directives with default values are shown below - along with a brief description.',
    `This was produced by {{{heartbeat -DW}}} ''# (version ${COMPATIBLE_VERSION})''`,
    '',
    "||''Directive''||''Default''||''Description''||",
    ...withDefaults(rows).map(
      ({ word, fallback, summary }) => `||[wiki:ha.cf/${wikiName(word)}Directive ${word}]||${fallback}||${summary}||`,
    ),
  ];
}

/** `conn_logd_time` is `ConnLogdTime`. */
function wikiName(word: string): string {
  return word.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * `heartbeat -v`: the configuration in force, as an ha.cf with remarks. `hostName` as `uname -n` prints it. What is accepted
 * and not in effect stands below, as remarks.
 */
export function effectiveConfiguration(config: Config, hostName: string, rows: readonly DirectiveRow[]): readonly string[] {
  const { parameters, nodes, media, unmet } = config;
  const values = rows.flatMap(({ word, summary }) => {
    const value = Object.hasOwn(parameters, word) ? parameters[word] : undefined;
    return summary === undefined || value === undefined ? [] : [`${word}\t${value}\t#\t${summary}`];
  });
  const channels = media.flatMap(({ kind, device }) => [
    '#',
    `# ${CHANNELS[kind] ?? kind} heartbeat channel -------------`,
    `${kind} ${device}`,
  ]);
  return [
    '#',
    `#\tLinux-HA heartbeat configuration (on ${hostName})`,
    '#',
    '',
    RULE,
    '#',
    '#\tHA configuration and status',
    '#',
    ...values,
    '#',
    '#\tHA Cluster nodes:',
    '#',
    ...nodes.map((name) => `node ${name}\t#\t current status: init`),
    '#',
    '#\tCommunications media:',
    ...channels,
    ...(unmet.length === 0 ? [] : ['#', '#\tNot in effect:', '#', ...unmet.map(({ text }) => `# ${shown(text, TEXT_CHARACTERS_MAX)}`)]),
    RULE,
  ];
}

const TEXT_CHARACTERS_MAX = 600;
