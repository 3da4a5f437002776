import type { Config } from '../contracts/config.ts';
import type { Paths } from './paths.ts';
import { systemText } from './text.ts';

/** Where a classic installation keeps its helpers; scripts name them through these variables. */
const BIN_DIR = '/usr/lib/heartbeat';
const DOC_DIR = '/usr/share/doc/heartbeat';
const OCF_ROOT = '/usr/lib/ocf';
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Unset for resource scripts (haresources 7). */
const UNSET = ['LC_ALL', 'LANGUAGE'];
/** Ours alone; a script must neither answer the service manager nor be run as Node by accident. */
const PRIVATE = ['NOTIFY_SOCKET', 'NODE_OPTIONS', 'NODE_CHANNEL_FD', 'WATCHDOG_PID', 'WATCHDOG_USEC'];

/**
 * The environment that every resource script gets (haresources 7): the daemon's own, each directive as
 * `HA_<directive>`, the `env` lines, and the fixed names. `HA_ANNOUNCER=daemon` tells the bundled IPaddr that
 * the daemon itself sends the gratuitous ARP.
 */
export function scriptEnvironment(
  config: Config,
  paths: Paths,
  inherited: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !UNSET.includes(name) && !PRIVATE.includes(name)) environment[name] = value;
  }
  for (const [name, value] of Object.entries(config.parameters)) environment[`HA_${name}`] = systemText(value);
  for (const [name, value] of Object.entries(config.env)) environment[`HA_${name}`] = systemText(value);
  const { log } = config;
  return {
    ...environment,
    PATH: pathWith([BIN_DIR, paths.configDir], environment.PATH ?? SYSTEM_PATH),
    HA_CURHOST: config.self,
    HA_DIR: `${paths.configDir}/`,
    HA_FUNCS: paths.shellFunctions,
    HA_FIFO: paths.fifo,
    HA_BIN: BIN_DIR,
    HA_RCDIR: paths.rcDir,
    HA_RESOURCEDIR: paths.resourceDir,
    HA_DOCDIR: DOC_DIR,
    HA_RSCTMP: paths.agentTmp,
    HA_LOGFILE: systemText(log.logfile ?? '/dev/null'),
    HA_DEBUGLOG: systemText(log.debugfile ?? '/dev/null'),
    HA_LOGFACILITY: log.logfacility ?? 'none',
    HA_LOGD: 'no',
    HA_DATEFMT: '%Y/%m/%d_%T\t',
    HA_debug: String(log.debug),
    HA_COMPRESSION: config.parameters.compression ?? 'zlib',
    HA_ANNOUNCER: 'daemon',
    HA_LOGFD: '3',
    OCF_ROOT,
    OCF_AGENTS: `${OCF_ROOT}/resource.d/heartbeat`,
  };
}

function pathWith(front: readonly string[], rest: string): string {
  const there = rest.split(':');
  return [...front.filter((folder) => !there.includes(folder)), rest].join(':');
}
