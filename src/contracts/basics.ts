/**
 * The words every layer shares. Types only: nothing here runs.
 *
 * Spans and points in time are plain numbers whose names carry the unit (`deadtimeMs`, `heardAt`).
 */

/** A point on the monotonic clock, in ms (fractions allowed). It never goes back. */
export type Instant = number;
/** A node name as it stands in ha.cf, folded to lower case (directives 2, wire-protocol 12.12). */
export type NodeName = string;
/** A medium as the log shows it: `bcast eth0`, `ucast eth1 10.0.0.2`. */
export type MediumId = string;
export type JobId = number;
export type CallId = number;

/** One reading of all clocks, taken once per step. */
export interface Now {
  /** Monotonic ms: the only clock that protocol timers look at. */
  readonly at: Instant;
  /** Wall clock, Unix seconds: travels in `ts`, decides nothing. */
  readonly unixSeconds: number;
  /** ms since the machine was booted, the time in which it was suspended included. Absent where the host cannot tell. */
  readonly bootAt?: Instant;
  /** Wall clock, Unix ms. Absent where it was not read. */
  readonly wallMs?: number;
  /** First line of the load average, sampled once per keepalive: travels in `ld`. */
  readonly load: string;
}

export interface Clock {
  now(): Now;
  /** Rings once at or after `at`. The answer cancels. */
  alarm(at: Instant, ring: () => void): () => void;
}

export interface Random {
  /** A whole number in 0 .. limit-1. */
  below(limit: number): number;
}

/** Something the host refused: a code to branch on and a sentence for the log. */
export interface Fault {
  readonly code: string;
  readonly detail: string;
}

export interface SourceLine {
  readonly file: string;
  /** 1 for the first line; 0 when the whole file is meant. */
  readonly line: number;
}

/** One complaint about what an operator wrote: what was read, what was expected. */
export interface Problem extends SourceLine {
  readonly severity: 'error' | 'warning';
  readonly text: string;
}
