import { configExitStatus, type LoadedConfig, loadConfig } from '../config/load.ts';
import type { ConfigFiles, HostFacts } from '../contracts/config.ts';
import { mediaCatalog } from '../media/index.ts';
import { systemHostFacts } from '../os/host-facts.ts';
import { lookAtPaths } from '../os/path-facts.ts';
import { authCatalog } from '../protocol/auth/index.ts';
import { readConfigFiles } from './config-files.ts';

export interface ReadConfig extends LoadedConfig {
  /** 0, 6, or 4 when a file may not be read (directives 3). */
  readonly exitStatus: number;
  /** What was read, for a life after this one. */
  readonly files: ConfigFiles;
}

export interface ReadOptions {
  /** Instead of `uname -n`. */
  readonly node?: string;
  /** false: `-M`, haresources is not looked at. */
  readonly manageResources: boolean;
}

/** The three files of a folder, read and checked: for the command line and the start. `mayWait`: names are resolved too. */
export function readConfig(configDir: string, options: ReadOptions, mayWait = false): ReadConfig {
  return checkFiles(readConfigFiles(configDir), options, mayWait);
}

/** The same for files that were read already: at the start, when nobody hears us yet. */
export function checkFiles(files: ConfigFiles, options: ReadOptions, mayWait = false): ReadConfig {
  return check(files, options, systemHostFacts(options.node, mayWait));
}

/** The same in a running daemon: what lies on the disks is looked at off the loop. */
export async function checkFilesLater(files: ConfigFiles, options: ReadOptions): Promise<ReadConfig> {
  return check(files, options, { ...systemHostFacts(options.node), ...(await lookAtPaths(files.hacf.text ?? '')) });
}

function check(files: ConfigFiles, options: ReadOptions, host: HostFacts): ReadConfig {
  const catalogs = { media: mediaCatalog, auth: authCatalog };
  const loaded = loadConfig(files, host, catalogs, { manageResources: options.manageResources });
  return { ...loaded, files, exitStatus: configExitStatus(files, loaded) };
}
