import { COMPATIBLE_VERSION, VERSION } from '../base/version.ts';
import { formatProblem } from '../config/problems.ts';
import type { Fault } from '../contracts/basics.ts';
import type { Config, MediumSpec } from '../contracts/config.ts';
import type { DaemonOptions, RunDaemon } from '../contracts/daemon.ts';
import type { Medium } from '../contracts/media.ts';
import { type ControlServer, openControl } from '../control/server.ts';
import { createEngine } from '../engine/engine.ts';
import { createMedium, startedText } from '../media/index.ts';
import { createAnnouncer } from '../os/announcer.ts';
import { atMostEvery, everyDay, everyMinute } from '../os/calendar.ts';
import { createClock } from '../os/clock.ts';
import { createCompressors } from '../os/compressor.ts';
import { keepDescriptorsPrivate } from '../os/descriptors.ts';
import { systemRandom } from '../os/entropy.ts';
import { createEventScripts } from '../os/event-scripts.ts';
import { leaveAtOnce } from '../os/libc.ts';
import { type Lock, takeLock } from '../os/lock.ts';
import { emptyResourceTmp, makeFolders, type Paths, pathsOf, scriptDirs } from '../os/paths.ts';
import { removePidFile, writePidFile } from '../os/pid-file.ts';
import { enterRealtime } from '../os/realtime.ts';
import { scriptEnvironment } from '../os/script-environment.ts';
import { createScriptLog } from '../os/script-log.ts';
import { createScriptOutput } from '../os/script-output.ts';
import { createScriptRunner } from '../os/script-runner.ts';
import { notifyServiceManager } from '../os/sd-notify.ts';
import { createSyslog } from '../os/syslog.ts';
import { inSystemText, systemText } from '../os/text.ts';
import { authCatalog } from '../protocol/auth/index.ts';
import { controlPlace } from './control-place.ts';
import { tellDay } from './day.ts';
import { Driver } from './driver.ts';
import { openIdentity } from './identity.ts';
import { LocalPrograms } from './local-programs.ts';
import { createLog, type Log } from './log.ts';
import { createPrograms } from './programs.ts';
import { type ReadConfig, readConfig } from './read-config.ts';
import { Reload } from './reload.ts';
import { withDebugLines } from './script-lines.ts';

/** At the end the log gets this long to reach its disk; a disk that stands still does not keep us. */
const LOG_CLOSE_MS = 1000;

/** What goes wrong in the first moment (a log that cannot be opened, a full disk) is still told to the starter. */
const SETTLE_MS = 50;

/** Each SIGHUP reads three files and starts a process for the debugfile: a storm of them is one, and one more after it. */
const HANGUP_EVERY_MS = 1000;

const EXIT_GENERIC = 1;

interface End {
  readonly status: number;
  /** A disk other than the log's does not answer. */
  readonly diskHangs: boolean;
}

/** The whole daemon, wired: files to configuration, configuration to engine, engine to the host. Ends with the exit status. */
export const runDaemon: RunDaemon = async (options) => {
  keepDescriptorsPrivate();
  const found = readConfig(options.configDir, options.node);
  if (found.config === undefined) return found.exitStatus;
  const { config } = found;
  const paths = pathsOf(options);
  const log = openLog(options, config);
  const locks = takePlaces(paths);
  if ('code' in locks) {
    log.line('ERROR', locks.code === 'held' ? `heartbeat: already running: ${locks.detail}` : `cannot start: ${locks.detail}`);
    return await closeLog(log, EXIT_GENERIC);
  }
  tellStart(log, found);
  const end = await new Promise<End>((resolve) => run(options, paths, config, log, resolve));
  return await closeLog(log, end.status, paths.pidFile, end.diskHangs);
};

function openLog(options: DaemonOptions, config: Config): Log {
  const log = createLog({
    config: { ...config.log, debug: config.log.debug + options.debug },
    node: config.self,
    pid: process.pid,
    foreground: options.foreground,
    syslog: createSyslog(),
    mirror: options.tell,
  });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.line('CRIT', `internal error, ending at once: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      log.flushSync();
      process.kill(process.pid, 'SIGKILL');
    });
  }
  return log;
}

/** The folders, and the locks that keep a second daemon from them. */
function takePlaces(paths: Paths): readonly Lock[] | Fault {
  const fault = makeFolders(paths);
  if (fault !== undefined) return fault;
  const locks: Lock[] = [];
  for (const file of paths.lockFiles) {
    const lock = takeLock(file);
    if ('code' in lock) return lock;
    locks.push(lock);
  }
  return emptyResourceTmp(paths) ?? locks;
}

function tellStart(log: Log, { config, problems }: ReadConfig): void {
  for (const problem of problems) log.line('WARN', formatProblem(problem));
  log.line('info', 'Pacemaker support: false');
  log.line('info', '**************************');
  log.line('info', `Configuration validated. Starting heartbeat ${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`);
  for (const unmet of config?.unmet ?? []) log.line('WARN', `NOT IN EFFECT: ${unmet.text}`);
}

function run(options: DaemonOptions, paths: Paths, config: Config, log: Log, ended: (end: End) => void): void {
  if (config.realtime && options.realtime) {
    const fault = enterRealtime(config.rtprio);
    if (fault !== undefined) log.line('WARN', `no realtime scheduling: ${fault.detail}`);
  }
  const clock = createClock(config.keepaliveMs);
  const { record, store } = openIdentity(config, paths, clock.now().unixSeconds, log);
  const announcer = createAnnouncer({
    failed: (address, fault) => log.line('WARN', `cannot announce ${address}: ${fault.detail}`),
  });
  const { debugfile } = config.log;
  const output = createScriptOutput(debugfile === undefined ? undefined : systemText(debugfile), {
    lost: (bytes) => log.line('WARN', `${bytes} bytes that scripts printed were dropped: ${debugfile ?? ''} took no more`),
  });
  const scriptLog = createScriptLog((name, text) => log.script(name, text));
  let current = config;
  let control: ControlServer | undefined;
  const local = new LocalPrograms(paths, log, () => driver);
  const events = createEventScripts({
    rcDir: paths.rcDir,
    harc: () => paths.harc,
    environment: () => scriptEnvironment(current, paths),
    output,
    logFd: scriptLog.fd,
    log: (level, text) => log.line(level, text),
  });
  const stopHousekeeping = everyMinute(() => {
    events.refresh();
    local.refresh();
    log.checkRotation();
    output.checkRotation();
  });
  const driver: Driver = new Driver({
    engine: createEngine(config, record, systemRandom, authCatalog, clock.now(), createCompressors()),
    clock,
    media: config.media.map((spec) => makeMedium(spec, log)).filter((medium) => medium !== undefined),
    createMedium: (spec) => makeMedium(spec, log),
    scripts: withDebugLines(
      inSystemText(
        createScriptRunner({
          dirs: () => scriptDirs(paths, current.env),
          environment: () => scriptEnvironment(current, paths),
          output,
          logFd: scriptLog.fd,
          running: (path, args, action) => log.note({ code: 'runningScript', facts: { path, args: [...args, action].join(' ') } }),
        }),
      ),
      log,
    ),
    store,
    announcer,
    clients: local.clients,
    programs: createPrograms(() => scriptEnvironment(current, paths), log),
    events,
    host: {
      // Carried out only by a package installed for it; a checkout must never take a machine down.
      reset: (reason) => log.line('EMERG', `would reset this host now: ${reason}`),
      exit(status) {
        stopHousekeeping();
        stopDays();
        announcer.close();
        control?.close();
        local.close();
        events.close();
        output.close();
        scriptLog.close();
        ended({ status, diskHangs: store.busy() });
      },
      restart: () => undefined,
    },
    note: (note) => log.note({ code: note.code, facts: { pid: process.pid, ...note.facts } }),
  });
  const stopDays = everyDay(() =>
    driver.command({ name: 'status' }, (result) => {
      if (result.ok && result.status !== undefined) tellDay(log, result.status);
    }),
  );
  const reload = new Reload(options, log, config, (next) => {
    current = next;
    driver.configure(next);
  });
  const hangup = atMostEvery(HANGUP_EVERY_MS, () => {
    log.reopen();
    output.reopen();
    events.refresh();
    reload.run();
  });
  onSignals(driver, log, config.log.debug + options.debug, hangup);
  const pidFault = writePidFile(paths.pidFile);
  if (pidFault !== undefined) log.line('ERROR', `no pid file: ${pidFault.detail}`);
  driver.start();
  local.open();
  control = openControl(
    {
      path: paths.controlSocket,
      place: controlPlace(),
      onRequest: (request, answer) => driver.command(request, answer),
      onFailure: (fault) => log.line('ERROR', `control socket: ${fault.detail}`),
    },
    (fault) => {
      if (fault !== undefined) log.line('ERROR', `no control socket, so no cl_status and no hb_standby: ${fault.detail}`);
      setTimeout(() => {
        log.stopMirror();
        options.ready();
        notifyServiceManager('READY=1');
      }, SETTLE_MS);
    },
  );
}

function makeMedium(spec: MediumSpec, log: Log): Medium | undefined {
  const medium = createMedium(spec);
  if (medium !== undefined) log.line('info', startedText(spec));
  return medium;
}

function onSignals(driver: Driver, log: Log, debugAtStart: number, hangup: () => void): void {
  let debug = debugAtStart;
  const move = (by: number) => {
    debug = Math.max(0, debug + by);
    log.setDebug(debug);
    log.line('debug', `debug now set to ${debug} [pid ${process.pid}]`);
  };
  process.on('SIGTERM', () => driver.stop());
  process.on('SIGINT', () => driver.stop());
  process.on('SIGHUP', hangup);
  process.on('SIGUSR1', () => move(1));
  process.on('SIGUSR2', () => move(-1));
  process.on('SIGQUIT', () => undefined);
  process.on('SIGPIPE', () => undefined);
}

/**
 * The status for the process, once the log is on its disk. The pid file goes last: while the locks are held,
 * `heartbeat -k` has somebody to wait for. An orderly exit waits for every thread, and one at a disk that stands still
 * would hold it for ever: then the process leaves at once.
 */
async function closeLog(log: Log, status: number, pidFile?: string, diskHangs = false): Promise<number> {
  await new Promise<void>((resolve) => log.close(LOG_CLOSE_MS, resolve));
  if (pidFile !== undefined) removePidFile(pidFile);
  if (diskHangs || log.stalled()) leaveAtOnce(status);
  return status;
}
