import { COMPATIBLE_VERSION, VERSION } from '../base/version.ts';
import { formatProblem } from '../config/problems.ts';
import type { Fault } from '../contracts/basics.ts';
import type { Config, ConfigFiles, LogConfig, MediumSpec } from '../contracts/config.ts';
import type { DaemonOptions, RunDaemon } from '../contracts/daemon.ts';
import type { HeldResources } from '../contracts/engine.ts';
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
import { watchFile } from '../os/file-watch.ts';
import { reapInheritedChildren } from '../os/inherited-children.ts';
import type { JournalFile } from '../os/journal-file.ts';
import { afterLeftOvers, leftOverScripts } from '../os/left-over-scripts.ts';
import { keepLock, type Lock, takeLock } from '../os/lock.ts';
import { logOwner } from '../os/log-owner.ts';
import { watchOwnProgram } from '../os/own-program.ts';
import { emptyResourceTmp, makeFolders, type Paths, pathsOf, scriptDirs } from '../os/paths.ts';
import { writePidFile } from '../os/pid-file.ts';
import { enterRealtime, isRealtime, leaveRealtime } from '../os/realtime.ts';
import { scriptEnvironment } from '../os/script-environment.ts';
import { createScriptLog } from '../os/script-log.ts';
import { createScriptOutput } from '../os/script-output.ts';
import { createScriptRunner } from '../os/script-runner.ts';
import { notifyServiceManager } from '../os/sd-notify.ts';
import { createSyslog } from '../os/syslog.ts';
import { inSystemText, systemText } from '../os/text.ts';
import { authCatalog } from '../protocol/auth/index.ts';
import { closeLog } from './close.ts';
import { haresourcesPath } from './config-files.ts';
import { controlPlace } from './control-place.ts';
import { tellDay } from './day.ts';
import { Driver } from './driver.ts';
import { GuardianWatch } from './guardian.ts';
import { openIdentity } from './identity.ts';
import { type LeftBehind, openJournal, takeUpJournal } from './left-behind.ts';
import { LocalPrograms } from './local-programs.ts';
import { createLog, type Log } from './log.ts';
import { createPrograms } from './programs.ts';
import { checkFiles, checkFilesLater, type ReadConfig, readConfig } from './read-config.ts';
import { Reload } from './reload.ts';
import { readHanded, restartInPlace } from './restart.ts';
import { withDebugLines } from './script-lines.ts';
import { onSignals } from './signals.ts';

/** What goes wrong in the first moment (a log that cannot be opened, a full disk) is still told to the starter. */
const SETTLE_MS = 50;

/** Each SIGHUP reads three files and starts a process for the debugfile: a storm of them is one, and one more after it. */
const HANGUP_EVERY_MS = 1000;

const EXIT_GENERIC = 1;

type End = {
  /** A disk other than the log's does not answer. */
  readonly diskHangs: boolean;
} & (
  | { readonly kind: 'exit'; readonly status: number; readonly journal: JournalFile }
  | {
      readonly kind: 'restart';
      readonly held: HeldResources;
      readonly config: Config;
      readonly files: ConfigFiles;
      readonly stopAsked: () => boolean;
      readonly released: () => void;
    }
);

/** One life of the daemon: what it begins with. */
interface Life {
  readonly options: DaemonOptions;
  readonly paths: Paths;
  readonly log: Log;
  readonly config: Config;
  readonly files: ConfigFiles;
  /** What the life before it runs. */
  readonly held: HeldResources | undefined;
  /** Resources that the journal of a life that had died named: scripts of it may still run. */
  readonly adopted: LeftBehind | undefined;
  /** SIGTERM arrived before this life began. */
  readonly stop: boolean;
  /** Nobody waits for `ready` of a later life in the same process. */
  readonly first: boolean;
  readonly upgraded: () => Promise<boolean>;
}

/** The whole daemon, wired: files to configuration, configuration to engine, engine to the host. Ends with the exit status. */
export const runDaemon: RunDaemon = async (options) => {
  keepDescriptorsPrivate();
  reapInheritedChildren();
  const handed = options.handed === undefined ? undefined : readHanded(options.handed.config);
  const found = handed === undefined ? readConfig(options.configDir, options) : checkFiles(handed.files, options);
  if (found.config === undefined) return found.exitStatus;
  const paths = pathsOf(options);
  const log = openLog(options, found.config);
  const locks = takePlaces(paths, options);
  if ('code' in locks) {
    log.line('ERROR', locks.code === 'held' ? `heartbeat: already running: ${locks.detail}` : `cannot start: ${locks.detail}`);
    return await closeLog(log, EXIT_GENERIC);
  }
  tellStart(log, found);
  const adopted = options.held === undefined && options.manageResources ? takeUpJournal(paths, options, log) : undefined;
  // What resources keep there belongs to those that run.
  const fault = options.held === undefined && adopted === undefined ? emptyResourceTmp(paths) : undefined;
  if (fault !== undefined) {
    log.line('ERROR', `cannot start: ${fault.detail}`);
    return await closeLog(log, EXIT_GENERIC);
  }
  // Of the second in which it begins: the life before must not have had the same.
  if (options.guardian === 'again' && found.config.hbgenmethod === 'time') await new Promise((resolve) => setTimeout(resolve, 1000));
  let life: Life = {
    options,
    paths,
    log,
    config: found.config,
    files: found.files,
    held: options.held === undefined ? adopted?.held : { set: options.held, running: handed?.running ?? [] },
    adopted,
    stop: handed?.stop === true || adopted?.stop === true,
    first: true,
    upgraded: watchOwnProgram(),
  };
  for (;;) {
    const end = await new Promise<End>((resolve) => run(life, resolve));
    if (end.kind === 'exit') {
      if (end.status === 0) await end.journal.remove();
      return await closeLog(log, end.status, paths, end.diskHangs);
    }
    // They were good when they were read: a program or a user that they name may be gone since, and the next program would end.
    const { config } = await checkFilesLater(end.files, options);
    const fault =
      config === undefined
        ? { code: 'EINVAL', detail: 'its files are not good any more' }
        : await restartInPlace({ ...end, options, log, locks, title: process.title });
    end.released();
    // Whoever held services must go on watching over them: a new life in this process does the same, with the program as it is.
    log.line('CRIT', `heartbeat could not start again in place (${fault.detail}): it goes on in this process`);
    life = {
      ...life,
      config: config ?? end.config,
      files: end.files,
      held: end.held,
      adopted: undefined,
      stop: end.stopAsked(),
      first: false,
    };
    log.configure(logConfig(options, life.config));
  }
};

/** What ha.cf says, with the `-d` of the command line on top. */
const logConfig = ({ debug }: DaemonOptions, { log }: Config): LogConfig => ({ ...log, debug: log.debug + debug });

function openLog(options: DaemonOptions, config: Config): Log {
  const log = createLog({
    config: logConfig(options, config),
    node: config.self,
    pid: process.pid,
    foreground: options.foreground,
    syslog: createSyslog(),
    own: logOwner(),
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

/** The folders, and the locks that keep a second daemon from them; those of the life before this one are still held. */
function takePlaces(paths: Paths, { handed }: DaemonOptions): readonly Lock[] | Fault {
  const fault = makeFolders(paths);
  if (fault !== undefined) return fault;
  const locks: Lock[] = [];
  for (const [at, file] of paths.lockFiles.entries()) {
    const fd = handed?.locks[at];
    const lock = fd === undefined ? takeLock(file) : keepLock(file, fd);
    if ('code' in lock) return lock;
    locks.push(lock);
  }
  return locks;
}

function tellStart(log: Log, { config, problems }: ReadConfig): void {
  for (const problem of problems) log.line('WARN', formatProblem(problem));
  log.line('info', 'Pacemaker support: false');
  log.line('info', '**************************');
  log.line('info', `Configuration validated. Starting heartbeat ${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`);
  for (const unmet of config?.unmet ?? []) log.line('WARN', `NOT IN EFFECT: ${unmet.text}`);
}

/** The class of the main thread. `leave`: it may be in the wrong one, by an earlier configuration. */
function setRealtime({ realtime }: DaemonOptions, config: Config, log: Log, leave: boolean): void {
  const wanted = config.realtime && realtime;
  const fault = wanted ? enterRealtime(config.rtprio) : leave && isRealtime() ? leaveRealtime() : undefined;
  if (fault !== undefined) log.line('WARN', `no realtime scheduling: ${fault.detail}`);
}

function run(life: Life, ended: (end: End) => void): void {
  const { options, paths, log, config, files, held } = life;
  setRealtime(options, config, log, held !== undefined);
  const clock = createClock(config.keepaliveMs);
  const { record, store, epochs } = openIdentity(config, paths, clock.now().unixSeconds, log);
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
  let stopAsked = life.stop;
  const journal = openJournal(paths, () => current, log);
  const guardian = new GuardianWatch(options, paths, log, life.adopted?.words ?? []);
  const finish = (): boolean => {
    guardian.close();
    stopWatching();
    stopHousekeeping();
    stopDays();
    announcer.close();
    control?.close();
    local.close();
    events.close();
    output.close();
    scriptLog.close();
    return store.busy();
  };
  const driver: Driver = new Driver({
    engine: createEngine(config, record, systemRandom, authCatalog, clock.now(), createCompressors(), held, epochs),
    clock,
    media: config.media.map((spec) => makeMedium(spec, log)).filter((medium) => medium !== undefined),
    createMedium: (spec) => makeMedium(spec, log),
    scripts: withDebugLines(
      inSystemText(
        afterLeftOvers(
          createScriptRunner({
            dirs: () => scriptDirs(paths, current.env),
            environment: () => scriptEnvironment(current, paths),
            output,
            logFd: scriptLog.fd,
            running: (path, args, action) => log.note({ code: 'runningScript', facts: { path, args: [...args, action].join(' ') } }),
          }),
          leftOverScripts(life.adopted?.commands ?? []),
        ),
      ),
      log,
    ),
    store,
    journal,
    announcer,
    clients: local.clients,
    programs: createPrograms(() => scriptEnvironment(current, paths), log),
    events,
    host: {
      // Carried out only by a package installed for it; a checkout must never take a machine down.
      reset: (reason) => log.line('EMERG', `would reset this host now: ${reason}`),
      exit(status) {
        const diskHangs = finish();
        ended({ kind: 'exit', status, diskHangs, journal });
      },
      restart(set, running) {
        const diskHangs = finish();
        ended({
          kind: 'restart',
          held: { set, running },
          config: current,
          files: reload.files,
          stopAsked: () => stopAsked,
          released: signals.release,
          diskHangs,
        });
      },
    },
    note(note) {
      log.note({ code: note.code, facts: { pid: process.pid, ...note.facts } });
      if (note.code === 'localStatus' && note.facts.status === 'up') guardian.ready(current.deadtimeMs);
    },
  });
  const stopDays = everyDay(() =>
    driver.command({ name: 'status' }, (result) => {
      if (result.ok && result.status !== undefined) tellDay(log, result.status);
    }),
  );
  const reload = new Reload({
    configDir: options.configDir,
    options,
    log,
    running: config,
    files,
    apply(next, before) {
      current = next;
      log.configure(logConfig(options, next));
      if (JSON.stringify(next.log) !== JSON.stringify(before.log)) log.line('info', 'The log goes on here, as ha.cf has it now.');
      if (next.log.debug !== before.log.debug) debug = next.log.debug + options.debug;
      if (next.log.debugfile !== before.log.debugfile) output.reopen(systemText(next.log.debugfile ?? '/dev/null'));
      setRealtime(options, next, log, true);
      guardian.configure(next.deadtimeMs);
      driver.configure(next);
    },
    // The next life says nothing before its generation is saved; one that cannot save it would end, and leave the services alone.
    restart: () =>
      store.save(record, (fault) => {
        if (fault === undefined) driver.restart();
        else log.line('ERROR', `heartbeat does not start again in place: ${fault.detail}`);
      }),
    upgraded: life.upgraded,
  });
  const stopWatching = config.manageResources
    ? watchFile(haresourcesPath(options.configDir), () => void reload.haresources())
    : () => undefined;
  let debug = config.log.debug + options.debug;
  const signals = onSignals({
    stop() {
      stopAsked = true;
      journal.stopAsked();
      driver.stop();
    },
    hangup: atMostEvery(HANGUP_EVERY_MS, () => {
      log.reopen();
      output.reopen();
      events.refresh();
      void reload.run();
    }),
    debugBy(step) {
      debug = Math.max(0, debug + step);
      log.setDebug(debug);
      log.line('debug', `debug now set to ${debug} [pid ${process.pid}]`);
    },
  });
  const pidFault = writePidFile(paths.pidFile);
  if (pidFault !== undefined) log.line('ERROR', `no pid file: ${pidFault.detail}`);
  driver.start();
  local.open();
  if (life.stop) driver.stop();
  signals.catchUp();
  control = openControl(
    {
      path: paths.controlSocket,
      place: controlPlace(),
      onRequest: (request, answer) =>
        driver.command(request, (result) =>
          answer(result.ok && result.status ? { ...result, status: guardian.told(result.status) } : result),
        ),
      onFailure: (fault) => log.line('ERROR', `control socket: ${fault.detail}`),
    },
    (fault) => {
      if (fault !== undefined) log.line('ERROR', `no control socket, so no cl_status and no hb_standby: ${fault.detail}`);
      setTimeout(() => {
        log.stopMirror();
        if (life.first) options.ready();
        if (life.first) notifyServiceManager('READY=1');
      }, SETTLE_MS);
    },
  );
}

function makeMedium(spec: MediumSpec, log: Log): Medium | undefined {
  const medium = createMedium(spec);
  if (medium !== undefined) log.line('info', startedText(spec));
  return medium;
}
