import type { Fault } from '../contracts/basics.ts';
import type { ConfigFile, ConfigFiles } from '../contracts/config.ts';
import type { DaemonOptions } from '../contracts/daemon.ts';
import type { HeldResources } from '../contracts/engine.ts';
import type { Lock } from '../os/lock.ts';
import { holdBytes, startOwnProgramAgain, takeBytes } from '../os/own-program.ts';
import type { Log } from './log.ts';

/**
 * A start in place: media are closed, nothing is released, and the process becomes its own program again. The locks are never
 * open in between, and the next life begins with the very files that this one has checked, whatever an editor does to them
 * in that moment.
 */

/** As long as lines may wait for their disk; nobody hears us meanwhile. */
const FLUSH_MS = 250;
/** Three files of a megabyte each, as JSON. */
const HANDED_BYTES_MAX = 16 << 20;

export interface Restart {
  readonly options: DaemonOptions;
  readonly log: Log;
  readonly locks: readonly Lock[];
  readonly held: HeldResources;
  readonly files: ConfigFiles;
  /** What `ps` shows. */
  readonly title: string;
  /** A disk that gives no answer holds a thread, and no program can take this one's place before that thread has ended. */
  readonly diskHangs: boolean;
  /** SIGTERM has arrived meanwhile: the next life stops as soon as it can. */
  stopAsked(): boolean;
}

/** What the life before hands to the next one, beside the locks. */
export interface Handed {
  readonly files: ConfigFiles;
  /** By which definitions the groups run: the files may say something else. */
  readonly running: HeldResources['running'];
  readonly stop: boolean;
}

/** Comes back only when it did not work: then nothing has happened. */
export async function restartInPlace(restart: Restart): Promise<Fault> {
  const { options, log, locks, held, files } = restart;
  log.line('info', 'Heartbeat restart triggered.');
  log.line('info', 'Restarting heartbeat.');
  log.line('debug', `Current resources: -R -C ${held.set}`);
  log.line('info', 'Performing heartbeat restart exec.');
  const clean = await new Promise<boolean>((resolve) => log.flush(FLUSH_MS, resolve));
  if (!clean || restart.diskHangs) return { code: 'busy', detail: 'a disk does not answer' };
  if (options.again === undefined) return { code: 'ENOSYS', detail: 'the command line is not known' };
  const handed: Handed = { files, running: held.running, stop: restart.stopAsked() };
  const config = holdBytes(Buffer.from(JSON.stringify(handed)));
  if (typeof config !== 'number') return config;
  const fds = { locks: locks.map(({ fd }) => fd), config };
  const fault = startOwnProgramAgain(restart.title, options.again(held.set, fds), [...fds.locks, config]);
  takeBytes(config, HANDED_BYTES_MAX);
  return fault;
}

/** Nothing when `fd` holds no such thing: the files are read from the disk then, as at any start. */
export function readHanded(fd: number): Handed | undefined {
  const bytes = takeBytes(fd, HANDED_BYTES_MAX);
  if (bytes === undefined) return undefined;
  try {
    const { files, running, stop } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Handed>;
    if (files === undefined || !Array.isArray(running)) return undefined;
    if (![files.hacf, files.authkeys, files.haresources].every(isFile)) return undefined;
    const read = { hacf: asRead(files.hacf), authkeys: asRead(files.authkeys), haresources: asRead(files.haresources) };
    return { files: read, running, stop: stop === true };
  } catch {
    return undefined;
  }
}

const isFile = (file: ConfigFile | undefined): boolean => typeof file?.path === 'string';

/** JSON has no word for `undefined`. */
const asRead = (file: ConfigFile): ConfigFile => ({ ...file, text: file.text, mode: file.mode });
