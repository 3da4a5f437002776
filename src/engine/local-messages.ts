import type { Now } from '../contracts/basics.ts';
import { FIELD } from '../protocol/fields.ts';
import { Message } from '../protocol/message.ts';
import { readPlain, writePlain } from '../protocol/plain.ts';
import { isNumbered } from '../protocol/types.ts';
import type { Notes } from './notes.ts';

/** Carries a message out itself. Answers why not. */
export type Taker = (now: Now, message: Message) => string | undefined;

/**
 * Types that only the daemon speaks: what they say of this node must be true, and whoever may write a message is not
 * thereby the daemon. 3.0.6 takes them from everybody (wire-protocol 10.1).
 */
const DAEMONS_OWN: ReadonlySet<string> = new Set([
  'status',
  'ifstat',
  'reqnodes',
  'repnodes',
  'starting',
  'resource',
  'shutdone',
  'stonith',
  'ip-request',
  'ip-request-resp',
  'query-cstatus',
  'respond-cstatus',
  'NS_st',
  'NS_ackmsg',
  'NS_rexmit',
  'NS_nak_rexmit',
]);

function isDaemonsOwn(type: string): boolean {
  return DAEMONS_OWN.has(type) || type.startsWith('hbapi-') || type.startsWith('hbd_');
}

const HEADER: ReadonlySet<string> = new Set([
  FIELD.origin,
  FIELD.originUuid,
  FIELD.destinationUuid,
  FIELD.sequence,
  FIELD.generation,
  FIELD.time,
  FIELD.load,
  FIELD.ttl,
]);

/** What a message that is sent on may not say: it would be opened as another one by whoever receives it. */
const ENVELOPE_FIELDS: readonly string[] = [FIELD.compressedPayload];

/**
 * Messages that local programs write for the cluster, into the FIFO or as named clients: done by the daemon, sent on as
 * they are, or refused.
 */
export class LocalMessages {
  readonly #takers: Readonly<Record<string, Taker>>;
  readonly #notes: Notes;
  readonly #post: (message: Message) => void;

  constructor(takers: Readonly<Record<string, Taker>>, notes: Notes, post: (message: Message) => void) {
    this.#takers = takers;
    this.#notes = notes;
    this.#post = post;
  }

  /** `from` is who wrote it, for the log. */
  take(now: Now, message: Message, from: string): void {
    const { type } = message;
    const reason = this.#refusal(message) ?? this.#carryOut(now, message);
    if (reason !== undefined)
      this.#notes.refused(now, 'localRefused', { type: type.slice(0, 64).replace(/[^\x21-\x7e]/g, '?'), from, reason }, from);
  }

  #refusal(message: Message): string | undefined {
    if (message.fields.filter(({ name }) => name === FIELD.type).length !== 1) return 'it has no type, or several';
    if (isDaemonsOwn(message.type)) return 'the daemon alone says this';
    if (ENVELOPE_FIELDS.some((name) => message.get(name) !== undefined)) return 'its fields are those of a compressed packet';
    // It would be asked for again and again by whoever cannot read it.
    return readPlain(writePlain(message, 'classic')) === undefined ? 'nobody could read it' : undefined;
  }

  #carryOut(now: Now, message: Message): string | undefined {
    const taker = Object.hasOwn(this.#takers, message.type) ? this.#takers[message.type] : undefined;
    if (taker !== undefined) return taker(now, message);
    // On these what the origin brings along would be kept (wire-protocol 3), and be taken for ours or for another node's.
    this.#post(isNumbered(message.type) ? message : new Message(message.fields.filter(({ name }) => !HEADER.has(name))));
    return undefined;
  }
}
