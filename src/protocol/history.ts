/**
 * What this node has sent: the last 500 numbered messages (fewer where large ones are among them), who has acknowledged how much, and what a request for
 * missing ones brings (wire-protocol 5.2 to 5.4). Node names given to it are those of the node table. Nothing is freed
 * early: an acknowledged message costs a few hundred bytes, and one that is still there need never be refused.
 */
import type { Instant, NodeName } from '../contracts/basics.ts';
import { HISTORY_BYTES, HISTORY_MESSAGES, MAX_ANSWERS_PER_REQUEST, MAX_MISSING, RESEND_GUARD_MS } from './limits.ts';
import type { Message } from './message.ts';
import type { NakReason, SequenceRange } from './repair.ts';

interface Sent {
  readonly message: Message;
  readonly bytes: number;
  resentAt: Instant | undefined;
}

interface Peer {
  /** The highest number that it acknowledged. */
  acked: number;
  /** Our highest number when it came: what is older never counts as outstanding. */
  since: number;
}

/** `stale`: nothing new. `beyond`: a number that we have not sent; told and ignored. */
export type AckVerdict = 'taken' | 'stale' | 'beyond';

export interface RexmitAnswer {
  /** Lowest first. Seal them again as they are; with the same keys that gives the same bytes. */
  readonly resend: readonly Message[];
  readonly naks: readonly { readonly sequence: number; readonly reason: NakReason }[];
  /** The lowest number asked for that was never sent. */
  readonly beyond?: number;
}

export class History {
  readonly #sent = new Map<number, Sent>();
  readonly #peers = new Map<NodeName, Peer>();
  /** Numbers that were refused of late, the longest ago first. */
  readonly #refusedAt = new Map<number, Instant>();
  #highest = 0;
  #bytes = 0;

  /** The newest number, 0 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** The lowest number that can still be sent again. */
  get lowest(): number {
    const [oldest] = this.#sent.keys();
    return oldest ?? 1;
  }

  /** The number for the next message: stamp it, then record it. */
  get next(): number {
    return this.#highest + 1;
  }

  /** Keeps the finished message, which carries the number `next`. */
  record(message: Message): void {
    this.#highest += 1;
    const bytes = message.fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
    this.#sent.set(this.#highest, { message, bytes, resentAt: undefined });
    this.#bytes += bytes;
    for (const [sequence, sent] of this.#sent) {
      if (this.#sent.size <= HISTORY_MESSAGES && (this.#bytes <= HISTORY_BYTES || sequence === this.#highest)) break;
      this.#sent.delete(sequence);
      this.#bytes -= sent.bytes;
    }
  }

  /** The node is none of ours any more. */
  forget(node: NodeName): void {
    this.#peers.delete(node);
  }

  /** An `NS_ackmsg` addressed to us. */
  ack(node: NodeName, sequence: number): AckVerdict {
    if (sequence > this.#highest) return 'beyond';
    const peer = this.#peer(node);
    if (sequence <= peer.acked) return 'stale';
    peer.acked = sequence;
    return 'taken';
  }

  /** The node started, started again or came back: what it said before is void, and what it missed is not outstanding. */
  peerReturned(node: NodeName): void {
    this.#peers.set(node, { acked: 0, since: this.#highest });
  }

  ackedBy(node: NodeName): number {
    return this.#peers.get(node)?.acked ?? 0;
  }

  /**
   * Messages that at least one of these nodes has not acknowledged: give the ordinary nodes that are not
   * dead. 0 when there is none (5.4). To be held against `HISTORY_WARN`.
   */
  outstanding(living: Iterable<NodeName>): number {
    let most = 0;
    for (const node of living) {
      const { acked, since } = this.#peer(node);
      most = Math.max(most, this.#highest - Math.max(acked, since));
    }
    return most;
  }

  /**
   * An `NS_rexmit` from a node, for numbers `first` to `last` (`readRexmit`). Brings at most
   * 50 packets, the lowest first, and none that went out again, or was refused, within the last 240 ms,
   * so that a flood of requests is not answered by a flood: requests bear no number, so anybody can repeat a recorded one.
   */
  answer(asker: NodeName, { first, last }: SequenceRange, at: Instant): RexmitAnswer {
    const resend: Message[] = [];
    const naks: { sequence: number; reason: NakReason }[] = [];
    const to = Math.min(last, this.#highest);
    let room = MAX_ANSWERS_PER_REQUEST;
    for (let sequence = Math.max(first, this.ackedBy(asker) + 1); sequence <= to && room > 0; sequence += 1) {
      const sent = this.#sent.get(sequence);
      if (sent === undefined) {
        if (this.#mayRefuse(sequence, at)) naks.push({ sequence, reason: sequence < this.lowest ? 'seqno too low' : 'seqno not found' });
      } else if (sent.resentAt !== undefined && at - sent.resentAt < RESEND_GUARD_MS) {
        continue;
      } else {
        sent.resentAt = at;
        resend.push(sent.message);
      }
      room -= 1;
    }
    const beyond = last > this.#highest ? Math.max(first, this.#highest + 1) : undefined;
    return beyond === undefined ? { resend, naks } : { resend, naks, beyond };
  }

  /** A refusal goes to everybody, so once is enough. */
  #mayRefuse(sequence: number, at: Instant): boolean {
    for (const [number, refusedAt] of this.#refusedAt) {
      if (at - refusedAt < RESEND_GUARD_MS) break;
      this.#refusedAt.delete(number);
    }
    if (this.#refusedAt.has(sequence) || this.#refusedAt.size >= MAX_MISSING) return false;
    this.#refusedAt.set(sequence, at);
    return true;
  }

  #peer(node: NodeName): Peer {
    const known = this.#peers.get(node);
    if (known !== undefined) return known;
    const peer: Peer = { acked: 0, since: 0 };
    this.#peers.set(node, peer);
    return peer;
  }
}
