import type { Config } from '../contracts/config.ts';
import type { Paths } from './paths.ts';
import { systemText } from './text.ts';

const DOC_DIR = '/usr/share/doc/heartbeat';
const OCF_ROOT = '/usr/lib/ocf';
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Unset for resource scripts (haresources 7). */
const UNSET = ['LC_ALL', 'LANGUAGE'];
/** Of an event script that has started us: they would be taken for the event of a script of ours. */
const OF_AN_EVENT = /^HA_(?:.*[a-z]|OSTATUS$|NICEFAILBACK$|DONTASK$|LOGFD$|NOARCHBIN$)/;
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
    if (value !== undefined && ![...UNSET, ...PRIVATE].includes(name) && !OF_AN_EVENT.test(name)) environment[name] = value;
  }
  for (const [name, value] of Object.entries(config.parameters)) environment[`HA_${name}`] = systemText(value);
  for (const [name, value] of Object.entries(config.env)) environment[`HA_${name}`] = systemText(value);
  const { log } = config;
  const tools = paths.shellTools;
  return {
    ...environment,
    PATH: pathWith([paths.helperDir, paths.configDir, ...(tools === undefined ? [] : [tools])], environment.PATH ?? SYSTEM_PATH),
    HA_CURHOST: config.self,
    HA_DIR: `${paths.configDir}/`,
    HA_FUNCS: paths.shellFunctions,
    HA_FIFO: paths.fifo,
    HA_BIN: paths.helperDir,
    HA_RCDIR: paths.rcDir,
    HA_RESOURCEDIR: paths.resourceDir,
    HA_DOCDIR: DOC_DIR,
    // Where scripts of 3.0.6 look for mach_down, req_resource and ResourceManager.
    ...(tools === undefined ? {} : { HA_NOARCHBIN: tools }),
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

/**
 * The fields of a message beside the fixed names, none of which a message can replace: not HA_DIR, not HA_<directive>. Values
 * may hold what an environment cannot: those are cut at the first NUL, and names that no shell knows are left out.
 */
export function joinFields(
  environment: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, string>>,
): Record<string, string> {
  const named = Object.entries(fields).filter(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  return { ...Object.fromEntries(named.map(([name, value]) => [name, value.split('\0', 1)[0] ?? ''])), ...environment };
}

function pathWith(front: readonly string[], rest: string): string {
  const there = rest.split(':');
  return [...front.filter((folder) => !there.includes(folder)), rest].join(':');
}
