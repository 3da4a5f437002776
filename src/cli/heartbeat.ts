import { HELD_SETS } from '../base/held-sets.ts';
import { daemonLine, type LocalTime } from '../base/log-line.ts';
import { COMPATIBLE_VERSION, VERSION } from '../base/version.ts';
import { EXIT } from '../config/exit-status.ts';
import type { Problem } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { DaemonOptions, RunDaemon } from '../contracts/daemon.ts';
import type { Level } from '../contracts/notes.ts';
import type { Io } from './io.ts';
import type { LaunchResult, Starter } from './launch.ts';
import { detachedArguments, HEARTBEAT_USAGE, type HeartbeatOptions, parseHeartbeat, restartArguments } from './options.ts';
import type { Running } from './running.ts';

/** The command `heartbeat` (tools 1): words, texts and exit statuses as 3.0.6 has them. */

export interface CheckedConfig {
  readonly config?: Config;
  readonly problems: readonly Problem[];
  /** For a command that cannot go on without a configuration. */
  readonly exitStatus: number;
}

export interface Tables {
  defaults(wiki: boolean): readonly string[];
  effective(config: Config, hostName: string): readonly string[];
}

/** All that the command does to the world, so that a test can play it. */
export interface HeartbeatWorld extends Io {
  readonly pid: number;
  readonly hostName: string;
  readonly localTime: () => LocalTime;
  /** Reads and checks the three files; opens nothing else. */
  check(options: HeartbeatOptions): Promise<CheckedConfig>;
  /** What `-D` and `-v` print. Loaded only then: the table of directives knows the media. */
  tables(): Promise<Tables>;
  formatProblem(problem: Problem): string;
  findRunning(runDir: string): Running;
  /** Throws as `process.kill` does. */
  kill(pid: number, signal: 'SIGTERM' | 'SIGHUP'): void;
  /** true: that process is still there. */
  isAlive(running: Extract<Running, { kind: 'running' }>): boolean;
  /** true: that process catches SIGHUP, as a daemon does that is ready for signals. */
  listens(pid: number): boolean;
  sleep(ms: number): Promise<void>;
  launch(args: readonly string[], limitMs: number, tell: (line: string) => void): Promise<LaunchResult>;
  /** This process becomes the guardian of a daemon with these arguments. Comes back only when that did not work. */
  becomeGuardian(args: readonly string[]): void;
  /** The guardian of a daemon that has died, for the moment in which it starts it again; its process number. */
  findGuardian(runDir: string): number | undefined;
  detachedStarter(): Starter;
  /** Loaded only when this process is to be the daemon. */
  runDaemon: RunDaemon;
}

/** A daemon that has not said `ready` by then goes on in the background. */
const READY_LIMIT_MS = 10_000;
const STOP_POLL_MS = 50;
const OTHER_LOOKS = 10;
/** 2 s. */
const AGAIN_POLLS = 40;
/** 5 s. */
const LISTEN_POLLS = 100;
const STOP_AGAIN_POLLS = 100;

export async function heartbeat(argv: readonly string[], world: HeartbeatWorld): Promise<number> {
  const parsed = parseHeartbeat(argv);
  if (parsed.kind === 'help') {
    world.out(parsed.text);
    return EXIT.ok;
  }
  if (parsed.kind === 'usage') {
    world.err(parsed.text);
    return EXIT.usage;
  }
  const { options } = parsed;
  switch (options.action) {
    case 'version':
      world.out(`${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`);
      return EXIT.ok;
    case 'defaults':
      for (const line of (await world.tables()).defaults(options.wiki)) world.out(line);
      return EXIT.ok;
    case 'status':
      return tellStatus(options, world);
    case 'stop':
      return stop(options, world);
    case 'check':
      return checkOnly(options, world);
    case 'reload':
      return reload(options, world);
    case 'runDetached':
      return runDetached(options, world);
    case 'restart':
      return restart(options, world);
    case 'start':
      return start(options, world);
  }
}

const nodeName = (options: HeartbeatOptions, world: HeartbeatWorld): string => options.node ?? world.hostName.toLowerCase();

function say(options: HeartbeatOptions, world: HeartbeatWorld, level: Level, text: string): void {
  world.err(daemonLine({ time: world.localTime(), node: nodeName(options, world), pid: world.pid, level, text }));
}

async function tellStatus(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const running = await findSettled(options, world);
  if (running.kind === 'running') {
    world.out(`heartbeat OK [pid ${running.pid} et al] is running on ${world.hostName} [${nodeName(options, world)}]...`);
    return EXIT.ok;
  }
  world.out('heartbeat is stopped. No process');
  return running.kind === 'none' ? 3 : EXIT.generic;
}

/** What runs, or runs again in a moment: one that has died is being started by its guardian. */
async function findSettled({ runDir }: HeartbeatOptions, world: HeartbeatWorld): Promise<Running> {
  for (let polls = 0; ; polls += 1) {
    const running = world.findRunning(runDir);
    if (running.kind !== 'stale' || polls === AGAIN_POLLS || world.findGuardian(runDir) === undefined) return running;
    await world.sleep(STOP_POLL_MS);
  }
}

/** Its daemon has died and does not come back: it gives up what the journal names, and ends. */
async function stopGuardian(pid: number, options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const status = signal(pid, 'SIGTERM', options, world);
  while (status === EXIT.ok && world.findGuardian(options.runDir) === pid) await world.sleep(STOP_POLL_MS);
  return status;
}

async function stop(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const running = await findSettled(options, world);
  if (running.kind !== 'running') {
    const guardian = running.kind === 'stale' ? world.findGuardian(options.runDir) : undefined;
    if (guardian !== undefined) return stopGuardian(guardian, options, world);
    world.err('INFO: Heartbeat already stopped.');
    return EXIT.ok;
  }
  await untilListening(running, world);
  const status = signal(running.pid, 'SIGTERM', options, world);
  if (status !== EXIT.ok) return status;
  // No limit: a database may take its time to stop, and the caller must not go on before it has.
  for (let polls = 1; world.isAlive(running); polls += 1) {
    await world.sleep(STOP_POLL_MS);
    // Said once more to a daemon that was just starting again in its place; one that stops already does not mind.
    if (polls % STOP_AGAIN_POLLS === 0) signal(running.pid, 'SIGTERM', options, world);
  }
  return EXIT.ok;
}

/** A daemon that is just starting again in its place knows no signals yet, and would be ended by one with its services running. */
async function untilListening({ pid }: Extract<Running, { kind: 'running' }>, world: HeartbeatWorld): Promise<void> {
  for (let polls = 0; !world.listens(pid) && polls < LISTEN_POLLS; polls += 1) await world.sleep(STOP_POLL_MS);
}

/** ESRCH means that it has just ended by itself. */
function signal(pid: number, name: 'SIGTERM' | 'SIGHUP', options: HeartbeatOptions, world: HeartbeatWorld): number {
  try {
    world.kill(pid, name);
    return EXIT.ok;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return EXIT.ok;
    say(options, world, 'ERROR', `Cannot signal heartbeat pid ${pid}: ${code === 'EPERM' ? 'permission denied' : String(error)}`);
    return code === 'EPERM' ? EXIT.permission : EXIT.generic;
  }
}

async function checkOnly(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const { config, problems, exitStatus } = await world.check(options);
  for (const problem of problems) world.err(`${severityWord(problem)}: ${world.formatProblem(problem)}`);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const counts = `${errors} errors, ${problems.length - errors} warnings`;
  world.out(config === undefined ? `configuration refused: ${counts}` : `configuration good: ${counts}`);
  return exitStatus;
}

const severityWord = (problem: Problem): Level => (problem.severity === 'error' ? 'ERROR' : 'WARN');

/** Tells all problems in the form of log lines; the configuration when there is one. */
async function checkAloud(options: HeartbeatOptions, world: HeartbeatWorld): Promise<CheckedConfig> {
  const checked = await world.check(options);
  for (const problem of checked.problems) say(options, world, severityWord(problem), world.formatProblem(problem));
  return checked;
}

async function reload(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const running = await findSettled(options, world);
  if (running.kind !== 'running') return start(options, world);
  if ((await checkAloud(options, world)).config === undefined) {
    say(options, world, 'info', `Config errors: Heartbeat pid ${running.pid} NOT restarted`);
    return EXIT.generic;
  }
  say(options, world, 'info', `Signalling heartbeat pid ${running.pid} to reread config files`);
  await untilListening(running, world);
  return signal(running.pid, 'SIGHUP', options, world);
}

/** `-R` by hand is refused: only a daemon that has just been exec'ed by itself finds its own number in the pid file. */
async function restart(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const running = world.findRunning(options.runDir);
  if (running.kind === 'running') {
    world.err(`ERROR: Heartbeat already running [pid ${running.pid}].`);
    return EXIT.generic;
  }
  if (running.kind !== 'own' || options.handed === undefined) {
    world.err('ERROR: heartbeat is not running.');
    return EXIT.configuration;
  }
  const held = HELD_SETS.find((word) => word === options.held);
  if (held === undefined) {
    world.err(HEARTBEAT_USAGE);
    return EXIT.usage;
  }
  const tell = options.foreground ? world.err : () => undefined;
  const life = { ...daemonOptions(options, options.foreground, { tell, ready: () => undefined }), held, handed: options.handed };
  return world.runDaemon(life);
}

async function start(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const { config, exitStatus } = await checkAloud(options, world);
  if (config === undefined) {
    say(options, world, 'ERROR', 'Heartbeat not started: configuration error.');
    say(options, world, 'ERROR', 'Configuration error, heartbeat not started.');
    return exitStatus;
  }
  if (options.print) for (const line of (await world.tables()).effective(config, world.hostName)) world.out(line);
  say(options, world, 'info', '**************************');
  say(options, world, 'info', `Configuration validated. Starting heartbeat ${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`);
  const running = await findSettled(options, world);
  if (running.kind === 'running') {
    say(options, world, 'info', `heartbeat: already running [pid ${running.pid}].`);
    return EXIT.ok;
  }
  const guardian = running.kind === 'stale' ? world.findGuardian(options.runDir) : undefined;
  if (guardian !== undefined) {
    // A second one would take up what the first is just giving up.
    say(options, world, 'WARN', `heartbeat has died; its guardian [pid ${guardian}] goes on trying to start it`);
    return EXIT.ok;
  }
  // With what `--check` found: it is not done, and told, again.
  if (options.foreground && options.guardian === undefined) world.becomeGuardian(detachedArguments(options));
  if (options.foreground) return world.runDaemon(daemonOptions(options, true, { tell: world.err, ready: () => undefined }));
  return startInBackground(options, world);
}

async function startInBackground(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const result = await world.launch(detachedArguments(options), READY_LIMIT_MS, world.err);
  switch (result.kind) {
    case 'ready':
      return EXIT.ok;
    case 'slow':
      say(options, world, 'WARN', `heartbeat [pid ${result.pid}] runs but is not ready after ${READY_LIMIT_MS / 1000} s: see its log`);
      return EXIT.ok;
    case 'ended':
      if (result.status === EXIT.generic && (await otherStarted(options, world))) return EXIT.ok;
      if (result.status !== 0) say(options, world, 'ERROR', `heartbeat ended at once with status ${result.status}`);
      return result.status;
    case 'killed':
      say(options, world, 'ERROR', `heartbeat was ended at once by ${result.signal}`);
      return EXIT.generic;
    case 'notStarted':
      say(options, world, 'ERROR', `cannot start heartbeat in the background: ${result.detail}`);
      return EXIT.generic;
  }
}

/** Two starts at once: the one that comes too late finds the locks held, and a moment later the other's pid file. */
async function otherStarted(options: HeartbeatOptions, world: HeartbeatWorld): Promise<boolean> {
  for (let looks = 0; looks < OTHER_LOOKS; looks += 1) {
    const running = world.findRunning(options.runDir);
    if (running.kind === 'running') {
      say(options, world, 'info', `heartbeat: already running [pid ${running.pid}].`);
      return true;
    }
    await world.sleep(STOP_POLL_MS);
  }
  return false;
}

/** Its stderr is /dev/null: a fault that no log has seen yet is told to the starter before it ends the process. */
async function runDetached(options: HeartbeatOptions, world: HeartbeatWorld): Promise<number> {
  const starter = starterOf(options, world);
  try {
    return await world.runDaemon(daemonOptions(options, options.foreground, starter));
  } catch (error) {
    starter.tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    throw error;
  }
}

/** Who starts a daemon that has died waits for nothing any more. */
function starterOf({ foreground, guardian }: HeartbeatOptions, world: HeartbeatWorld): Starter {
  if (!foreground && guardian !== 'again') return world.detachedStarter();
  return { tell: foreground ? world.err : () => undefined, ready: () => undefined };
}

function daemonOptions(options: HeartbeatOptions, foreground: boolean, starter: Starter): DaemonOptions {
  const { configDir, stateDir, runDir, debug, realtime, manageResources, node } = options;
  const { tell, ready } = starter;
  return {
    configDir,
    stateDir,
    runDir,
    debug,
    realtime,
    foreground,
    tell,
    ready,
    manageResources,
    again: (held, handed) => restartArguments({ ...options, foreground }, held, handed),
    ...(node === undefined ? {} : { node }),
    ...(options.guardian === undefined ? {} : { guardian: options.guardian }),
  };
}
