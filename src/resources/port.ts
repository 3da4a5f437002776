import type { NoteCode } from '../base/notes.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { ScriptJob, ScriptOutcome } from '../contracts/host.ts';
import type { ScriptFields } from '../protocol/script-fields.ts';

/** What the resource side asks of the rest of the engine. Nothing here waits. */
export interface ResourcePort {
  note(code: NoteCode, facts?: Readonly<Record<string, string | number>>): void;
  /** A numbered message to all nodes; fields in order, `t` first. */
  send(type: string, fields: readonly (readonly [string, string])[]): void;
  /** The text fields that such a message of ours would have now, header and `auth` included. Nothing is sent. */
  unsent(type: string, fields: readonly (readonly [string, string])[]): ScriptFields;
  /** Such a message is told to the scripts of the site. */
  tell(type: string, fields: ScriptFields): void;
  run(job: Omit<ScriptJob, 'id'>, ended: (now: Now, outcome: ScriptOutcome) => void): void;
  announce(address: string): void;
  silence(address: string): void;
  resetHost(reason: string): void;
  /** The moment of the present step. */
  now(): Instant;
  /** What `Epochs` wants to find again in a next life. Nothing waits for it. */
  keepEpochs(text: string): void;
  /** The last resource message is out: the node may end once its peers have it. */
  released(): void;
}

/** What the resource side has to know of the peer, kept by the membership. */
export interface PeerView {
  readonly name: string;
  /** Its own word for its state: `init`, `up`, `active`, `dead`. */
  readonly status: string;
  /** The newest number received from it. */
  readonly lastSeq: number;
  /** It works as `auto_failback legacy`, as a 3.0.6 node does with `nice_failback`. Unknown until its status was heard. */
  readonly legacy: boolean | undefined;
  /** It sends our fields. */
  readonly heartbeatd?: boolean;
  /** Of its present life; 0 until it was heard. */
  readonly generation?: number;
  /** It was heard again then, after at least half our deadtime without a word. */
  readonly silenceEndedAt?: Instant | undefined;
}
