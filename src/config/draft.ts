import type { SourceLine } from '../contracts/basics.ts';
import type { ApiAuth, ClientProgram } from '../contracts/clients.ts';
import type { AutoFailback, Config, HostFacts, MediumSpec, UnmetDirective } from '../contracts/config.ts';
import type { Problems } from './problems.ts';

/** A value and the line it came from. */
export interface Setting<T> {
  readonly value: T;
  readonly at: SourceLine;
}

export type TimeWord = 'keepalive' | 'deadtime' | 'warntime' | 'initdead' | 'deadping';

/** What the lines of ha.cf have said so far; `load.ts` makes the Config of it. */
export class Draft {
  readonly nodes: string[] = [];
  readonly times = new Map<TimeWord, Setting<number>>();
  readonly media: MediumSpec[] = [];
  /** Directives for media that this version lacks. */
  readonly lackingMedia: string[] = [];
  readonly pingHosts: Setting<string>[] = [];
  readonly env = new Map<string, string>();
  readonly unmet: UnmetDirective[] = [];
  readonly apiClients = new Set<string>();
  readonly apiauth: ApiAuth[] = [];
  readonly programs: ClientProgram[] = [];
  /** Raw text of every directive that was used, last one of each. */
  readonly raw = new Map<string, string>();
  /** Directives with a line that was refused: what follows from them is not checked, to avoid complaints about complaints. */
  readonly refused = new Set<string>();
  /** Directives that may stand only once, and did. */
  readonly seenOnce = new Set<string>();
  udpport: number | undefined;
  autoFailback: AutoFailback | undefined;
  /** A `nice_failback` line with no `auto_failback` line above it has set `autoFailback`. */
  niceFailback = false;
  /** And it said `on`. */
  niceFailbackOn = false;
  hopfudge = 1;
  msgfmt: Config['msgfmt'] = 'classic';
  compression: Config['compression'] = 'zlib';
  compressionThresholdKb = 2;
  traditionalCompression = false;
  autojoin: Setting<Config['autojoin']> | undefined;
  hbgenmethod: Config['hbgenmethod'] = 'file';
  uuidfrom: Config['uuidfrom'] = 'file';
  logBadpack = true;
  maxRexmitDelayMs = 250;
  logfile: string | undefined;
  debugfile: string | undefined;
  logfacility: Setting<string> | undefined;
  useLogd: Setting<boolean> | undefined;
  syslogmsgfmt = true;
  debug = 0;
  realtime = true;
  rtprio = 1;
  /** Media lines seen, `ping` lines among them (3.0.6 counts both against its limit of 64). */
  mediaLines = 0;
}

/** What a directive may look at while it reads its words. */
export interface LineContext {
  readonly draft: Draft;
  readonly at: SourceLine;
  /** The file as messages print it: `/etc/ha.d//ha.cf`. */
  readonly path: string;
  /** The line without remark and outer blanks. */
  readonly lineText: string;
  /** The words after the directive, split as its form wants. */
  readonly words: readonly string[];
  readonly host: HostFacts;
  readonly problems: Problems;
}
