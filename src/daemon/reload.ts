import { formatProblem } from '../config/problems.ts';
import type { AuthConfig, Config } from '../contracts/config.ts';
import type { DaemonOptions } from '../contracts/daemon.ts';
import type { Log } from './log.ts';
import { readConfig } from './read-config.ts';

/** What a reload can change in a running daemon. */
const TIMES = ['keepaliveMs', 'deadtimeMs', 'warntimeMs', 'initdeadMs', 'deadpingMs'] as const;
/** What takes a restart. */
const FIXED = ['nodes', 'media', 'groups', 'autoFailback', 'msgfmt', 'hopfudge', 'maxRexmitDelayMs'] as const;

function sameKeys(a: AuthConfig, b: AuthConfig): boolean {
  const text = (auth: AuthConfig) => JSON.stringify([auth.signing, auth.keys.map((key) => [key.index, key.method, [...key.key]])]);
  return text(a) === text(b);
}

/** SIGHUP: the three files are read again as a whole; bad ones change nothing, and every problem is in the log. */
export class Reload {
  readonly #options: DaemonOptions;
  readonly #log: Log;
  readonly #apply: (config: Config) => void;
  #running: Config;

  constructor(options: DaemonOptions, log: Log, running: Config, apply: (config: Config) => void) {
    this.#options = options;
    this.#log = log;
    this.#running = running;
    this.#apply = apply;
  }

  run(): void {
    const { config, problems } = readConfig(this.#options.configDir, this.#options.node);
    for (const problem of problems) this.#log.line(problem.severity === 'error' ? 'ERROR' : 'WARN', formatProblem(problem));
    if (config === undefined) {
      this.#log.line('ERROR', 'Config errors: the running configuration stays as it is');
      return;
    }
    const before = this.#running;
    const keys = !sameKeys(before.auth, config.auth);
    const times = TIMES.some((name) => before[name] !== config[name]);
    const fixed = FIXED.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(config[name]));
    if (keys) this.#log.line('info', 'Rereading authentication file.');
    if (times) this.#log.line('info', 'Times of ha.cf changed: they are in effect.');
    for (const name of fixed) this.#log.line('WARN', `a change of ${name} takes a restart of heartbeat: it is not in effect`);
    if (!keys && !times) {
      if (fixed.length === 0) this.#log.line('info', 'Configuration unchanged.');
      return;
    }
    const merged: Record<string, unknown> = { ...config };
    for (const name of FIXED) merged[name] = before[name];
    this.#running = merged as unknown as Config;
    this.#apply(this.#running);
  }
}
