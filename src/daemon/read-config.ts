import { configExitStatus, type LoadedConfig, loadConfig } from '../config/load.ts';
import { mediaCatalog } from '../media/index.ts';
import { systemHostFacts } from '../os/host-facts.ts';
import { authCatalog } from '../protocol/auth/index.ts';
import { readConfigFiles } from './config-files.ts';

export interface ReadConfig extends LoadedConfig {
  /** 0, 6, or 4 when a file may not be read (directives 3). */
  readonly exitStatus: number;
}

/** The three files of a folder, read and checked: for the command line, the start and the reload alike. `node` replaces `uname -n`; `mayWait`: names are resolved too; `manageResources` false: `-M`. */
export function readConfig(configDir: string, node?: string, mayWait = false, manageResources = true): ReadConfig {
  const files = readConfigFiles(configDir);
  const loaded = loadConfig(files, systemHostFacts(node, mayWait), { media: mediaCatalog, auth: authCatalog }, { manageResources });
  return { ...loaded, exitStatus: configExitStatus(files, loaded) };
}
