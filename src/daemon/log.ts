import fs from 'node:fs';
import { pino } from 'pino';
import { daemonLine, type LogLine, scriptDebugfileLine, scriptLogfileLine, syslogParts } from '../base/log-line.ts';
import { renderNote } from '../base/notes.ts';
import type { LogConfig } from '../contracts/config.ts';
import type { Level, Note } from '../contracts/notes.ts';
import { systemText } from '../os/text.ts';
import { localTime } from './local-time.ts';
import { LogFile, type LogFileLimits, type LogFs } from './log-file.ts';

/**
 * The daemon's log: one logger, and for each destination of ha.cf a stream of our own that writes the line
 * in that destination's form (log-lines 1). logfile and syslog get everything but debug, debugfile everything.
 */
export interface Log {
  /** A line of the table in base/notes.ts. */
  note(note: Note): void;
  /** A line about this process or its host, which the table does not know. */
  line(level: Level, text: string, tag?: string): void;
  /** A line of a resource script, which begins with its own level word. */
  script(name: string, text: string): void;
  /** 0: debug lines are not made at all. SIGUSR1 and SIGUSR2 move it. */
  setDebug(debug: number): void;
  /** SIGHUP. */
  reopen(): void;
  /** Once a minute: follows a renamed file. */
  checkRotation(): void;
  /** From now on nothing is mirrored: the person who started the daemon has gone. */
  stopMirror(): void;
  /** On a fatal exit. Writes what waits, unless the disk stands still. */
  flushSync(): void;
  /** Calls back when all is written, at the latest after `limitMs`. */
  close(limitMs: number, done: () => void): void;
  /** true: a destination stands still, so an orderly exit of the process would wait for its thread. */
  stalled(): boolean;
  /** Lines lost so far, all destinations. */
  dropped(): number;
}

/** /dev/log, elsewhere. `send` never waits and never throws. */
export interface SyslogSink {
  send(facility: string, level: Level, ident: string, text: string): void;
}

export interface LogOptions {
  readonly config: LogConfig;
  readonly node: string;
  readonly pid: number;
  /** Without a log directive: stderr when true, else syslog at `daemon`. */
  readonly foreground: boolean;
  readonly syslog?: SyslogSink;
  /** Gets a finished line for every error, until `stopMirror`: what the person at the terminal must see. */
  readonly mirror?: (line: string) => void;
  readonly now?: () => Date;
  readonly fs?: LogFs;
  readonly clock?: () => number;
  readonly later?: (ms: number, ring: () => void) => void;
  readonly limits?: Partial<LogFileLimits>;
}

const LEVELS = { debug: 10, info: 20, notice: 30, WARN: 40, ERROR: 50, CRIT: 60, ALERT: 70, EMERG: 80 } as const satisfies Record<
  Level,
  number
>;

const LEVEL_OF_WORD: Readonly<Record<string, Level>> = {
  DEBUG: 'debug',
  WARN: 'WARN',
  WARNING: 'WARN',
  ERROR: 'ERROR',
  CRIT: 'CRIT',
  ALERT: 'ALERT',
  EMERG: 'EMERG',
};
const FALLBACK_FACILITY = 'daemon';

const STDERR_FD = 2;

/** What pino leaves on a stream that asks for it: the record itself, so that nobody parses JSON again. */
interface Stream {
  lastObj?: unknown;
  write(json: string): void;
}

const WANTS_RECORD = Symbol.for('pino.metadata');

export function createLog(options: LogOptions): Log {
  const { config, node, pid } = options;
  const now = options.now ?? (() => new Date());
  const files: LogFile[] = [];
  let mirror = options.mirror;

  const ownLine = (level: Level, text: string): string =>
    daemonLine({ time: localTime(now()), node, pid, level, text }, config.syslogmsgfmt);

  const openFile = (path: string, fd?: number): LogFile => {
    const file = new LogFile({
      path,
      ...(fd === undefined ? {} : { fd }),
      fs: options.fs ?? fs,
      clock: options.clock ?? (() => performance.now()),
      later: options.later ?? ((ms, ring) => void setTimeout(ring, ms).unref()),
      droppedLine: (count) => ownLine('WARN', `${count} log lines were dropped: ${path} took no more`),
      failed: (reason) => line('ERROR', `cannot write the log: ${reason}; its lines wait`),
      rotatedLine: (name) => ownLine('info', `log-rotate detected on logfile ${name}`),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    files.push(file);
    return file;
  };

  const streams: { level: number; stream: Stream }[] = [];
  const add = (least: Level, take: (line: LogLine) => void): void => {
    streams.push({ level: LEVELS[least], stream: recordStream(take) });
  };
  const text = (line: LogLine, script: (line: LogLine) => string): string =>
    line.tag === undefined && line.script === undefined ? daemonLine(line, config.syslogmsgfmt) : script(line);

  if (config.logfile !== undefined) {
    const file = openFile(systemText(config.logfile));
    add('info', (line) => file.write(text(line, scriptLogfileLine)));
  }
  if (config.debugfile !== undefined) {
    const file = openFile(systemText(config.debugfile));
    add('debug', (line) => file.write(text(line, scriptDebugfileLine)));
  }
  const nothingNamed = config.logfile === undefined && config.debugfile === undefined && config.logfacility === undefined;
  const toTerminal = nothingNamed && options.foreground;
  if (toTerminal) {
    const file = openFile('stderr', STDERR_FD);
    add('debug', (line) => file.write(text(line, scriptLogfileLine)));
  }
  const facility = config.logfacility ?? (nothingNamed && !options.foreground ? FALLBACK_FACILITY : undefined);
  const { syslog } = options;
  if (facility !== undefined && syslog !== undefined) {
    add('info', (line) => {
      const parts = syslogParts(line);
      syslog.send(facility, line.level, parts.ident, parts.text);
    });
  }
  if (!toTerminal) add('ERROR', (line) => mirror?.(daemonLine(line, config.syslogmsgfmt)));

  const logger = pino(
    { customLevels: LEVELS, useOnlyCustomLevels: true, level: levelFor(config.debug), base: null, timestamp: false },
    pino.multistream(streams as never, { dedupe: false, levels: LEVELS as never }),
  );

  const line = (level: Level, words: string, tag?: string): void => {
    const record = { time: localTime(now()), node, pid, level, text: systemText(words) };
    logger[level](tag === undefined ? record : { ...record, tag });
  };

  return {
    line,
    script(name, words) {
      const level = LEVEL_OF_WORD[/^[A-Za-z]+/.exec(words)?.[0].toUpperCase() ?? ''] ?? 'info';
      logger[level]({ time: localTime(now()), node, pid, level, text: words, script: name });
    },
    note(note) {
      const { level, text: words, tag } = renderNote(note);
      line(level, words, tag);
    },
    setDebug(debug) {
      logger.level = levelFor(debug);
    },
    reopen() {
      for (const file of files) file.reopen();
    },
    checkRotation() {
      for (const file of files) file.checkRotation();
    },
    stopMirror() {
      mirror = undefined;
    },
    flushSync() {
      for (const file of files) file.flushSync();
    },
    close(limitMs, done) {
      closeAll(files, limitMs, done);
    },
    stalled: () => files.some((file) => file.stalled),
    dropped: () => files.reduce((sum, file) => sum + file.dropped, 0),
  };
}

function recordStream(take: (line: LogLine) => void): Stream {
  const stream: Stream = {
    write() {
      // Only `line` above logs, so the record is always a LogLine.
      take(stream.lastObj as LogLine);
    },
  };
  return Object.assign(stream, { [WANTS_RECORD]: true });
}

function closeAll(files: readonly LogFile[], limitMs: number, done: () => void): void {
  let left = files.length;
  let told = false;
  const tell = (): void => {
    if (told) return;
    told = true;
    clearTimeout(limit);
    done();
  };
  const limit = setTimeout(tell, limitMs);
  if (left === 0) tell();
  for (const file of files) {
    file.close(() => {
      left -= 1;
      if (left === 0) tell();
    });
  }
}

const levelFor = (debug: number): Level => (debug > 0 ? 'debug' : 'info');
