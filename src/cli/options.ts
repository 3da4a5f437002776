import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { DEFAULT_PLACES } from '../base/places.ts';
import type { HandedDescriptors, Places } from '../contracts/daemon.ts';
import type { ResourceSetWord } from '../contracts/status.ts';

/** What `heartbeat` is to do (tools 1). */
export type HeartbeatAction = 'start' | 'status' | 'stop' | 'reload' | 'check' | 'version' | 'defaults' | 'runDetached' | 'restart';

export interface HeartbeatOptions extends Places {
  readonly action: HeartbeatAction;
  readonly foreground: boolean;
  readonly debug: number;
  readonly realtime: boolean;
  /** false: `-M`. */
  readonly manageResources: boolean;
  /** `-C`, with `-R`. */
  readonly held?: string;
  /** With `-R`, from the life before. */
  readonly handed?: HandedDescriptors;
  /** From the guardian, its parent: whether a life before this one has died. */
  readonly guardian?: 'first' | 'again';
  /** `-v`: print the configuration in force before starting. */
  readonly print: boolean;
  /** `-W`: `-D` prints a wiki page. */
  readonly wiki: boolean;
  readonly node?: string;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: HeartbeatOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'usage'; readonly text: string };

/** As 3.0.6 prints it, with our own words on a line of their own. */
export const HEARTBEAT_USAGE = [
  '',
  'Usage: heartbeat [-dDkMrRsvWlVf] [-C Current-resource-state]',
  '\t-C only valid with -R',
  '\t-r is mutually exclusive with -R',
  '\t[--check] [--config-dir DIR] [--state-dir DIR] [--run-dir DIR] [--node NAME]',
].join('\n');

/** How the program starts itself again in the background; no word for people. */
export const DETACHED_FLAG = '--run-detached';
/** Descriptors that a daemon hands to its next life: `CONFIG,LOCK,LOCK`. */
const HANDED_FLAG = '--handed';
/** The guardian's word to the daemon that it starts. */
export const GUARDIAN_FLAG = '--guardian';

interface Flags {
  d: number;
  D?: true;
  f?: true;
  k?: true;
  l?: true;
  r?: true;
  C?: string;
  M?: true;
  R?: true;
  s?: true;
  v?: true;
  V?: true;
  W?: true;
  check?: true;
  runDetached?: true;
  handed?: string;
  guardian?: string;
  configDir: string;
  stateDir: string;
  runDir: string;
  node?: string;
}

/** `argv` without program and script. Anything unknown is a usage error, as `-h` is with 3.0.6. */
export function parseHeartbeat(argv: readonly string[]): ParsedOptions {
  let help = '';
  const command = new Command('heartbeat')
    .description('cluster daemon; without an option it checks the configuration, starts in the background and returns')
    .helpOption('--help', 'this text')
    .option('-d', 'debug level +1 (repeatable)', (_value: string, level: number) => level + 1, 0)
    .option('-D', 'print the directives of ha.cf that have a default, and exit')
    .option('-f', 'stay in the foreground')
    .option('-k', 'stop the running daemon and wait until it has gone')
    .option('-l', 'no real-time scheduling')
    .option('-M', 'leave resources alone: haresources is not read')
    .option('-r', 'make the running daemon read its files again; start it when it does not run')
    .option('-R', 'used by a daemon that starts again in its place')
    .option('-C <set>', 'with -R: what it holds (none, local, foreign, all)')
    .option('-s', 'tell whether it runs (exit 0, 1 or 3)')
    .option('-v', 'print the configuration in force, then start')
    .option('-V', 'print the version')
    .option('-W', 'with -D: as a wiki page')
    .option('--check', 'check the three files, open nothing, and exit (0, 6, or 4 when one may not be read)')
    .option('--config-dir <dir>', 'ha.cf, haresources, authkeys and resource.d', DEFAULT_PLACES.configDir)
    .option('--state-dir <dir>', 'generation and identity of this node', DEFAULT_PLACES.stateDir)
    .option('--run-dir <dir>', 'pid file and control socket', DEFAULT_PLACES.runDir)
    .option('--node <name>', 'name of this node, instead of `uname -n`')
    .addOption(hidden(DETACHED_FLAG))
    .addOption(hidden(`${HANDED_FLAG} <fds>`))
    .addOption(hidden(`${GUARDIAN_FLAG} <life>`))
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.code === 'commander.helpDisplayed' ? { kind: 'help', text: help.trimEnd() } : { kind: 'usage', text: HEARTBEAT_USAGE };
  }
  const flags = command.opts<Flags>();
  if ((flags.C !== undefined && !flags.R) || (flags.r && flags.R)) return { kind: 'usage', text: HEARTBEAT_USAGE };
  const handed = handedDescriptors(flags.handed);
  return {
    kind: 'options',
    options: {
      action: actionOf(flags),
      foreground: flags.f === true,
      debug: flags.d,
      realtime: flags.l !== true,
      manageResources: flags.M !== true,
      ...(flags.C === undefined ? {} : { held: flags.C }),
      ...(handed === undefined ? {} : { handed }),
      ...(flags.guardian === 'first' || flags.guardian === 'again' ? { guardian: flags.guardian } : {}),
      print: flags.v === true,
      wiki: flags.W === true,
      // The background daemon works in `/`: a relative folder would mean another one there.
      configDir: resolve(flags.configDir),
      stateDir: resolve(flags.stateDir),
      runDir: resolve(flags.runDir),
      ...(flags.node === undefined ? {} : { node: flags.node.toLowerCase() }),
    },
  };
}

/** The command line that starts the same daemon detached; with `-f` it is the guardian that stays in the foreground. */
export function detachedArguments(options: HeartbeatOptions): string[] {
  return [DETACHED_FLAG, ...daemonArguments(options), ...(options.foreground ? ['-f'] : [])];
}

/** The command line of the next life of a daemon in its place. */
export function restartArguments(options: HeartbeatOptions, held: ResourceSetWord, { config, locks }: HandedDescriptors): string[] {
  const words = ['-R', '-C', held, HANDED_FLAG, [config, ...locks].join(','), ...daemonArguments(options)];
  if (options.guardian !== undefined) words.push(GUARDIAN_FLAG, options.guardian);
  if (options.foreground) words.push('-f');
  return words;
}

function daemonArguments(options: HeartbeatOptions): string[] {
  const words = ['--config-dir', options.configDir, '--state-dir', options.stateDir, '--run-dir', options.runDir];
  if (options.node !== undefined) words.push('--node', options.node);
  if (!options.realtime) words.push('-l');
  if (!options.manageResources) words.push('-M');
  for (let level = 0; level < options.debug; level += 1) words.push('-d');
  return words;
}

function actionOf(flags: Flags): HeartbeatAction {
  if (flags.runDetached) return 'runDetached';
  if (flags.V) return 'version';
  if (flags.D) return 'defaults';
  if (flags.R) return 'restart';
  if (flags.s) return 'status';
  if (flags.k) return 'stop';
  if (flags.check) return 'check';
  return flags.r ? 'reload' : 'start';
}

/** Nothing for what nobody but a daemon writes. */
function handedDescriptors(text: string | undefined): HandedDescriptors | undefined {
  if (text === undefined || !/^\d{1,6}(,\d{1,6}){1,8}$/.test(text)) return undefined;
  const [config = 0, ...locks] = text.split(',').map(Number);
  return { config, locks };
}

const hidden = (flag: string) => new Command().createOption(flag).hideHelp();
