import type { ResourceSetWord } from './status.ts';

/** Where one daemon keeps its things. All absolute; several daemons run side by side when all three differ. */
export interface Places {
  /** ha.cf, haresources, authkeys, resource.d. */
  readonly configDir: string;
  /** hb_generation, hb_uuid. */
  readonly stateDir: string;
  /** heartbeat.pid, heartbeat/control. */
  readonly runDir: string;
}

/** What a daemon that starts again in place hands to its next life: open descriptors. */
export interface HandedDescriptors {
  /** In the order of the lock files. */
  readonly locks: readonly number[];
  /** The files that were checked. */
  readonly config: number;
}

/** What the command line says to the daemon. */
export interface DaemonOptions extends Places {
  /** Instead of `uname -n`. */
  readonly node?: string;
  /** Added to the `debug` of ha.cf. */
  readonly debug: number;
  /** false: `-l`, no real-time scheduling whatever ha.cf says. */
  readonly realtime: boolean;
  /** false: `-M`, resources are left alone. */
  readonly manageResources: boolean;
  /** `-R -C`: what a life of this daemon before this one runs, and this one begins with. */
  readonly held?: ResourceSetWord;
  /** With `held`. */
  readonly handed?: HandedDescriptors;
  /** `--guardian`: its parent starts it again when it dies. `again`: a life before this one has died. */
  readonly guardian?: 'first' | 'again';
  /** The words of a command line that starts this daemon again in its place. Absent: it can only go on in this process. */
  readonly again?: (held: ResourceSetWord, handed: HandedDescriptors) => readonly string[];
  /** true: `-f`. Without a log directive the log goes to stderr. */
  readonly foreground: boolean;
  /** One finished line for the person who starts it. Does nothing after `ready`. */
  readonly tell: (line: string) => void;
  /** Called once, when lock, pid file and control socket are held and the engine runs. */
  readonly ready: () => void;
}

/** Runs until the daemon ends; the answer is the exit status of the process (directives 3, tools 1). */
export type RunDaemon = (options: DaemonOptions) => Promise<number>;
