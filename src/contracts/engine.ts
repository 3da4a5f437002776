import type { CallId, Fault, Instant, JobId, MediumId, NodeName, Now } from './basics.ts';
import type { ClientCredentials, ClientId, ClientProgram, ProgramId, ProgramOutcome } from './clients.ts';
import type { Config, ResourceGroup } from './config.ts';
import type { DurableRecord, ScriptJob, ScriptOutcome } from './host.ts';
import type { Note } from './notes.ts';
import type { ResourceSetWord, StatusSnapshot } from './status.ts';

/** What an operator asks of the running daemon. */
export type CommandRequest =
  | { readonly name: 'status' }
  | { readonly name: 'standby'; readonly set: ResourceSetWord | 'failback' }
  | { readonly name: 'takeover'; readonly set: ResourceSetWord | 'failback' }
  /** Failed starts of the group with this key (`all`: of every group) are forgotten, on both nodes. */
  | { readonly name: 'clearfailure'; readonly group: string }
  | { readonly name: 'addnode' | 'delnode'; readonly nodes: readonly NodeName[] }
  | { readonly name: 'setweight'; readonly node: NodeName; readonly weight: number }
  | { readonly name: 'setsite'; readonly node: NodeName; readonly site: string };

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
  /** A start in place: as soon as nothing moves, the engine ends with `restart` and keeps what it runs. */
  | { readonly kind: 'restartAsked' }
  /** One packet in plain form from the FIFO. */
  | { readonly kind: 'localMessage'; readonly bytes: Uint8Array }
  | { readonly kind: 'clientConnected'; readonly client: ClientId; readonly credentials: ClientCredentials }
  | { readonly kind: 'clientMessage'; readonly client: ClientId; readonly bytes: Uint8Array }
  | { readonly kind: 'clientGone'; readonly client: ClientId }
  | { readonly kind: 'programEnded'; readonly program: ProgramId; readonly outcome: ProgramOutcome }
  | { readonly kind: 'stopAsked' };

export type Effect =
  /** Nothing is sent before the matching `saved` (wire-protocol 5.5). */
  | { readonly kind: 'save'; readonly record: DurableRecord }
  /** Ownership of groups, for the next life (`Store.keepEpochs`). Nothing waits for it. */
  | { readonly kind: 'keepEpochs'; readonly text: string }
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'runScript'; readonly job: ScriptJob }
  /** One round of gratuitous ARP; the engine asks for each. */
  | { readonly kind: 'announce'; readonly address: string }
  | { readonly kind: 'reply'; readonly call: CallId; readonly result: CommandResult }
  | { readonly kind: 'note'; readonly note: Note }
  | { readonly kind: 'clientSend'; readonly client: ClientId; readonly bytes: Uint8Array }
  | { readonly kind: 'clientClose'; readonly client: ClientId }
  | { readonly kind: 'clientSignal'; readonly pid: number; readonly signal: number }
  | { readonly kind: 'startProgram'; readonly id: ProgramId; readonly program: ClientProgram }
  | { readonly kind: 'signalProgram'; readonly id: ProgramId; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** A message or a change of status that scripts of the site may react to (wire-protocol 7.9). */
  | { readonly kind: 'event'; readonly type: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'resetHost'; readonly reason: string }
  /** What runs here, or may from the next start script on: the journal has it before that script runs. */
  | { readonly kind: 'journal'; readonly held: HeldResources }
  /** The process starts anew in its place, without releasing anything; the next life begins with this. */
  | { readonly kind: 'restart'; readonly held: ResourceSetWord; readonly running: readonly ResourceGroup[] }
  | { readonly kind: 'exit'; readonly status: number };

/** What a life of the daemon leaves running for the next one in its place. */
export interface HeldResources {
  readonly set: ResourceSetWord;
  /** The groups that run, by the definitions that they were started with: the file may say something else by then. */
  readonly running: readonly ResourceGroup[];
  /**
   * From a journal: which resources of each of these groups may run, by word, in the order of `running` and of their starts. All
   * of them are asked for their status. Absent: any may run, and the first of each group is asked.
   */
  readonly words?: readonly (readonly string[])[];
}

/** The whole cluster logic of one node: time and an input in, effects out. It opens nothing and waits for nothing. */
export interface Engine {
  step(now: Now, input: Input): readonly Effect[];
  /** When the next `alarm` is wanted, if at all. */
  nextAlarm(): Instant | undefined;
}
