import type { CallId, Fault, Instant, JobId, MediumId, Now } from './basics.ts';
import type { Config } from './config.ts';
import type { DurableRecord, ScriptJob, ScriptOutcome } from './host.ts';
import type { Note } from './notes.ts';
import type { ResourceSetWord, StatusSnapshot } from './status.ts';

/** What an operator asks of the running daemon. */
export type CommandRequest =
  | { readonly name: 'status' }
  | { readonly name: 'standby'; readonly set: ResourceSetWord | 'failback' }
  | { readonly name: 'takeover'; readonly set: ResourceSetWord | 'failback' };

export type CommandResult = { readonly ok: true; readonly status?: StatusSnapshot } | { readonly ok: false; readonly reason: string };

export type Input =
  /** First input, once: media are being opened, nothing has been sent. */
  | { readonly kind: 'started' }
  | { readonly kind: 'alarm' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saveFailed'; readonly fault: Fault }
  | { readonly kind: 'frame'; readonly medium: MediumId; readonly bytes: Uint8Array; readonly from: string }
  | { readonly kind: 'mediumOpened'; readonly medium: MediumId }
  | { readonly kind: 'mediumFailed'; readonly medium: MediumId; readonly fault: Fault }
  | { readonly kind: 'scriptEnded'; readonly job: JobId; readonly outcome: ScriptOutcome }
  | { readonly kind: 'command'; readonly call: CallId; readonly request: CommandRequest }
  /** A reload that passed its checks. */
  | { readonly kind: 'configured'; readonly config: Config }
  | { readonly kind: 'stopAsked' };

export type Effect =
  /** Nothing is sent before the matching `saved` (wire-protocol 5.5). */
  | { readonly kind: 'save'; readonly record: DurableRecord }
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'runScript'; readonly job: ScriptJob }
  | { readonly kind: 'announce'; readonly address: string }
  | { readonly kind: 'silence'; readonly address: string }
  | { readonly kind: 'reply'; readonly call: CallId; readonly result: CommandResult }
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'resetHost'; readonly reason: string }
  | { readonly kind: 'exit'; readonly status: number };

/** The whole cluster logic of one node: time and an input in, effects out. It opens nothing and waits for nothing. */
export interface Engine {
  step(now: Now, input: Input): readonly Effect[];
  /** When the next `alarm` is wanted, if at all. */
  nextAlarm(): Instant | undefined;
}
