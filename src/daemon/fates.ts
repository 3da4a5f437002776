import type { AuthConfig, Config } from '../contracts/config.ts';

/** What a reload can change in a running daemon: by what is told when it has. */
const LIVE = {
  keys: 'Rereading authentication file.',
  times: 'Times of ha.cf changed: they are in effect.',
  nodes: 'The nodes of ha.cf, or autojoin, changed: they are in effect.',
  media: 'The media of ha.cf changed: they are being opened and closed.',
  groups: 'haresources changed: the groups follow.',
  failback: 'auto_failback changed: it is in effect.',
  stops: 'env STOPRETRYMAX changed: it is in effect.',
  failures: 'env FAILURETIMEOUT changed: it is in effect.',
  env: 'Lines `env` of ha.cf changed: the next scripts get them.',
  packets: 'hopfudge, max_rexmit_delay, msgfmt or compression changed: the next packets follow.',
  clients: 'Lines `apiauth` of ha.cf changed: they are in effect for the next programs that sign on.',
  programs: 'Lines `respawn` and `failfast` of ha.cf changed: their programs are started and stopped.',
  log: 'logfile, debugfile, logfacility, debug or syslogmsgfmt changed: the log goes on as they say.',
  realtime: 'realtime or rtprio changed: it is in effect.',
  start: 'hbgenmethod changed: it counts at the next start.',
} as const;

type LivePart = keyof typeof LIVE;

/**
 * What becomes of each part. A sentence in brackets names what needs a start in place, because what we are or hold is known
 * under it; `follows` is made from the others; `fixed` is no matter of files, or refused before.
 */
const FATES: Readonly<Record<keyof Config, LivePart | 'follows' | 'fixed' | readonly [directives: string]>> = {
  auth: 'keys',
  keepaliveMs: 'times',
  deadtimeMs: 'times',
  warntimeMs: 'times',
  initdeadMs: 'times',
  deadpingMs: 'times',
  nodes: 'nodes',
  autojoin: 'nodes',
  media: 'media',
  groups: 'groups',
  autoFailback: 'failback',
  niceFailback: ['nice_failback'],
  stopRetryMax: 'stops',
  failureTimeoutMs: 'failures',
  env: 'env',
  hopfudge: 'packets',
  maxRexmitDelayMs: 'packets',
  msgfmt: 'packets',
  compression: 'packets',
  compressionThreshold: 'packets',
  traditionalCompression: 'packets',
  apiauth: 'clients',
  programs: 'programs',
  log: 'log',
  realtime: 'realtime',
  rtprio: 'realtime',
  hbgenmethod: 'start',
  uuidfrom: ['uuidfrom'],
  parameters: 'follows',
  unmet: 'follows',
  self: 'fixed',
  manageResources: 'fixed',
};

const NAMES = Object.keys(FATES) as (keyof Config)[];

export interface Difference {
  /** The part of `wanted` that a running daemon takes, over what it has. */
  readonly live: Config;
  /** Nothing else differs when there are none of both. */
  readonly changed: readonly (keyof Config)[];
  /** One sentence for each live part that differs. */
  readonly told: readonly string[];
  /** The directives that need a start in place. */
  readonly restart: readonly string[];
}

/** Holds a configuration that passed its checks against the one that runs. Pure. */
export function difference(running: Config, wanted: Config): Difference {
  const changed = NAMES.filter((name) => !same(name, running, wanted));
  const needsRestart = changed.filter((name) => needsLife(name, running, wanted));
  const parts = new Set(changed.filter((name) => !needsRestart.includes(name)).map((name) => FATES[name]));
  const kept = NAMES.filter((name) => needsRestart.includes(name) || FATES[name] === 'fixed');
  const live: Record<string, unknown> = { ...wanted };
  for (const name of kept) live[name] = running[name];
  return {
    live: live as unknown as Config,
    changed,
    told: Object.entries(LIVE)
      .filter(([part]) => parts.has(part as LivePart))
      .map(([, sentence]) => sentence),
    restart: needsRestart.map((name) => DIRECTIVES[name] ?? String(FATES[name])),
  };
}

/** Of parts that are live as a rule. */
const DIRECTIVES: Partial<Record<keyof Config, string>> = { autoFailback: 'auto_failback', nodes: 'node' };

function needsLife(name: keyof Config, running: Config, wanted: Config): boolean {
  // `legacy` hands over by other messages than `on` and `off`: one cannot become the other while it holds something.
  if (name === 'autoFailback') return (running.autoFailback === 'legacy') !== (wanted.autoFailback === 'legacy');
  // With three nodes there is no resource side; with two there is, from the start on.
  if (name === 'nodes') return running.nodes.length > 2 && wanted.nodes.length <= 2;
  return Array.isArray(FATES[name]);
}

function same(name: keyof Config, a: Config, b: Config): boolean {
  return name === 'auth' ? keysText(a.auth) === keysText(b.auth) : JSON.stringify(a[name]) === JSON.stringify(b[name]);
}

function keysText(auth: AuthConfig): string {
  return JSON.stringify([auth.signing, auth.keys.map((key) => [key.index, key.method, [...key.key]])]);
}
