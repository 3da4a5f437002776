import type { Level } from '../contracts/notes.ts';

/**
 * The forms of one log line (log-lines 1), to the letter, because monitoring reads them. Pure text: the
 * caller breaks the local time up and ends the line.
 */

/** Local time as a log shows it. `month` is 1 for January. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface LogLine {
  readonly time: LocalTime;
  readonly node: string;
  readonly pid: number;
  readonly level: Level;
  readonly text: string;
  /** Set for lines that 3.0.6's shell tools write. */
  readonly tag?: string;
  /** Set for lines that a resource script writes: its whole name, `IPaddr(IPaddr_10.0.0.1)[123]`. The text has its own level word. */
  readonly script?: string;
}

/** Longer texts are cut: one line never fills a queue. */
export const LOG_TEXT_CHARS_MAX = 4096;

export const ENTITY = 'heartbeat';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** These tools write their text without a level word (log-lines 4 and 5). */
const TAGS_WITHOUT_LEVEL: ReadonlySet<string> = new Set(['hb_standby', 'ip-request-resp']);

const two = (value: number): string => String(value).padStart(2, '0');

const clock = (time: LocalTime): string => `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;

/** `Nov  5 22:04:46`: the day is padded with a blank. */
export function syslogDate(time: LocalTime): string {
  return `${MONTHS[time.month - 1] ?? '???'} ${String(time.day).padStart(2, ' ')} ${clock(time)}`;
}

/** `2026/11/05_22:04:46` */
export function slashDate(time: LocalTime): string {
  return `${time.year}/${two(time.month)}/${two(time.day)}_${clock(time)}`;
}

/** One line stays one line: what a hostile packet may have brought in is shown, not obeyed. */
export function printable(text: string): string {
  const cut = text.length > LOG_TEXT_CHARS_MAX ? `${text.slice(0, LOG_TEXT_CHARS_MAX)}...` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}

/** A daemon line for logfile, debugfile and stderr. */
export function daemonLine(line: LogLine, syslogmsgfmt = true): string {
  const rest = `${line.level}: ${printable(line.text)}`;
  return syslogmsgfmt
    ? `${syslogDate(line.time)} ${line.node} ${ENTITY}: [${line.pid}]: ${rest}`
    : `${ENTITY}[${line.pid}]: ${slashDate(line.time)} ${rest}`;
}

const scriptName = (line: LogLine): string => line.script ?? `${line.tag ?? ENTITY}(default)[${line.pid}]`;

const scriptText = (line: LogLine): string =>
  line.script !== undefined || TAGS_WITHOUT_LEVEL.has(line.tag ?? '') ? printable(line.text) : `${line.level}: ${printable(line.text)}`;

/** A line that carries a tag, as logfile has it. */
export function scriptLogfileLine(line: LogLine): string {
  return `${slashDate(line.time)}\t ${scriptName(line)}:    ${scriptText(line)}`;
}

/** A line that carries a tag, as debugfile has it. */
export function scriptDebugfileLine(line: LogLine): string {
  return `${scriptName(line)}:\t${slashDate(line.time)}\t${scriptText(line)}`;
}

/** Program and text for syslog, whole: `heartbeat` and `[20]: info: TEXT`, or `mach_down(default)[20]` and `info: TEXT` (log-lines 1). */
export function syslogParts(line: LogLine): { readonly ident: string; readonly text: string } {
  if (line.tag !== undefined || line.script !== undefined) return { ident: scriptName(line), text: scriptText(line) };
  return { ident: ENTITY, text: `[${line.pid}]: ${line.level}: ${printable(line.text)}` };
}
