import type { NodeName } from './basics.ts';
import type { ApiAuth, ClientProgram } from './clients.ts';

/** One line of authkeys. `key` is empty for crc. */
export interface AuthKey {
  readonly index: number;
  readonly method: string;
  readonly key: Uint8Array;
}

/** What authkeys says. `signing` is the index named by `auth N` and is always among `keys`. */
export interface AuthConfig {
  readonly signing: number;
  readonly keys: readonly AuthKey[];
}

/** One way to carry packets, ready to be opened. */
export interface MediumSpec {
  /** The directive: `bcast`, `ucast`, `mcast`. */
  readonly kind: string;
  /** Unique: `bcast eth0`, `ucast eth1 10.0.0.2`. */
  readonly id: string;
  /** The link name that peers seen over it get in logs and cl_status: the interface. */
  readonly link: string;
  readonly device: string;
  /** Destination for ucast, group for mcast; absent for bcast (the interface decides). */
  readonly address?: string;
  readonly port: number;
  readonly ttl?: number;
  readonly loop?: boolean;
}

/** One resource of a group: a script by name, and the words it gets before the action. */
export interface Resource {
  /** The word as it stands in haresources, for the log. */
  readonly word: string;
  readonly script: string;
  readonly args: readonly string[];
}

/** One line of haresources. */
export interface ResourceGroup {
  /** The first resource word, verbatim (haresources 2). Two lines may share it; `id` stays unique. */
  readonly key: string;
  readonly id: string;
  readonly home: NodeName;
  readonly resources: readonly Resource[];
}

export type AutoFailback = 'on' | 'off' | 'legacy';

export interface LogConfig {
  readonly logfile?: string;
  readonly debugfile?: string;
  /** Absent when not named, or named `none`. */
  readonly logfacility?: string;
  /** 0: no debug lines. */
  readonly debug: number;
  /** true: `Mon DD HH:MM:SS HOST heartbeat: [PID]: LEVEL: TEXT` (log-lines 1). */
  readonly syslogmsgfmt: boolean;
  /** false: `log_badpack off`, packets that cannot be read or verified are counted and not logged. Absent: they are logged. */
  readonly badpack?: boolean;
}

/** A directive that protects (stonith, watchdog, ping, ...) and that this version does not carry out. */
export interface UnmetDirective {
  readonly word: string;
  readonly text: string;
}

/** Everything the three files say, checked. Frozen once made. */
export interface Config {
  /** This node, as found in `nodes`. */
  readonly self: NodeName;
  /** Ordinary nodes in the order of their lines. */
  readonly nodes: readonly NodeName[];
  readonly keepaliveMs: number;
  readonly deadtimeMs: number;
  readonly warntimeMs: number;
  readonly initdeadMs: number;
  readonly deadpingMs: number;
  readonly maxRexmitDelayMs: number;
  readonly hopfudge: number;
  readonly autoFailback: AutoFailback;
  /** `nice_failback on`: `off` beside heartbeatd nodes and `legacy` beside 3.0.6; `autoFailback` is `legacy` then. */
  readonly niceFailback: boolean;
  /** false: `-M`, haresources is not read and no resource is touched. */
  readonly manageResources: boolean;
  /** `classic` adds the inner `auth` field to what we send (wire-protocol 1.3). */
  readonly msgfmt: 'classic' | 'netstring';
  readonly compression: 'zlib' | 'bz2';
  /** With `traditionalCompression`, messages above this size are compressed (bytes; wire-protocol 1.4). */
  readonly compressionThreshold: number;
  readonly traditionalCompression: boolean;
  readonly autojoin: 'none' | 'other' | 'any';
  readonly hbgenmethod: 'file' | 'time';
  readonly uuidfrom: 'file' | 'nodename';
  /** Lines of ha.cf over the built-in ones (directives 2). */
  readonly apiauth: readonly ApiAuth[];
  /** In the order of ha.cf: started in it, ended in reverse. */
  readonly programs: readonly ClientProgram[];
  readonly media: readonly MediumSpec[];
  readonly auth: AuthConfig;
  readonly groups: readonly ResourceGroup[];
  readonly log: LogConfig;
  readonly realtime: boolean;
  readonly rtprio: number;
  /** Raw text of each directive with its default, for `HA_<directive>` and `cl_status hbparameter`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** `env NAME=VALUE` lines: exported as `HA_NAME`. */
  readonly env: Readonly<Record<string, string>>;
  /** Retries of a failed stop, from `env STOPRETRYMAX` (haresources 5); <= 0 retries for ever. */
  readonly stopRetryMax: number;
  /** How long a failed start keeps its group away from here, from `env FAILURETIMEOUT`; 0: until it is cleared. */
  readonly failureTimeoutMs: number;
  /** Named again at every start and in the status. */
  readonly unmet: readonly UnmetDirective[];
}

/** One of the three files as it was read. `path` is what messages print (`/etc/ha.d//ha.cf`, directives 3). */
export interface ConfigFile {
  readonly path: string;
  /** One character per byte (`bytesToText`); absent when the file could not be read. */
  readonly text: string | undefined;
  /** Permission bits; absent when unknown. */
  readonly mode: number | undefined;
  /** Why `text` is absent, when it is not simply missing: `EACCES`, ... */
  readonly fault?: string;
}

export interface ConfigFiles {
  readonly hacf: ConfigFile;
  readonly authkeys: ConfigFile;
  readonly haresources: ConfigFile;
}

/** What checking the files may know of the machine. */
export interface HostFacts {
  /** `uname -n`, or what `--node` says. */
  readonly hostName: string;
  hasInterface(name: string): boolean;
  /** UDP port of a service in /etc/services. */
  servicePort(name: string): number | undefined;
  /** The IPv4 address of a host name; where it is absent names are resolved when the medium opens. */
  resolveHost?(name: string): string | undefined;
  /** As `resolveHost`, for an IPv6 address. */
  resolveHost6?(name: string): string | undefined;
  /** Whether there is a user (a group) of that name; absent where asking would hold the reader up. */
  hasUser?(name: string): boolean;
  hasGroup?(name: string): boolean;
  /** What lies at a path, links followed. */
  fileKind?(path: string): 'characterDevice' | 'other' | 'missing';
  /** Whether this process may execute the file. */
  isExecutable?(path: string): boolean;
  /** Whether messages can be packed and unpacked that way on this host. */
  hasCompression?(name: 'zlib' | 'bz2'): boolean;
  /** The service that /etc/services gives a UDP port to. */
  serviceName?(port: number): string | undefined;
}
