import type { Fault, SourceLine } from './basics.ts';
import type { MediumSpec } from './config.ts';

/** What a medium tells its owner. Calls arrive on the event loop, never inside `open` or `send`. */
export interface MediumSink {
  opened(): void;
  /** One datagram, or one whole packet of a stream. `from` is the sender's address as text. */
  frame(bytes: Uint8Array, from: string): void;
  /** The medium cannot carry packets now; it goes on trying to reopen by itself and calls `opened` again. */
  failed(fault: Fault): void;
}

export interface Medium {
  readonly spec: MediumSpec;
  open(sink: MediumSink): void;
  /** Best effort: never waits, never throws. */
  send(frame: Uint8Array): void;
  /** Something has arrived that was not handed over yet. */
  waiting?(): boolean;
  close(): void;
}

export interface ParsedMedia {
  readonly specs: readonly MediumSpec[];
  /** Empty when all is well; texts as directives 3 has them. */
  readonly errors: readonly string[];
}

/** One ha.cf word that names a way to carry packets. Adding a medium is one file and one line in the catalog. */
export interface MediumType {
  readonly directive: string;
  /** Whole-line directives take the rest of the line; list directives take interfaces one by one. */
  readonly form: 'list' | 'wholeLine';
  parse(words: readonly string[], context: MediumContext, at: SourceLine): ParsedMedia;
  create(spec: MediumSpec): Medium;
}

/** What parsing may know of the host and of the lines above. */
export interface MediumContext {
  readonly udpport: number;
  hasInterface(name: string): boolean;
  /** The IPv4 address of a host name. Where it is absent names are accepted and resolved when the medium opens. */
  resolveHost?(name: string): string | undefined;
}
