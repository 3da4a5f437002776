import { bytesToText } from '../base/bytes.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Now } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { Effect } from '../contracts/engine.ts';
import type { DurableRecord } from '../contracts/host.ts';
import { sealFrame } from '../protocol/envelope.ts';
import { FIELD } from '../protocol/fields.ts';
import { stampMessage } from '../protocol/header.ts';
import { History } from '../protocol/history.ts';
import { HISTORY_WARN } from '../protocol/limits.ts';
import { Message } from '../protocol/message.ts';
import { nakMessage, type SequenceRange } from '../protocol/repair.ts';
import { isNumbered } from '../protocol/types.ts';
import type { Notes } from './notes.ts';

/** What these say is undone by a later `resource`, unless they arrive after it. */
const OVERTAKABLE: ReadonlySet<string> = new Set(['starting', 'resource']);

/**
 * The way out: a message gets its header and its number, is kept for retransmission, signed, and leaves over
 * all media. Nothing leaves before the generation is on disk (wire-protocol 5.5): until then it is dropped,
 * which no caller does on purpose.
 */
export class Outbox {
  readonly history = new History();
  readonly uuid: string;
  readonly #generation: number;
  readonly #catalog: AuthCatalog;
  readonly #membership: Membership;
  readonly #effects: (effect: Effect) => void;
  readonly #notes: Notes;
  readonly #posted: (message: Message) => void;
  #config: Config;
  #now: Now;
  #open = false;
  #fillingTold = false;
  #newestResource: Message | undefined;
  #lastWord = 0;

  constructor(setup: {
    readonly config: Config;
    readonly record: DurableRecord;
    readonly catalog: AuthCatalog;
    readonly membership: Membership;
    readonly notes: Notes;
    readonly effects: (effect: Effect) => void;
    readonly now: Now;
    /** Each message that leaves for the first time, with its header: we hear ourselves. */
    readonly posted: (message: Message) => void;
  }) {
    this.#config = setup.config;
    this.uuid = bytesToText(setup.record.uuid);
    this.#generation = setup.record.generation;
    this.#catalog = setup.catalog;
    this.#membership = setup.membership;
    this.#notes = setup.notes;
    this.#effects = setup.effects;
    this.#now = setup.now;
    this.#posted = setup.posted;
  }

  configure(config: Config): void {
    this.#config = config;
  }

  /** The time of this step, for the header. */
  at(now: Now): void {
    this.#now = now;
  }

  open(): void {
    this.#open = true;
  }

  get opened(): boolean {
    return this.#open;
  }

  /** The number of the newest message that says more than "I live". */
  get lastWord(): number {
    return this.#lastWord;
  }

  /** Text fields in order; `t` is put first unless the caller has placed it. */
  send(type: string, fields: readonly (readonly [string, string])[] = []): void {
    const placed = fields.some(([name]) => name === FIELD.type);
    this.post(Message.of(...(placed ? fields : [[FIELD.type, type] as const, ...fields])));
  }

  post(message: Message): void {
    if (!this.#open) return;
    const numbered = isNumbered(message.type);
    const destination = message.get(FIELD.destination);
    const node = destination === undefined ? undefined : this.#membership.find(destination);
    const finished = stampMessage(message, {
      origin: this.#config.self,
      originUuid: this.uuid,
      generation: this.#generation,
      unixSeconds: this.#now.unixSeconds,
      ttl: this.#config.hopfudge + this.#config.nodes.length,
      ...(numbered ? { sequence: this.history.next, load: this.#now.load } : {}),
      ...(node === undefined ? {} : { destinationUuid: node === this.#membership.self ? this.uuid : node.uuid }),
    });
    if (numbered) {
      this.history.record(finished);
      if (finished.type === 'resource') this.#newestResource = finished;
      if (finished.type !== 'status') this.#lastWord = this.history.highest;
      this.#watchQueue();
    }
    this.#put(finished);
    this.#posted(finished);
  }

  /**
   * A peer asks for what it has missed (5.3). true: among it is old news of our resources, which a 3.0.6 node will
   * take for the present state of things.
   */
  answerRequest(asker: NodeRecord, range: SequenceRange | undefined): boolean {
    if (range === undefined) {
      this.#notes.refused(this.#now, 'rexmitInvalid', {}, asker.name);
      return false;
    }
    const { resend, naks, beyond } = this.history.answer(asker.name, range, this.#now.at);
    for (const message of resend) this.#put(message);
    for (const { sequence, reason } of naks) this.post(nakMessage(asker.name, sequence, reason));
    if (beyond !== undefined) this.#notes.refused(this.#now, 'rexmitTooHigh', { seq: beyond, max: this.history.highest }, asker.name);
    return resend.some((message) => OVERTAKABLE.has(message.type) && message !== this.#newestResource);
  }

  #put(message: Message): void {
    this.#effects({ kind: 'send', bytes: sealFrame(message, this.#config.auth, this.#catalog, this.#config.msgfmt) });
  }

  #watchQueue(): void {
    const living = this.#membership.others.filter((node) => node.alive).map((node) => node.name);
    const count = this.history.outstanding(living);
    if (count < HISTORY_WARN) this.#fillingTold = false;
    else if (!this.#fillingTold) {
      this.#fillingTold = true;
      this.#notes.note('historyFilling', { count });
    }
  }
}
