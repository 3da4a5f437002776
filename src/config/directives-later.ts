/** Directives of 3.0.6 that are read and checked, and have no effect in this version (directives 2). */

import { parseBoolean } from './booleans.ts';
import type { Directive, ListDirective } from './directive.ts';
import { applyBoolean, refuse, sameValue } from './directive.ts';
import type { LineContext } from './draft.ts';
import { leadingInteger } from './integers.ts';
import { shown } from './problems.ts';
import { parseTimeMs, TIME_FORMS } from './times.ts';

const BAUD_RATES: ReadonlySet<string> = new Set(['9600', '19200', '38400', '57600', '115200', '230400', '460800']);
const CRM_WORDS: ReadonlySet<string> = new Set(['respawn', 'manual', 'minimal', 'valgrind', 'ccm-only']);
const CRM_NEEDS = 'heartbeatd manages its resources with haresources alone; remove the line, or write `crm no`';

interface LaterOptions {
  readonly fallback?: string;
  readonly aliases?: readonly string[];
  readonly recorded?: boolean;
  /** Nothing is lost by its having no effect: never, or with these words. */
  readonly inert?: true | ((words: readonly string[]) => boolean);
  readonly apply?: (value: string, line: LineContext) => void;
}

function later(word: string, syntax: string, help: string, options: LaterOptions = {}): ListDirective {
  const { fallback, aliases, recorded, inert, apply = () => {} } = options;
  return {
    word,
    form: 'list',
    syntax: `${word} ${syntax}`,
    help,
    status: 'accepted',
    ...(fallback === undefined ? {} : { fallback }),
    ...(aliases === undefined ? {} : { aliases }),
    ...(recorded === undefined ? {} : { recorded }),
    inert: (words) =>
      inert === true || inert?.(words) === true || (fallback !== undefined && words.every((value) => sameValue(value, fallback))),
    apply,
  };
}

function bool(word: string, help: string, fallback: string, known?: (value: string) => string): ListDirective {
  return later(word, 'BOOL', help, { fallback, apply: (value, line) => applyBoolean(line, word, value, undefined, known?.(shown(value))) });
}

/** Read for Pacemaker's sake, and without effect whatever it says. */
function pacemakerSwitch(word: string, fallback?: string): ListDirective {
  return later(word, 'BOOL', 'For Pacemaker only.', {
    ...(fallback === undefined ? {} : { fallback }),
    inert: true,
    apply(value, line) {
      applyBoolean(line, word, value, undefined, `ha_config_check_boolean:Invalid directive value ${shown(value)}`);
      if (word === 'crmd_spawns_pengine' && line.draft.seenOnce.has('crm')) {
        refuse(line, word, value, 'this line above the pacemaker or crm line, or not at all', mustStandAbovePacemaker(value));
      }
    },
  });
}

/** 3.0.6 reads these two at the moment of the other. */
function mustStandAbovePacemaker(value: string): string {
  return `If you specify ${shown(value)}, it must come before the pacemaker directive`;
}

function positive(word: string, help: string, fallback: string, known?: (value: string) => string): ListDirective {
  return later(word, 'KB', help, {
    fallback,
    apply(value, line) {
      const amount = leadingInteger(value);
      if (amount === undefined || amount <= 0) refuse(line, word, value, 'a number of KB above 0', known?.(shown(value)));
    },
  });
}

function applyBaud(value: string, line: LineContext): void {
  if (line.draft.seenOnce.has('baud')) refuse(line, 'baud', value, 'one baud line', 'heartbeat: Baudrate multiply specified.');
  line.draft.seenOnce.add('baud');
  if (!BAUD_RATES.has(value)) {
    refuse(line, 'baud', value, `one of ${[...BAUD_RATES].join(' ')}`, `heartbeat: invalid baudrate [${shown(value)}] specified.`);
  }
}

function applyCoreroot(value: string, line: LineContext): void {
  if (value.startsWith('/')) return;
  const known = `Invalid dir in cl_set_corerootdir() [${shown(value)}]: No such file or directory; Invalid core directory [${shown(value)}]: Invalid argument`;
  refuse(line, 'coreroot', value, 'a full path', known);
}

function applyCrm(value: string, line: LineContext): void {
  const { draft } = line;
  const on = parseBoolean(value);
  if (draft.seenOnce.has('crm')) refuse(line, 'crm', value, 'one crm line', 'pacemaker/crm directive used multiple times!');
  draft.seenOnce.add('crm');
  if (on === false) return;
  if (on === true || CRM_WORDS.has(value.toLowerCase())) {
    refuse(line, 'crm', value, `no: ${CRM_NEEDS}`, 'Failed to add pacemaker client child "cib"');
  } else refuse(line, 'crm', value, `no: ${CRM_NEEDS}`);
}

export const LATER_DIRECTIVES: readonly Directive[] = [
  later('baud', 'RATE', 'Speed of serial lines, above them.', { fallback: '19200', apply: applyBaud }),
  later('conn_logd_time', 'TIME', 'Time between tries to reach the logging daemon.', {
    fallback: '60',
    apply(value, line) {
      const ms = parseTimeMs(value);
      if (ms === undefined || ms <= 0) refuse(line, 'conn_logd_time', value, `more than 0, as ${TIME_FORMS}`);
    },
  }),
  later('cluster', 'NAME', 'Name of the cluster; not used on the wire.', { fallback: 'linux-ha', inert: true }),
  later('quorum_server', 'HOST', 'For Pacemaker only.'),
  positive('memreserve', 'Memory kept ready.', '6500'),
  bool('coredumps', 'Allow core dumps.', 'true'),
  later('coreroot', 'DIR', 'Folder for core dumps; /var/lib/heartbeat/cores when absent.', {
    inert: (words) => words.at(-1) === '/var/lib/heartbeat/cores',
    apply: applyCoreroot,
  }),
  later('use_apphbd', 'BOOL', 'Register with the application heartbeat daemon.', {
    inert: (words) => parseBoolean(words.at(-1) ?? '') === false,
    apply: (value, line) => applyBoolean(line, 'use_apphbd', value),
  }),
  later('pacemaker', 'no', 'Pacemaker instead of haresources.', { fallback: 'false', aliases: ['crm'], apply: applyCrm }),
  later('crm_daemon_dir', 'DIR', 'For Pacemaker only.', {
    recorded: false,
    inert: true,
    apply(value, line) {
      if (line.draft.seenOnce.has('crm')) line.problems.warning(line.at, mustStandAbovePacemaker(value));
    },
  }),
  pacemakerSwitch('crmd_spawns_pengine'),
  ...['record_config_changes', 'record_pengine_inputs', 'enable_config_writes'].map((word) => pacemakerSwitch(word, 'on')),
];
