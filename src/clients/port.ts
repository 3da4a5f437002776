import type { NoteCode } from '../base/notes.ts';
import type { ClientId } from '../contracts/clients.ts';
import type { Message } from '../protocol/message.ts';
import type { ClusterView } from './view.ts';

/** What the part of the clients asks of the engine. */
export interface ClientPort {
  send(client: ClientId, bytes: Uint8Array): void;
  close(client: ClientId): void;
  signal(pid: number, signal: number): void;
  /** Counted, and written at a bounded rate. */
  refused(code: NoteCode, facts: Readonly<Record<string, string | number>>, from: string): void;
  view(): ClusterView;
  /** true once this node is `active`: before, nobody speaks to the cluster. */
  readonly active: boolean;
  /** Our messages that a living node has not acknowledged. */
  outstanding(): number;
  /** To the cluster, this node included: it comes back through `sent`. */
  post(message: Message): void;
  /** What a local program wrote for the cluster; the engine knows which types it takes. */
  local(message: Message, from: string): void;
}
