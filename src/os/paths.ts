import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { controlPath, DEFAULT_PLACES, fifoPath, guardianPath, pidFilePath, registerPath } from '../base/places.ts';
import type { Fault } from '../contracts/basics.ts';
import type { Places } from '../contracts/daemon.ts';
import { thrownFault } from './errno.ts';
import { ownFile } from './own-files.ts';
import { systemText } from './text.ts';

/** Every file and folder of one daemon. */
export interface Paths extends Places {
  readonly resourceDir: string;
  readonly rcDir: string;
  readonly shellFunctions: string;
  /** Runs the scripts of rc.d: that of the configuration folder where there is one, else our own. */
  readonly harc: string | undefined;
  /** What other packages bring for resource scripts: `$HA_BIN/send_arp`, `$HA_BIN/findif`. */
  readonly helperDir: string;
  /** Our mach_down, ResourceManager and the like. */
  readonly shellTools: string | undefined;
  readonly generation: string;
  readonly uuid: string;
  /** Who owned which group last. */
  readonly epochs: string;
  readonly fifo: string;
  readonly pidFile: string;
  /** Held for life; one daemon per run folder, one per state folder. */
  readonly lockFiles: readonly string[];
  readonly controlSocket: string;
  readonly registerSocket: string;
  /** What runs here, for the guardian and the next life. */
  readonly journal: string;
  /** The process that can be heard, and half its deadtime in seconds: for the guardian. */
  readonly readyFile: string;
  /** The guardian's process. */
  readonly guardianFile: string;
  /** Emptied at each start. */
  readonly resourceTmp: string;
  /** State files of pseudo resources (agents 2); not emptied. */
  readonly agentTmp: string;
}

/** The default places below a folder, for tests. */
export function placesUnder(under: string): Places {
  const { configDir, stateDir, runDir } = DEFAULT_PLACES;
  return { configDir: join(under, configDir), stateDir: join(under, stateDir), runDir: join(under, runDir) };
}

export function pathsOf(places: Places): Paths {
  const { configDir, stateDir, runDir } = places;
  const resourceDir = join(configDir, 'resource.d');
  return {
    configDir,
    stateDir,
    runDir,
    resourceDir,
    rcDir: join(configDir, 'rc.d'),
    shellFunctions: theirsOrOurs(join(configDir, 'shellfuncs'), 'etc/ha.d/shellfuncs') ?? join(configDir, 'shellfuncs'),
    harc: theirsOrOurs(join(configDir, 'harc'), 'etc/ha.d/harc'),
    helperDir: findHelperDir(),
    shellTools: ownFile('etc/tools'),
    generation: join(stateDir, 'hb_generation'),
    uuid: join(stateDir, 'hb_uuid'),
    epochs: join(stateDir, 'hb_epochs'),
    fifo: fifoPath(stateDir),
    pidFile: pidFilePath(runDir),
    lockFiles: [join(runDir, 'heartbeat', 'lock'), join(stateDir, 'lock')],
    controlSocket: controlPath(runDir),
    registerSocket: registerPath(runDir),
    journal: join(runDir, 'heartbeat', 'journal'),
    readyFile: join(runDir, 'heartbeat', 'ready'),
    guardianFile: guardianPath(runDir),
    resourceTmp: join(runDir, 'heartbeat', 'rsctmp'),
    agentTmp: join(runDir, 'resource-agents'),
  };
}

function theirsOrOurs(theirs: string, ours: string): string | undefined {
  return existsSync(theirs) ? theirs : ownFile(ours);
}

/** By age and make of the system. The agents of resource-agents fail, or do not announce their address, with the wrong one. */
const HELPER_DIRS = ['/usr/libexec/heartbeat', '/usr/lib64/heartbeat', '/usr/lib/heartbeat'] as const;
const HELPERS = ['send_arp', 'findif', 'ipfail'];

export function findHelperDir(folders: readonly string[] = HELPER_DIRS): string {
  const holdsHelpers = (folder: string) => HELPERS.some((name) => existsSync(join(folder, name)));
  return folders.find(holdsHelpers) ?? folders.find((folder) => existsSync(folder)) ?? HELPER_DIRS[0];
}

const INIT_DIR = '/etc/init.d';

/**
 * Where resource scripts are looked for, in this order (haresources 1): resource.d, then the init folder, or those that
 * a line `env INIT_DIRS=/DIR:/DIR` of ha.cf names instead.
 */
export function scriptDirs({ resourceDir }: Paths, env: Readonly<Record<string, string>>): readonly string[] {
  const named = systemText(env.INIT_DIRS ?? '')
    .split(':')
    .filter((dir) => dir.startsWith('/'));
  return [resourceDir, ...(named.length > 0 ? named : [INIT_DIR])];
}

/** Makes the folders that the daemon writes in. Call `emptyResourceTmp` only once the lock is held. */
export function makeFolders(paths: Paths): Fault | undefined {
  for (const folder of [paths.stateDir, join(paths.runDir, 'heartbeat'), paths.agentTmp]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
    } catch (error) {
      return thrownFault(folder, error);
    }
  }
  return undefined;
}

/** rsctmp starts every life empty and open to all (wire-protocol 9). */
export function emptyResourceTmp(paths: Paths): Fault | undefined {
  try {
    clearAway(paths.resourceTmp);
    mkdirSync(dirname(paths.resourceTmp), { recursive: true });
  } catch (error) {
    return thrownFault(paths.resourceTmp, error);
  }
  // Born open: a change of rights afterwards would follow a link that the owner of the folder has put in its place.
  const before = process.umask(0);
  try {
    mkdirSync(paths.resourceTmp, { mode: 0o1777 });
    return undefined;
  } catch (error) {
    return thrownFault(paths.resourceTmp, error);
  } finally {
    process.umask(before);
  }
}

const CLEAR_LIMIT_MS = 10_000;

/**
 * Everybody may write there, so what lies in it may change while it is deleted: a folder that turns into a link must not
 * lead us elsewhere. `rm` goes by descriptors and follows none; Node goes by names.
 */
function clearAway(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    execFileSync('rm', ['-rf', '--one-file-system', '--', folder], { stdio: 'ignore', timeout: CLEAR_LIMIT_MS });
  }
}
