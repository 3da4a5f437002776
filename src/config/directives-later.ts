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
  readonly inert?: boolean;
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
    inert: (words) => inert === true || (fallback !== undefined && words.every((value) => sameValue(value, fallback))),
    apply,
  };
}

function choice(word: string, words: readonly string[], fallback: string, help: string, known: (value: string) => string): ListDirective {
  return later(word, words.join('|'), help, {
    fallback,
    apply(value, line) {
      if (!words.includes(value)) refuse(line, word, value, words.join(' or '), known(shown(value)));
    },
  });
}

function bool(word: string, help: string, fallback: string, known?: (value: string) => string): ListDirective {
  return later(word, 'BOOL', help, { fallback, apply: (value, line) => applyBoolean(line, word, value, undefined, known?.(shown(value))) });
}

/** Read for Pacemaker's sake, and without effect whatever it says. */
function pacemakerSwitch(word: string): ListDirective {
  return later(word, 'BOOL', 'For Pacemaker only.', {
    recorded: false,
    inert: true,
    apply: (value, line) => applyBoolean(line, word, value, undefined, `ha_config_check_boolean:Invalid directive value ${shown(value)}`),
  });
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

function applyAutojoin(value: string, line: LineContext): void {
  const mode = value.toLowerCase();
  if (mode === 'none') return;
  if (mode === 'other' || mode === 'any') {
    const known = 'R1 style resource management conflicts with  autojoin set. You need either unset autojoin or enable crm';
    refuse(line, 'autojoin', value, '`autojoin none`', known);
  } else refuse(line, 'autojoin', value, 'none', `Invalid autojoin directive [${shown(value)}]`);
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

/** Accounts that a package of Heartbeat makes; heartbeatd does not depend on them. */
const HEARTBEAT_ACCOUNTS: ReadonlySet<string> = new Set(['hacluster', 'haclient']);

/** What 3.0.6 says about a list with an unknown name in it; numbers are taken as they are. */
function unknownAccount(list: string, { host }: LineContext): string | undefined {
  const kind = list.startsWith('uid=') ? 'uid' : 'gid';
  const names = list.slice('uid='.length).split(',');
  const isKnown = (name: string) => {
    if (/^[0-9]*$/.test(name) || HEARTBEAT_ACCOUNTS.has(name)) return true;
    return (kind === 'uid' ? host.hasUser?.(name) : host.hasGroup?.(name)) !== false;
  };
  const unknown = names.find((name) => !isKnown(name));
  if (unknown === undefined) return undefined;
  const what = kind === 'uid' ? 'user id' : 'group';
  return `Invalid ${what} name [${shown(unknown)}]; Bad ${kind} list [${shown(names.join(','))}]`;
}

function applyApiauth([name = '', ...lists]: readonly string[], line: LineContext): void {
  const syntax = '`apiauth client [uid=uidlist] [gid=gidlist]`';
  const rest = shown(line.words.join(' '));
  const keys = lists.map((list) => /^(uid|gid)=/.exec(list)?.[1]);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  let fault: string | undefined;
  if (line.draft.apiClients.has(name)) fault = `Duplicate apiauth directive for API client ${shown(name)}: [${rest}]`;
  else if (name === '' || lists.length === 0 || keys.includes(undefined)) fault = 'Missing uid or gid in apiauth';
  else if (twice !== undefined) fault = `Duplicate ${twice} list in apiauth`;
  else fault = lists.map((list) => unknownAccount(list, line)).find((text) => text !== undefined);
  if (fault !== undefined) refuse(line, 'apiauth', rest, syntax, `${fault}; Invalid apiauth directive [${rest}]`);
  line.draft.apiClients.add(name);
}

export const LATER_DIRECTIVES: readonly Directive[] = [
  later('baud', 'RATE', 'Speed of serial lines, above them.', { fallback: '19200', apply: applyBaud }),
  later('conn_logd_time', 'TIME', 'Time between tries to reach the logging daemon.', {
    fallback: '60000ms',
    apply(value, line) {
      const ms = parseTimeMs(value);
      if (ms === undefined || ms <= 0) refuse(line, 'conn_logd_time', value, `more than 0, as ${TIME_FORMS}`);
    },
  }),
  bool('log_badpack', 'Report packets that cannot be read or verified.', 'true'),
  {
    word: 'apiauth',
    form: 'wholeLine',
    syntax: 'apiauth CLIENT [uid=LIST] [gid=LIST]',
    help: 'Who may connect as a client of that name.',
    status: 'accepted',
    recorded: false,
    apply: applyApiauth,
  },
  choice('hbgenmethod', ['file', 'time'], 'file', 'Where the generation number comes from.', (v) => `Illegal hb generation method [${v}]`),
  choice('uuidfrom', ['file', 'nodename'], 'file', "Where the node's UUID comes from.", (v) => `Invalid uuidfrom directive [${v}]`),
  later('autojoin', 'none', 'Whether unknown nodes may join.', { fallback: 'none', apply: applyAutojoin }),
  later('cluster', 'NAME', 'Name of the cluster; not used on the wire.', { fallback: 'linux-ha', inert: true }),
  later('quorum_server', 'HOST', 'For Pacemaker only.'),
  choice('compression', ['zlib', 'bz2'], 'zlib', 'How long messages are compressed.', (v) => `Compression module(${v}) not found`),
  positive(
    'compression_threshold',
    'Messages longer than this are compressed.',
    '2',
    (v) => `set_compression_threshold: compress_threshhold(${v}) invalid`,
  ),
  bool('traditional_compression', 'Compress whole messages.', 'no', (v) => `set_traditional_compression:Invalid directive value ${v}`),
  positive('memreserve', 'Memory kept ready.', '6500'),
  bool('coredumps', 'Allow core dumps.', 'true'),
  later('coreroot', 'DIR', 'Folder for core dumps.', { fallback: '/var/lib/heartbeat/cores', apply: applyCoreroot }),
  bool('use_apphbd', 'Register with the application heartbeat daemon.', 'no'),
  later('crm', 'no', 'Pacemaker instead of haresources.', { fallback: 'false', aliases: ['pacemaker'], apply: applyCrm }),
  later('crm_daemon_dir', 'DIR', 'For Pacemaker only.', { recorded: false, inert: true }),
  ...['crmd_spawns_pengine', 'record_config_changes', 'record_pengine_inputs', 'enable_config_writes'].map(pacemakerSwitch),
];
