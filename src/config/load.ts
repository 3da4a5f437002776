/**
 * The three files become a Config, or a list of everything that is wrong in them. 3.0.6 stops at the first file
 * with an error; here all files are read to the end (directives 6). Nothing is opened, asked or waited for.
 */
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Problem } from '../contracts/basics.ts';
import type { Config, ConfigFile, ConfigFiles, HostFacts, ResourceGroup } from '../contracts/config.ts';
import type { MediumType } from '../contracts/media.ts';
import { assembleConfig } from './assemble.ts';
import { readAuthKeys } from './authkeys.ts';
import { checkHaCf } from './checks.ts';
import { DirectiveTable } from './directives.ts';
import { Draft } from './draft.ts';
import { EXIT, type ExitStatus } from './exit-status.ts';
import { validate } from './generated/config.validator.js';
import { readHaCf } from './hacf.ts';
import { readHaresources } from './haresources.ts';
import { Problems, plainPath } from './problems.ts';

export interface ConfigCatalogs {
  /** By ha.cf word. */
  readonly media: Readonly<Record<string, MediumType>>;
  readonly auth: AuthCatalog;
}

export interface LoadedConfig {
  /** Absent when any problem is an error. */
  readonly config?: Config;
  /** By file (ha.cf, authkeys, haresources), then by line. */
  readonly problems: readonly Problem[];
}

export interface LoadOptions {
  /** false: `heartbeat -M`, haresources is neither needed nor looked at. */
  readonly manageResources?: boolean;
}

/** Reads and checks the files. Never throws on what they contain. */
export function loadConfig(files: ConfigFiles, host: HostFacts, catalogs: ConfigCatalogs, options: LoadOptions = {}): LoadedConfig {
  const { manageResources = true } = options;
  const problems = new Problems();
  const draft = new Draft();
  const table = new DirectiveTable(catalogs.media);
  readHaCf({ file: files.hacf, table, host, draft, problems });
  if (files.hacf.text !== undefined) checkHaCf(draft, host, { file: plainPath(files.hacf.path), line: 0 }, manageResources, problems);
  const auth = readAuthKeys(files.authkeys, catalogs.auth, problems);
  // With node lines refused the list is not whole: names are not held against it.
  const nodes = draft.refused.has('node') ? [] : draft.nodes;
  const groups = manageResources ? readHaresources(files.haresources, nodes, problems) : [];
  const names = [files.hacf, files.authkeys, files.haresources].map((file) => plainPath(file.path));
  if (problems.errorCount > 0 || auth === undefined) return { problems: problems.inOrder(names) };
  const config = assembleConfig({ draft, auth, groups, host, manageResources, directives: table.all });
  // The last net: what slipped through the rules above is refused here, and never started with.
  if (!validate(config)) {
    const [fault] = validate.errors ?? [];
    const at = { file: plainPath(files.hacf.path), line: 0 };
    problems.error(at, `not a sound configuration: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}`);
    return { problems: problems.inOrder(names) };
  }
  return { config: deepFreeze(config), problems: problems.inOrder(names) };
}

export interface LoadedGroups {
  /** Absent when any problem is an error. */
  readonly groups?: readonly ResourceGroup[];
  readonly problems: readonly Problem[];
}

/** haresources alone, held against the nodes of a configuration that runs. */
export function loadGroups(file: ConfigFile, nodes: readonly string[]): LoadedGroups {
  const problems = new Problems();
  const groups = readHaresources(file, nodes, problems);
  const listed = problems.inOrder([plainPath(file.path)]);
  return problems.errorCount > 0 ? { problems: listed } : { groups: deepFreeze(groups), problems: listed };
}

/** What a command that checked these files exits with. */
export function configExitStatus(files: ConfigFiles, { config }: LoadedConfig): ExitStatus {
  if (config !== undefined) return EXIT.ok;
  const denied = Object.values(files).some(({ fault }) => fault === 'EACCES' || fault === 'EPERM');
  return denied ? EXIT.permission : EXIT.configuration;
}

function deepFreeze<T>(value: T): T {
  // The bytes of a key cannot be frozen.
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
