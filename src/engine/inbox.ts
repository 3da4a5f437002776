import type { NoteCode } from '../base/notes.ts';
import type { Treatment } from '../clients/treatment.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { Roster } from '../cluster/roster.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Compressors } from '../contracts/compressor.ts';
import type { Config, MediumSpec } from '../contracts/config.ts';
import { FIELD } from '../protocol/fields.ts';
import { type Header, isAddressedTo, readHeader } from '../protocol/header.ts';
import type { Message } from '../protocol/message.ts';
import { readHex } from '../protocol/numbers.ts';
import { type MessageFault, openMessage } from '../protocol/packing.ts';
import { ackMessage, readAck, readNak, readRexmit, rexmitMessage } from '../protocol/repair.ts';
import type { SequenceVerdict } from '../protocol/sequence.ts';
import { isNumbered, PROTOCOL_TYPES } from '../protocol/types.ts';
import { isUuid, NO_UUID, uuidToText } from '../protocol/uuid.ts';
import type { Notes } from './notes.ts';
import type { Outbox } from './outbox.ts';
import { UnpackBudget } from './unpack-budget.ts';

/** What a refused frame is called in the log. A datagram that is no packet at all is only counted (wire-protocol 1.1). */
const FAULT_NOTE: Readonly<Record<MessageFault, NoteCode | undefined>> = {
  noEnvelope: undefined,
  tooLong: 'badPacket',
  unsigned: 'authMalformed',
  badAuthText: 'authMalformed',
  unknownKey: 'authUnknownKey',
  badDigest: 'authMismatch',
  badField: 'badPacket',
  unknownCompression: 'unknownCompression',
  badCompression: 'badCompression',
};

/** A packet that was held up on its way may overtake the word that makes it old: that is said once more by then. */
const SAY_AGAIN_MS = 1000;

interface Signed {
  readonly message: Message;
  readonly keyIndex: number;
}

/** A numbered message that is new and for us. */
export type Deliver = (now: Now, node: NodeRecord, header: Header & { readonly sequence: number }, message: Message) => void;

/**
 * The way in, top to bottom: envelope and digest, unpacking, header, sender, life, number; and only then what it says
 * (wire-protocol 5.1). Each refusal is a counted verdict.
 */
export class Inbox {
  readonly #catalog: AuthCatalog;
  readonly #unpacking: UnpackBudget;
  readonly #membership: Membership;
  readonly #roster: Roster;
  readonly #outbox: Outbox;
  readonly #notes: Notes;
  readonly #deliver: Deliver;
  readonly #newsAstray: (now: Now, node: NodeRecord) => void;
  readonly #heard: (message: Message, treatment: Treatment) => void;
  readonly #loopedBack: (message: Message) => void;
  #config: Config;
  #again: { readonly node: NodeRecord; readonly at: Instant } | undefined;

  constructor(setup: {
    readonly config: Config;
    readonly catalog: AuthCatalog;
    readonly compressors: Compressors;
    readonly membership: Membership;
    readonly roster: Roster;
    readonly outbox: Outbox;
    readonly notes: Notes;
    readonly deliver: Deliver;
    /** Numbered messages of the node's are lost for good, or news of our resources reach it late. */
    readonly newsAstray: (now: Now, node: NodeRecord) => void;
    /** What is not delivered, for those who want to see everything. */
    readonly heard: (message: Message, treatment: Treatment) => void;
    /** Our own packet, come back by the medium. */
    readonly loopedBack: (message: Message) => void;
  }) {
    this.#config = setup.config;
    this.#catalog = setup.catalog;
    this.#unpacking = new UnpackBudget(setup.compressors);
    this.#membership = setup.membership;
    this.#roster = setup.roster;
    this.#outbox = setup.outbox;
    this.#notes = setup.notes;
    this.#deliver = setup.deliver;
    this.#newsAstray = setup.newsAstray;
    this.#heard = setup.heard;
    this.#loopedBack = setup.loopedBack;
  }

  configure(config: Config): void {
    this.#config = config;
  }

  frame(now: Now, medium: MediumSpec, bytes: Uint8Array, from: string): void {
    const verdict = openMessage(bytes, this.#config.auth, this.#catalog, this.#unpacking.at(now.at));
    if (!verdict.ok) {
      this.#refuse(now, medium, from, verdict.fault, verdict.keyIndex);
      return;
    }
    const read = readHeader(verdict.message);
    if (!read.ok) {
      if (this.#config.log.badpack === false) this.#notes.count(read.fault);
      else if (read.fault === 'badSequence') this.#notes.refused(now, 'badSequence', {}, from);
      else this.#notes.refused(now, read.fault, { link: medium.link, from: read.origin }, from);
      return;
    }
    const { header } = read;
    const node = this.#sender(header);
    if (!this.#outbox.keys.admits(now, node, verdict.keyIndex, header, from)) return;
    if (node === undefined) this.#stranger(now, header, from);
    else if (node === this.#membership.self) this.#own(now, medium, header, verdict.message, from);
    else this.#fromPeer(now, medium, node, header, verdict, from);
  }

  /** Requests for what is missing, as far as the origin lives to answer (5.3). */
  askForMissing(now: Now): void {
    for (const node of this.#membership.others) {
      if (!node.alive) continue;
      for (const range of node.tracker.due(now.at)) this.#outbox.post(rexmitMessage(node.name, range));
    }
    const again = this.#again;
    if (again === undefined || now.at < again.at) return;
    this.#again = undefined;
    if (again.node.alive) this.#newsAstray(now, again.node);
  }

  nextAlarm(): Instant | undefined {
    let next = this.#again?.at;
    for (const node of this.#membership.others) {
      const due = node.alive ? node.tracker.nextDue() : undefined;
      if (due !== undefined && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  #refuse(now: Now, medium: MediumSpec, from: string, fault: MessageFault, index: number | undefined): void {
    const code = FAULT_NOTE[fault];
    if (code === undefined || this.#config.log.badpack === false) this.#notes.count(code ?? fault);
    else this.#notes.refused(now, code, { from, medium: medium.id, fault, index: index ?? '?' }, from);
  }

  /** By name first: hosts cloned with their UUID file stay two nodes. A new spelling of a known UUID is the same node (5.1). */
  #sender(header: Header): NodeRecord | undefined {
    const named = this.#membership.find(header.origin);
    if (named !== undefined || header.originUuid === undefined) return named;
    return this.#membership.others.find((node) => node.uuid !== NO_UUID && node.uuid === header.originUuid);
  }

  /** Autojoin makes it a node; what it says counts from its next message on (wire-protocol 5.1). */
  #stranger(now: Now, header: Header, from: string): void {
    const node = this.#config.autojoin === 'none' ? undefined : this.#roster.join(now, header.origin);
    if (node === undefined) this.#notes.refused(now, 'unknownNode', { node: header.origin }, from);
    else if (isUuid(header.originUuid)) node.uuid = header.originUuid;
  }

  /** Our own packet, come back by the medium's loop: it shows that the medium carries. */
  #own(now: Now, medium: MediumSpec, header: Header, message: Message, from: string): void {
    if (header.originUuid === undefined || header.originUuid === this.#outbox.uuid) {
      this.#membership.linkHeard(now, this.#membership.self, medium.link);
      this.#loopedBack(message);
      return;
    }
    this.#notes.refused(now, 'ownNameElsewhere', { node: this.#config.self, uuid: uuidToText(header.originUuid), medium: medium.id }, from);
  }

  #fromPeer(now: Now, medium: MediumSpec, node: NodeRecord, header: Header, { message, keyIndex }: Signed, from: string): void {
    if (!isNumbered(header.type)) {
      if (header.generation < node.generation) return;
      this.#membership.linkHeard(now, node, medium.link);
      this.#heard(message, PROTOCOL_TYPES.has(header.type) ? 'protocol' : this.#isForUs(message) ? 'normal' : 'dropped');
      this.#repair(now, node, message);
      return;
    }
    const { sequence } = header;
    if (sequence === undefined) return;
    const current = node.generation;
    // First, so that what its first packet makes us say is addressed to it.
    if (header.generation >= current) this.#learnUuid(node, header);
    if (this.#membership.checkLife(now, node, header) === 'replay') {
      this.#notes.refused(now, 'replay', { node: node.name, gen: header.generation, current }, from);
      this.#heard(message, 'dropped');
      return;
    }
    const arrival = this.#count(now, medium, node, sequence);
    if (arrival === 'duplicate' || arrival === 'oldDuplicate') {
      this.#heard(message, arrival === 'duplicate' ? 'duplicate' : 'dropped');
      return;
    }
    if (header.type === 'status' && sequence === node.tracker.last) this.#outbox.keys.heard(node, keyIndex, message);
    if (this.#isForUs(message)) this.#deliver(now, node, { ...header, sequence }, message);
    else this.#heard(message, 'dropped');
    if (arrival === 'reset') this.#newsAstray(now, node);
    // A leave is acknowledged at once, so that the leaver need not wait for its number's turn (5.2).
    if (header.type === 'shutdone' && node.tracker.missingCount === 0) this.#outbox.post(ackMessage(node.name, sequence));
  }

  #count(now: Now, medium: MediumSpec, node: NodeRecord, sequence: number): SequenceVerdict {
    const arrival = node.tracker.accept(sequence, now.at);
    if (arrival.verdict === 'oldDuplicate') return arrival.verdict;
    this.#membership.linkHeard(now, node, medium.link);
    if (arrival.verdict === 'duplicate') return arrival.verdict;
    if (arrival.lost !== undefined) {
      this.#notes.note('lostPackets', { count: arrival.lost.count, node: node.name, last: arrival.lost.last, seq: sequence });
      if (arrival.verdict === 'reset') this.#notes.note('lostMany');
    }
    if (arrival.noneMissing === true) this.#notes.note('noneMissing', { node: node.name });
    if (arrival.ack !== undefined) this.#outbox.post(ackMessage(node.name, arrival.ack));
    return arrival.verdict;
  }

  #learnUuid(node: NodeRecord, header: Header): void {
    if (!isUuid(header.originUuid) || header.originUuid === node.uuid) return;
    if (node.uuid !== NO_UUID) this.#notes.note('uuidChanged', { node: node.name, uuid: uuidToText(header.originUuid) });
    node.uuid = header.originUuid;
  }

  /** Also by name alone: the sender may know a UUID of ours from before our state was lost. */
  #isForUs(message: Message): boolean {
    const { self } = this.#config;
    return isAddressedTo(message, { name: self, uuid: this.#outbox.uuid }) || message.get(FIELD.destination)?.toLowerCase() === self;
  }

  #repair(now: Now, node: NodeRecord, message: Message): void {
    if (message.type === 'NS_nak_rexmit') {
      this.#gone(now, node, readNak(message), message);
      return;
    }
    if (!this.#isForUs(message)) return;
    if (message.type === 'NS_rexmit') {
      // A late `starting` or `isstable=0` would leave a 3.0.6 node waiting for us for ever (wire-protocol 7.2.1).
      if (!this.#outbox.answerRequest(node, readRexmit(message))) return;
      this.#newsAstray(now, node);
      this.#again = { node, at: now.at + SAY_AGAIN_MS };
    } else if (message.type === 'NS_ackmsg') {
      const acked = readAck(message);
      if (acked !== undefined) this.#outbox.history.ack(node.name, acked);
    }
  }

  /** A nak tells everybody that the number is lost, whoever had asked (5.1). */
  #gone(now: Now, node: NodeRecord, sequence: number | undefined, message: Message): void {
    if (sequence === undefined) return;
    const lost = node.tracker.lostForGood(sequence);
    if (!lost.wasMissing) return;
    if (this.#isForUs(message)) this.#notes.note('lostForGood', { node: node.name, seq: sequence });
    if (lost.noneMissing) {
      this.#notes.note('noneMissing', { node: node.name });
      this.#newsAstray(now, node);
    }
    if (lost.ack !== undefined) this.#outbox.post(ackMessage(node.name, lost.ack));
  }
}

/** `dt` of a status: hex ms; nothing when it is absent or no number, and then the old value stays (wire-protocol 3.1). */
export function announcedDeadtimeMs(message: Message): number | undefined {
  return readHex(message.get(FIELD.deadtime));
}
