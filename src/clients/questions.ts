import type { Instant } from '../contracts/basics.ts';
import type { ClientId } from '../contracts/clients.ts';
import { MAX_QUESTIONS, MAX_QUESTIONS_PER_CLIENT, QUESTION_MS } from './limits.ts';

interface Question {
  readonly client: ClientId;
  readonly from: string;
  readonly node: string;
  readonly name: string;
  readonly until: Instant;
}

/** What local clients have asked other nodes about their clients, and were not told yet: a bounded list. */
export class Questions {
  #open: Question[] = [];

  /** false: too many are open. */
  add(at: Instant, client: ClientId, from: string, node: string, name: string): boolean {
    this.#open = this.#open.filter((question) => question.until > at);
    if (this.#open.length >= MAX_QUESTIONS) return false;
    if (this.#open.filter((question) => question.client === client).length >= MAX_QUESTIONS_PER_CLIENT) return false;
    this.#open.push({ client, from, node, name, until: at + QUESTION_MS });
    return true;
  }

  /** The node's word about a client of its, to one of ours: the oldest such question is answered. */
  answered(node: string, name: string | undefined, to: string | undefined): void {
    const index = this.#open.findIndex((question) => question.node === node && question.name === name && question.from === to);
    if (index >= 0) this.#open.splice(index, 1);
  }

  forget(client: ClientId): void {
    if (this.#open.length > 0) this.#open = this.#open.filter((question) => question.client !== client);
  }

  /** The node will not answer any more: who waits for it. */
  takeOf(node: string): readonly ClientId[] {
    const waiting = this.#open.filter((question) => question.node === node).map(({ client }) => client);
    if (waiting.length > 0) this.#open = this.#open.filter((question) => question.node !== node);
    return waiting;
  }
}
