import { bytesToText } from '../base/bytes.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Now } from '../contracts/basics.ts';
import type { Compressor, Compressors } from '../contracts/compressor.ts';
import type { Config } from '../contracts/config.ts';
import type { Effect } from '../contracts/engine.ts';
import type { DurableRecord } from '../contracts/host.ts';
import { finishMessage } from '../protocol/envelope.ts';
import { FIELD } from '../protocol/fields.ts';
import { stampMessage } from '../protocol/header.ts';
import { History } from '../protocol/history.ts';
import { HISTORY_WARN } from '../protocol/limits.ts';
import { Message } from '../protocol/message.ts';
import { packFields, sealMessage } from '../protocol/packing.ts';
import { nakMessage, type SequenceRange } from '../protocol/repair.ts';
import { isNumbered } from '../protocol/types.ts';
import { Keys } from './keys.ts';
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
  readonly keys: Keys;
  readonly #generation: number;
  readonly #catalog: AuthCatalog;
  readonly #compressors: Compressors;
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
  #compressor: Compressor | undefined;

  constructor(setup: {
    readonly config: Config;
    readonly record: DurableRecord;
    readonly catalog: AuthCatalog;
    readonly compressors: Compressors;
    readonly membership: Membership;
    readonly notes: Notes;
    readonly effects: (effect: Effect) => void;
    readonly now: Now;
    /** Each message that leaves for the first time, with its header and without the `auth` of the wire: we hear ourselves. */
    readonly posted: (message: Message) => void;
  }) {
    this.#config = setup.config;
    this.uuid = bytesToText(setup.record.uuid);
    this.#generation = setup.record.generation;
    this.#catalog = setup.catalog;
    this.#compressors = setup.compressors;
    this.#membership = setup.membership;
    this.#notes = setup.notes;
    this.keys = new Keys(setup);
    this.#effects = setup.effects;
    this.#now = setup.now;
    this.#posted = setup.posted;
    this.#compressor = this.#findCompressor();
  }

  configure(config: Config): void {
    const other = config.compression !== this.#config.compression;
    this.#config = config;
    this.keys.configure(config);
    if (!other) return;
    this.#compressor = this.#findCompressor();
    this.#tellCompressor();
  }

  /** Receivers need the algorithm that a message names, whatever theirs is: zlib everybody has (wire-protocol 1.4). */
  #findCompressor(): Compressor | undefined {
    return this.#compressors.find(this.#config.compression) ?? this.#compressors.find('zlib');
  }

  #tellCompressor(): void {
    const wanted = this.#config.compression;
    const used = this.#compressor?.name ?? wanted;
    if (used !== wanted) this.#notes.note('noCompressor', { wanted, used });
  }

  /** The time of this step, for the header. */
  at(now: Now): void {
    this.#now = now;
  }

  open(): void {
    this.#open = true;
    this.keys.listen(this.#now.at);
    this.#tellCompressor();
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
    const finished = this.#stamped(message, numbered);
    const bytes = this.#seal(finished);
    // It takes no number then: nobody could ever be sent what is missing.
    if (bytes === undefined) {
      this.#notes.refused(this.#now, 'messageTooLong', { type: finished.type.slice(0, 64) }, finished.type.slice(0, 64));
      return;
    }
    if (numbered) {
      this.history.record(finished);
      if (finished.type === 'resource') this.#newestResource = finished;
      if (finished.type !== 'status') this.#lastWord = this.history.highest;
      this.#watchQueue();
    }
    this.#effects({ kind: 'send', bytes });
    this.#posted(finished);
  }

  /** The message as it would leave now. It does not. */
  unsent(type: string, fields: readonly (readonly [string, string])[]): Message {
    return this.signed(this.#stamped(Message.of([FIELD.type, type], ...fields), true));
  }

  /** With the inner `auth` that it has on the wire. */
  signed(message: Message): Message {
    return finishMessage(message, this.keys.sealing, this.#catalog, this.#config.msgfmt);
  }

  #stamped(message: Message, numbered: boolean): Message {
    const destination = message.get(FIELD.destination);
    const node = destination === undefined ? undefined : this.#membership.find(destination);
    const plain = this.#compressor === undefined ? message : packFields(message, this.#compressor);
    return stampMessage(plain, {
      origin: this.#config.self,
      originUuid: this.uuid,
      generation: this.#generation,
      unixSeconds: this.#now.unixSeconds,
      ttl: this.#config.hopfudge + this.#membership.nodes.length,
      ...(numbered ? { sequence: this.history.next, load: this.#now.load } : {}),
      ...(node === undefined ? {} : { destinationUuid: node === this.#membership.self ? this.uuid : node.uuid }),
    });
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
    for (const message of resend) {
      const bytes = this.#seal(message);
      if (bytes !== undefined) this.#effects({ kind: 'send', bytes });
    }
    for (const { sequence, reason } of naks) this.post(nakMessage(asker.name, sequence, reason));
    if (beyond !== undefined) this.#notes.refused(this.#now, 'rexmitTooHigh', { seq: beyond, max: this.history.highest }, asker.name);
    return resend.some((message) => OVERTAKABLE.has(message.type) && message !== this.#newestResource);
  }

  #seal(message: Message): Uint8Array | undefined {
    const { msgfmt, traditionalCompression, compressionThreshold } = this.#config;
    const threshold = traditionalCompression ? { thresholdBytes: compressionThreshold } : {};
    const packing = this.#compressor === undefined ? undefined : { compressor: this.#compressor, ...threshold };
    return sealMessage(message, this.keys.sealing, this.#catalog, msgfmt, packing);
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
