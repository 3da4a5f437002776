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
  /** Other files, facility, form or level from now on; a file that stays is not opened anew. */
  configure(config: LogConfig): void;
  /** Once a minute: follows a renamed file. */
  checkRotation(): void;
  /** From now on nothing is mirrored: the person who started the daemon has gone. */
  stopMirror(): void;
  /** On a fatal exit. Writes what waits, unless the disk stands still. */
  flushSync(): void;
  /** Calls back when nothing waits any more (true), at the latest after `limitMs` (false). */
  flush(limitMs: number, done: (clean: boolean) => void): void;
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
  /** Gives each file that was opened to its owner (tools 1). */
  readonly own?: ((fd: number, done: (error: Error | null) => void) => void) | undefined;
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
const FLUSH_LOOK_MS = 2;

/** What pino leaves on a stream that asks for it: the record itself, so that nobody parses JSON again. */
interface Stream {
  lastObj?: unknown;
  write(json: string): void;
}

const WANTS_RECORD = Symbol.for('pino.metadata');

export function createLog(options: LogOptions): Log {
  const { node, pid } = options;
  const now = options.now ?? (() => new Date());
  let { config } = options;
  let files = new Map<string, LogFile>();
  let mirror = options.mirror;

  const ownLine = (level: Level, text: string): string =>
    daemonLine({ time: localTime(now()), node, pid, level, text }, config.syslogmsgfmt);

  const openFile = (path: string, what: string, fd?: number): LogFile =>
    new LogFile({
      path,
      ...(fd === undefined ? {} : { fd }),
      fs: options.fs ?? fs,
      clock: options.clock ?? (() => performance.now()),
      later: options.later ?? ((ms, ring) => void setTimeout(ring, ms).unref()),
      droppedLine: (count) => ownLine('WARN', `${count} log lines were dropped: ${path} took no more`),
      failed: (reason) => line('ERROR', `cannot write the log: ${reason}; its lines wait`),
      own: options.own,
      notOwned: (reason) => line('WARN', `change_logfile_ownership: failed to chown ${what}: ${reason}`),
      rotatedLine: (name) => ownLine('info', `log-rotate detected on logfile ${name}`),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });

  const text = (line: LogLine, script: (line: LogLine) => string): string =>
    line.tag === undefined && line.script === undefined ? daemonLine(line, config.syslogmsgfmt) : script(line);

  /** One stream for each destination that `config` names. Files that are open already go on. */
  const connect = (): pino.Logger<keyof typeof LEVELS> => {
    const before = files;
    files = new Map();
    const streams: { level: number; stream: Stream }[] = [];
    const add = (least: Level, take: (line: LogLine) => void): void => {
      streams.push({ level: LEVELS[least], stream: recordStream(take) });
    };
    const addFile = (least: Level, path: string, what: string, script: (line: LogLine) => string, fd?: number): void => {
      const place = `${what} ${path}`;
      const file = before.get(place) ?? openFile(path, what, fd);
      files.set(place, file);
      add(least, (line) => file.write(text(line, script)));
    };
    const { logfile, debugfile, logfacility } = config;
    const nothingNamed = logfile === undefined && debugfile === undefined && logfacility === undefined;
    const toTerminal = nothingNamed && options.foreground;
    if (logfile !== undefined) addFile('info', systemText(logfile), 'logfile', scriptLogfileLine);
    if (debugfile !== undefined) addFile('debug', systemText(debugfile), 'dbgfile', scriptDebugfileLine);
    if (toTerminal) addFile('debug', 'stderr', 'stderr', scriptLogfileLine, STDERR_FD);
    const facility = logfacility ?? (nothingNamed && !options.foreground ? FALLBACK_FACILITY : undefined);
    const { syslog } = options;
    if (facility !== undefined && syslog !== undefined) {
      add('info', (line) => {
        const parts = syslogParts(line);
        syslog.send(facility, line.level, parts.ident, parts.text);
      });
    }
    if (!toTerminal) add('ERROR', (line) => mirror?.(daemonLine(line, config.syslogmsgfmt)));
    for (const [place, file] of before) if (!files.has(place)) file.close(() => undefined);
    return pino(
      { customLevels: LEVELS, useOnlyCustomLevels: true, level: levelFor(config.debug), base: null, timestamp: false },
      pino.multistream(streams as never, { dedupe: false, levels: LEVELS as never }),
    );
  };

  let logger = connect();

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
      for (const file of files.values()) file.reopen();
    },
    configure(next) {
      const { level } = logger;
      const sameDebug = next.debug === config.debug;
      config = next;
      logger = connect();
      // SIGUSR1 and SIGUSR2 may have moved it since.
      if (sameDebug) logger.level = level;
    },
    checkRotation() {
      for (const file of files.values()) file.checkRotation();
    },
    stopMirror() {
      mirror = undefined;
    },
    flushSync() {
      for (const file of files.values()) file.flushSync();
    },
    flush(limitMs, done) {
      untilIdle([...files.values()], limitMs, done);
    },
    close(limitMs, done) {
      closeAll([...files.values()], limitMs, done);
    },
    stalled: () => [...files.values()].some((file) => file.stalled),
    dropped: () => [...files.values()].reduce((sum, file) => sum + file.dropped, 0),
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

function untilIdle(files: readonly LogFile[], limitMs: number, done: (clean: boolean) => void): void {
  const end = performance.now() + limitMs;
  const look = (): void => {
    const clean = files.every((file) => file.idle);
    if (clean || performance.now() >= end) done(clean);
    else setTimeout(look, FLUSH_LOOK_MS);
  };
  look();
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
