import type { Level } from '../contracts/notes.ts';
import { createUnixDatagram } from './unix-datagram.ts';

const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 1,
  mail: 2,
  daemon: 3,
  auth: 4,
  security: 4,
  syslog: 5,
  lpr: 6,
  news: 7,
  uucp: 8,
  cron: 9,
  authpriv: 10,
  ftp: 11,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
};

const SEVERITIES: Readonly<Record<Level, number>> = { EMERG: 0, ALERT: 1, CRIT: 2, ERROR: 3, WARN: 4, notice: 5, info: 6, debug: 7 };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Longer lines are cut: local daemons take about this much. */
const LINE_BYTES_MAX = 8000;

export interface Syslog {
  /**
   * One line. `facility` is a word of the `logfacility` directive; an unknown one counts as `daemon`. `ident` and `text`
   * are finished, the pid in one of them.
   */
  send(facility: string, level: Level, ident: string, text: string): void;
  /** Lines that found no taker: no syslog daemon, or one that is behind. */
  dropped(): number;
  close(): void;
}

/** Never waits and never fails: a syslog daemon that is absent or slow costs its lines, nothing else. */
export function createSyslog(path = '/dev/log', now: () => Date = () => new Date()): Syslog {
  const socket = createUnixDatagram(path);
  let dropped = 0;
  return {
    send(facility, level, ident, text) {
      const line = Buffer.from(syslogLine(facility, level, ident, text, now()));
      if (socket.send(line.subarray(0, LINE_BYTES_MAX)) !== 0) dropped += 1;
    },
    dropped: () => dropped,
    close: () => socket.close(),
  };
}

/** `<PRI>Mon DD HH:MM:SS IDENT: TEXT` (log-lines 1). */
export function syslogLine(facility: string, level: Level, ident: string, text: string, date: Date): string {
  const priority = (FACILITIES[facility] ?? 3) * 8 + SEVERITIES[level];
  const two = (value: number) => String(value).padStart(2, '0');
  const day = String(date.getDate()).padStart(2, ' ');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `<${priority}>${MONTHS[date.getMonth()]} ${day} ${time} ${ident}: ${text.replace(/[\0\r\n]+/g, ' ')}`;
}
