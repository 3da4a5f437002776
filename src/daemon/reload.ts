import { loadGroups } from '../config/load.ts';
import { formatProblem } from '../config/problems.ts';
import type { Problem } from '../contracts/basics.ts';
import type { Config, ConfigFiles } from '../contracts/config.ts';
import { haresourcesPath, readConfigFileLater, readConfigFilesLater } from './config-files.ts';
import { difference } from './fates.ts';
import type { Log } from './log.ts';
import { checkFilesLater, type ReadConfig, type ReadOptions } from './read-config.ts';

export interface ReloadParts {
  readonly configDir: string;
  readonly options: ReadOptions;
  readonly log: Pick<Log, 'line'>;
  /** What runs, and the files it was made of. */
  readonly running: Config;
  readonly files: ConfigFiles;
  /** Hands a configuration to those who carry it out. */
  apply(next: Config, before: Config): void;
  /** Asks for a start in place. */
  restart(): void;
  /** true: the program on the disk is another one than this, so SIGHUP means that one. */
  upgraded(): Promise<boolean>;
}

/**
 * Two ways in: SIGHUP, when all three files are read again as a whole, and haresources, which counts as soon as it is
 * saved, as with 3.0.6. Bad files change nothing, and every problem is in the log. Reading holds nobody up; two readings
 * never overlap, and what is asked meanwhile is done once afterwards.
 */
export class Reload {
  readonly #parts: ReloadParts;
  #running: Config;
  #files: ConfigFiles;
  #busy = false;
  #wanted: 'none' | 'haresources' | 'all' = 'none';

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    this.#running = parts.running;
    this.#files = parts.files;
  }

  /** The files of the last configuration that was good: those that a start in place begins with. */
  get files(): ConfigFiles {
    return this.#files;
  }

  /** SIGHUP. */
  run(): Promise<void> {
    this.#wanted = 'all';
    return this.#work();
  }

  /** haresources has become another file. */
  haresources(): Promise<void> {
    if (this.#wanted === 'none') this.#wanted = 'haresources';
    return this.#work();
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#wanted !== 'none') {
      const what = this.#wanted;
      this.#wanted = 'none';
      if (what === 'all') await this.#all();
      else await this.#groups();
    }
    this.#busy = false;
  }

  async #all(): Promise<void> {
    const files = await readConfigFilesLater(this.#parts.configDir);
    const { config, problems } = await checkFilesLater(files, this.#parts.options);
    this.#tell(problems);
    const running = this.#running;
    if (config === undefined) {
      this.#parts.log.line('ERROR', 'Config errors: the running configuration stays as it is');
      return;
    }
    if (config.self !== running.self) {
      // All that we hold is known as `local` or `foreign` of the old name.
      this.#parts.log.line('ERROR', `this node is now called ${config.self}: stop and start heartbeat; nothing was changed`);
      return;
    }
    const upgraded = await this.#parts.upgraded();
    const { live, changed, told, restart: directives } = difference(running, config);
    const restart = upgraded ? [...directives, 'the program of heartbeat'] : directives;
    for (const sentence of told) this.#parts.log.line('info', sentence);
    if (changed.length === 0 && !upgraded) this.#parts.log.line('info', 'Configuration unchanged.');
    this.#files = files;
    if (changed.length > 0) this.#apply(live);
    if (restart.length === 0) return;
    this.#parts.log.line('info', `${restart.join(', ')} changed: heartbeat starts again in place, resources stay where they are.`);
    this.#parts.restart();
  }

  /** ha.cf and authkeys may be half written meanwhile: they are not looked at. */
  async #groups(): Promise<void> {
    const running = this.#running;
    if (!running.manageResources) return;
    const file = await readConfigFileLater(haresourcesPath(this.#parts.configDir));
    if (file.text === this.#files.haresources.text) return;
    if (isEmpty(file.text) && running.groups.length > 0) {
      const what = file.text === undefined ? `cannot be read (${file.fault ?? 'missing'})` : 'is empty';
      this.#parts.log.line(
        'WARN',
        `haresources ${what}: the ${running.groups.length} groups that run stay. An empty file is taken by heartbeat -r`,
      );
      return;
    }
    const { groups, problems } = loadGroups(file, running.nodes);
    this.#tell(problems);
    if (groups === undefined) {
      this.#parts.log.line('ERROR', 'haresources has errors: the groups stay as they are');
      return;
    }
    this.#files = { ...this.#files, haresources: file };
    const { live, told } = difference(running, { ...running, groups });
    if (told.length === 0) return;
    for (const sentence of told) this.#parts.log.line('info', sentence);
    this.#apply(live);
  }

  #apply(next: Config): void {
    const before = this.#running;
    this.#running = next;
    this.#parts.apply(next, before);
  }

  #tell(problems: ReadConfig['problems']): void {
    for (const problem of problems) this.#parts.log.line(levelOf(problem), formatProblem(problem));
  }
}

/** Nothing but blanks and remarks is as good as nothing. */
const isEmpty = (text: string | undefined): boolean => text === undefined || text.split('\n').every((line) => /^\s*(#|$)/.test(line));

const levelOf = ({ severity }: Problem): 'ERROR' | 'WARN' => (severity === 'error' ? 'ERROR' : 'WARN');
