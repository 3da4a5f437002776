/** Directives about the log and about how the daemon runs on its host (directives 2). */
import type { Directive } from './directive.ts';
import { applyBoolean, refuse, warnOfLenientNumber } from './directive.ts';
import { leadingInteger, lenientInteger } from './integers.ts';
import { shown } from './problems.ts';

const PATH_BYTES_MAX = 4095;

const FACILITIES: ReadonlySet<string> = new Set([
  ...['none', 'auth', 'authpriv', 'cron', 'daemon', 'ftp', 'kern', 'lpr', 'mail', 'news', 'syslog', 'user', 'uucp', 'security'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
]);

function logFile(word: 'logfile' | 'debugfile', help: string): Directive {
  return {
    word,
    form: 'list',
    syntax: `${word} PATH`,
    help,
    status: 'implemented',
    apply(value, line) {
      if (value.length > PATH_BYTES_MAX) {
        refuse(line, word, value, `a path of at most ${PATH_BYTES_MAX} bytes`);
        return;
      }
      if (!value.startsWith('/')) line.problems.warning(line.at, `${word} ${shown(value)}: not a full path`);
      line.draft[word] = value;
    },
  };
}

export const LOG_DIRECTIVES: readonly Directive[] = [
  logFile('debugfile', 'File that gets every log line, debug lines too; /dev/null for none.'),
  logFile('logfile', 'File that gets every log line but debug lines; /dev/null for none.'),
  {
    word: 'logfacility',
    form: 'list',
    syntax: 'logfacility FACILITY',
    help: 'Syslog facility; none: no syslog.',
    status: 'implemented',
    apply(value, line) {
      if (FACILITIES.has(value)) line.draft.logfacility = { value, at: line.at };
      else refuse(line, 'logfacility', value, [...FACILITIES].join(' '), `Log facility(${shown(value)}) not valid`);
    },
  },
  {
    word: 'use_logd',
    form: 'list',
    syntax: 'use_logd BOOL',
    help: 'Log through the logging daemon ha_logd.',
    status: 'accepted',
    inert: (words) => words.every((word) => /^(?:false|off|no|n|0)$/i.test(word)),
    apply(value, line) {
      applyBoolean(line, 'use_logd', value, (on) => {
        line.draft.useLogd = { value: on, at: line.at };
      });
    },
  },
  {
    word: 'syslogmsgfmt',
    form: 'list',
    syntax: 'syslogmsgfmt BOOL',
    help: 'Log lines begin as syslog lines do (true) or in the older form (false).',
    status: 'implemented',
    fallback: 'true',
    apply(value, line) {
      applyBoolean(line, 'syslogmsgfmt', value, (on) => {
        line.draft.syslogmsgfmt = on;
      });
    },
  },
  {
    word: 'log_badpack',
    form: 'list',
    syntax: 'log_badpack BOOL',
    help: 'Report packets that cannot be read or verified; off: they are only counted.',
    status: 'implemented',
    fallback: 'true',
    apply(value, line) {
      applyBoolean(line, 'log_badpack', value, (on) => {
        line.draft.logBadpack = on;
      });
    },
  },
  {
    word: 'debug',
    form: 'list',
    syntax: 'debug N',
    help: 'Debug level; 0: no debug lines. Each -d of the command line adds one. 0 when absent.',
    status: 'implemented',
    apply(value, line) {
      const level = lenientInteger(value);
      if (level < 0 || level > 255) {
        refuse(line, 'debug', value, 'a number from 0 to 255');
        return;
      }
      warnOfLenientNumber(line, 'debug', value, level);
      line.draft.debug = level;
    },
  },
  {
    word: 'realtime',
    form: 'list',
    syntax: 'realtime BOOL',
    help: 'Run with realtime priority.',
    status: 'implemented',
    fallback: 'true',
    apply(value, line) {
      applyBoolean(line, 'realtime', value, (on) => {
        line.draft.realtime = on;
      });
    },
  },
  {
    word: 'rtprio',
    form: 'list',
    syntax: 'rtprio N',
    help: 'Realtime priority; 1 when absent.',
    status: 'implemented',
    apply(value, line) {
      const priority = leadingInteger(value);
      if (priority === undefined || priority < 1 || priority > 99) {
        refuse(line, 'rtprio', value, 'a number from 1 to 99', `Illegal realtime priority [${shown(value)}]`);
      } else line.draft.rtprio = priority;
    },
  },
];
