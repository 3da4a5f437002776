import { type ChildProcess, spawn } from 'node:child_process';
import { type Dirent, readdir, readdirSync } from 'node:fs';
import type { EventScripts } from '../contracts/clients.ts';
import type { Level } from '../contracts/notes.ts';
import { thrownFault } from './errno.ts';
import { joinFields } from './script-environment.ts';
import type { ScriptOutput } from './script-output.ts';
import { systemText } from './text.ts';

/** Events that wait behind a slow script; the oldest give way. */
const WAITING_MAX = 64;
/** A script that runs this long is told, and then ended, so that the next event gets its turn. */
const SLOW_MS = 60_000;
const LIMIT_MS = 600_000;
const KILL_MS = 5000;

/**
 * What these scripts do in 3.0.6 the daemon does itself: give groups up, take them, answer. A message that they write for
 * it, by whatever tool, would ask for it a second time, or promise what is not so yet; so they have no FIFO to write to.
 */
const OWN_WORK: ReadonlySet<string> = new Set(['ask_resources', 'hb_takeover', 'ip-request', 'ip-request-resp']);

export interface EventScriptsOptions {
  readonly rcDir: string;
  /** The script that is called with the type, and runs `rc.d/TYPE`. */
  harc(): string | undefined;
  environment(): Readonly<Record<string, string>>;
  readonly output: ScriptOutput;
  /** Descriptor 3: lines for the log (HA_LOGFD). */
  readonly logFd?: number | undefined;
  log(level: Level, text: string): void;
  readonly limits?: { readonly waitingMax?: number; readonly slowMs?: number; readonly limitMs?: number; readonly killMs?: number };
}

export interface SiteScripts extends EventScripts {
  /** Looks anew which scripts there are. Does not wait for the disk. */
  refresh(): void;
  /** Nothing is started any more; what runs goes on. */
  close(): void;
}

interface Waiting {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Tells the site's scripts what happens: `harc TYPE` for each event whose type is, letter by letter, a file in rc.d
 * (wire-protocol 7.9). One at a time and in order; the engine never waits for them.
 */
export function createEventScripts(options: EventScriptsOptions): SiteScripts {
  const { waitingMax = WAITING_MAX, slowMs = SLOW_MS, limitMs = LIMIT_MS, killMs = KILL_MS } = options.limits ?? {};
  let types = namesOf(() => readdirSync(options.rcDir, { withFileTypes: true }));
  const waiting: Waiting[] = [];
  let running = false;
  let closed = false;
  let dropped = 0;

  function next(): void {
    const event = closed ? undefined : waiting.shift();
    running = event !== undefined;
    if (event !== undefined) run(event);
    else if (dropped > 0) {
      options.log('WARN', `${dropped} events in all were not told to the scripts of ${options.rcDir}`);
      dropped = 0;
    }
  }

  function run({ type, fields }: Waiting): void {
    const harc = options.harc();
    if (harc === undefined) {
      options.log('ERROR', `there is no harc to run ${options.rcDir}/${type} with`);
      setImmediate(next);
      return;
    }
    const out = options.output.fd();
    let child: ChildProcess;
    try {
      child = spawn(harc, [type], {
        argv0: 'harc',
        cwd: '/',
        detached: true,
        env: environmentOf(options.environment(), type, fields),
        stdio: ['ignore', out, out, options.logFd ?? 'ignore'],
      });
    } catch (error) {
      options.log('ERROR', `cannot run ${thrownFault(harc, error).detail}`);
      setImmediate(next);
      return;
    }
    watch(child, type);
  }

  function watch(child: ChildProcess, type: string): void {
    const name = `${options.rcDir}/${type}`;
    const seconds = (ms: number) => Math.round(ms / 1000);
    const timers = [
      setTimeout(() => options.log('WARN', `${name} has been running for ${seconds(slowMs)} s: ${waiting.length} events wait`), slowMs),
      setTimeout(() => {
        options.log('WARN', `${name} is ended after ${seconds(limitMs)} s`);
        killGroup(child, 'SIGTERM');
      }, limitMs),
      setTimeout(() => killGroup(child, 'SIGKILL'), limitMs + killMs),
    ];
    for (const timer of timers) timer.unref();
    let over = false;
    const end = () => {
      for (const timer of timers) clearTimeout(timer);
      if (!over) next();
      over = true;
    };
    child.once('error', (error) => {
      options.log('ERROR', `cannot run ${thrownFault('harc', error).detail}`);
      end();
    });
    child.once('exit', end);
  }

  return {
    run(type, fields) {
      if (closed || !types.has(type)) return;
      if (waiting.length >= waitingMax) {
        const oldest = waiting.shift();
        if (dropped === 0)
          options.log('WARN', `too many events wait for the scripts of ${options.rcDir}: the oldest, ${oldest?.type}, is left out`);
        dropped += 1;
      }
      waiting.push({ type, fields });
      if (!running) next();
    },
    refresh() {
      readdir(options.rcDir, { withFileTypes: true }, (fault, entries) => {
        types = namesOf(() => (fault === null ? entries : []));
      });
    },
    close() {
      closed = true;
      waiting.length = 0;
    },
  };
}

function environmentOf(environment: Readonly<Record<string, string>>, type: string, fields: Waiting['fields']): Record<string, string> {
  const named = Object.entries(fields).map(([name, value]) => [`HA_${name}`, systemText(value)] as const);
  const own = OWN_WORK.has(type) ? { HA_FIFO: '/dev/null' } : {};
  return { ...joinFields(environment, Object.fromEntries(named)), LC_ALL: 'C', ...own };
}

/** Files, and links to them; whether one can be executed is for harc to say. */
function namesOf(read: () => readonly Dirent[]): ReadonlySet<string> {
  try {
    return new Set(
      read()
        .filter((entry) => entry.isFile() || entry.isSymbolicLink())
        .map(({ name }) => name),
    );
  } catch {
    return new Set();
  }
}

function killGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has just ended.
  }
}
