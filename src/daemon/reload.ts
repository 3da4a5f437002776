import { formatProblem } from '../config/problems.ts';
import type { AuthConfig, Config } from '../contracts/config.ts';
import type { DaemonOptions } from '../contracts/daemon.ts';
import type { Log } from './log.ts';
import { readConfig } from './read-config.ts';

/** What a reload can change in a running daemon: by what is told when it has. */
const LIVE = {
  keys: 'Rereading authentication file.',
  times: 'Times of ha.cf changed: they are in effect.',
  env: 'Lines `env` of ha.cf changed: the next scripts get them.',
} as const;

/** What becomes of each part. A sentence names what takes a restart; `follows` is made from the others. */
const PARTS: Readonly<Record<keyof Config, keyof typeof LIVE | 'follows' | readonly [directives: string]>> = {
  auth: 'keys',
  keepaliveMs: 'times',
  deadtimeMs: 'times',
  warntimeMs: 'times',
  initdeadMs: 'times',
  deadpingMs: 'times',
  env: 'env',
  parameters: 'follows',
  unmet: 'follows',
  self: ['the name of this host'],
  nodes: ['node'],
  media: ['bcast, ucast, mcast and udpport'],
  groups: ['haresources'],
  autoFailback: ['auto_failback'],
  niceFailback: ['nice_failback'],
  manageResources: ['-M'],
  msgfmt: ['msgfmt'],
  compression: ['compression'],
  compressionThreshold: ['compression_threshold'],
  traditionalCompression: ['traditional_compression'],
  autojoin: ['autojoin'],
  hbgenmethod: ['hbgenmethod'],
  uuidfrom: ['uuidfrom'],
  apiauth: ['apiauth'],
  programs: ['respawn and failfast'],
  hopfudge: ['hopfudge'],
  maxRexmitDelayMs: ['max_rexmit_delay'],
  log: ['logfile, debugfile, logfacility, debug and syslogmsgfmt'],
  realtime: ['realtime'],
  rtprio: ['rtprio'],
  stopRetryMax: ['env STOPRETRYMAX'],
};

const NAMES = Object.keys(PARTS) as (keyof Config)[];

function same(name: keyof Config, a: Config, b: Config): boolean {
  return name === 'auth' ? keysText(a.auth) === keysText(b.auth) : JSON.stringify(a[name]) === JSON.stringify(b[name]);
}

function keysText(auth: AuthConfig): string {
  return JSON.stringify([auth.signing, auth.keys.map((key) => [key.index, key.method, [...key.key]])]);
}

/** SIGHUP: the three files are read again as a whole; bad ones change nothing, and every problem is in the log. */
export class Reload {
  readonly #options: DaemonOptions;
  readonly #log: Pick<Log, 'line'>;
  readonly #apply: (config: Config) => void;
  #running: Config;

  constructor(options: DaemonOptions, log: Pick<Log, 'line'>, running: Config, apply: (config: Config) => void) {
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
    const changed = NAMES.filter((name) => !same(name, before, config));
    const live = Object.entries(LIVE).filter(([kind]) => changed.some((name) => PARTS[name] === kind));
    for (const [, told] of live) this.#log.line('info', told);
    const fixed = NAMES.filter((name) => Array.isArray(PARTS[name]));
    for (const name of fixed.filter((one) => changed.includes(one))) {
      this.#log.line('WARN', `a change of ${String(PARTS[name])} takes a restart of heartbeat: it is not in effect`);
    }
    if (changed.length === 0) this.#log.line('info', 'Configuration unchanged.');
    if (live.length === 0) return;
    const merged: Record<string, unknown> = { ...config };
    for (const name of fixed) merged[name] = before[name];
    this.#running = merged as unknown as Config;
    this.#apply(this.#running);
  }
}
