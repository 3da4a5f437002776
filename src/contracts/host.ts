import type { Fault, JobId } from './basics.ts';
import type { ResourceGroup } from './config.ts';
import type { HeldResources } from './engine.ts';
import type { ResourceSetWord } from './status.ts';

/** One call of a resource script. The runner finds the script; the action word goes last (haresources 1). */
export interface ScriptJob {
  readonly id: JobId;
  readonly script: string;
  readonly args: readonly string[];
  readonly action: 'start' | 'stop' | 'status';
  /** Added to the environment that all scripts get: the fields of the message behind it, as `HA_<field>`. */
  readonly env: Readonly<Record<string, string>>;
}

export type ScriptOutcome =
  /** `output` is what it wrote to stdout, at most SCRIPT_OUTPUT_BYTES_MAX, kept for `status` alone. `path` is the file that ran. */
  | { readonly kind: 'exited'; readonly status: number; readonly output: string; readonly path: string }
  | { readonly kind: 'killed'; readonly signal: string; readonly path: string }
  /** Neither resource.d nor an init folder has an executable of that name. */
  | { readonly kind: 'notFound' }
  | { readonly kind: 'notStarted'; readonly fault: Fault };

export interface ScriptRunner {
  /** `ended` is called once, later, never inside `start`. */
  start(job: ScriptJob, ended: (outcome: ScriptOutcome) => void): void;
}

/** What must survive a restart (wire-protocol 9). */
export interface DurableRecord {
  readonly generation: number;
  /** 16 bytes: file hb_uuid. */
  readonly uuid: Uint8Array;
}

export interface Store {
  /** Writes, flushes to the disk, then calls back. */
  save(record: DurableRecord, done: (fault?: Fault) => void): void;
  /** Who owned which group, for the next life. In the background; of several that wait the last counts. */
  keepEpochs?(text: string): void;
}

/** A record of what runs here that outlives the daemon and not the machine: for its guardian and for its next life. */
export interface Journal {
  /** `done` is called once, later or at once, whatever came of it; what was kept before has been dealt with by then. */
  keep(held: HeldResources, done: () => void): void;
}

/** What the daemon asks of the machine and of itself. */
export interface Host {
  /** The last resort when a stop script failed: the machine must go down hard. */
  reset(reason: string): void;
  exit(status: number): void;
  /** The process runs its own program again, with `-R -C held`. `running`: by which definitions the groups run. */
  restart(held: ResourceSetWord, running: readonly ResourceGroup[]): void;
}

/** Gratuitous ARP for an address that this node holds. */
export interface Announcer {
  /** One round, on the wire before this returns. When there is another one is for the engine to say. */
  announce(address: string): void;
}
