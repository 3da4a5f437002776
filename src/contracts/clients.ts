/** Local programs that talk to the daemon through `/run/heartbeat/register` (wire-protocol 10). */
export type ClientId = number;

/** Who is at the other end, as the kernel says it (SO_PEERCRED). */
export interface ClientCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Names of the two numbers, where the system's tables have them: `apiauth` may be written with names. */
  readonly user?: string;
  readonly group?: string;
}

/** Where what the engine says to local programs goes. Nothing here waits: a client that does not read is cut off. */
export interface Clients {
  /** One message in plain form (protocol/plain.ts), without the frame header of the socket. */
  send(client: ClientId, bytes: Uint8Array): void;
  /** After what was sent to it. `clientGone` does not follow. */
  close(client: ClientId): void;
  /** `setsignal`: a signal goes with each message. */
  signal(pid: number, signal: number): void;
}

/** One line `apiauth CLIENT uid=... gid=...`: names or numbers. One of the two lists is enough. */
export interface ApiAuth {
  readonly client: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
}

export type ProgramId = number;

/** One line `respawn USER /PATH [ARG ...]`, or `failfast`. */
export interface ClientProgram {
  readonly user: string;
  /** Path and arguments as they stand on the line; a shell splits them (directives 5). */
  readonly command: string;
  readonly failfast: boolean;
}

export type ProgramOutcome =
  /** `pid` is for the log. */
  | { readonly kind: 'exited'; readonly status: number; readonly pid?: number }
  | { readonly kind: 'killed'; readonly signal: string; readonly pid?: number }
  | { readonly kind: 'notStarted'; readonly detail: string };

/** Runs the programs of `respawn` lines; when and how often is decided elsewhere. */
export interface Programs {
  /** `ended` is called once, later, never inside `start`. */
  start(id: ProgramId, program: ClientProgram, ended: (outcome: ProgramOutcome) => void): void;
  /** To the whole process group. */
  signal(id: ProgramId, signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Runs `harc TYPE` where `rc.d/TYPE` exists: one at a time, in order (wire-protocol 7.9). */
export interface EventScripts {
  /** `fields` are the text fields of the message, unprefixed. */
  run(type: string, fields: Readonly<Record<string, string>>): void;
}
