/**
 * Acknowledgements, requests for missing messages, and refusals. Their numbers are written in two ways:
 * `ackseq` and a refusal's `firstseq` in hex, a request's `firstseq` and `lastseq` in decimal (wire-protocol 4).
 */
import { FIELD } from './fields.ts';
import { Message } from './message.ts';
import { readDecimal, readHex, toHex } from './numbers.ts';

/** Both ends included. */
export interface SequenceRange {
  readonly first: number;
  readonly last: number;
}

export type NakReason = 'seqno too low' | 'seqno not found';

/** "Everything up to `sequence` has been received." */
export function ackMessage(destination: string, sequence: number): Message {
  return Message.of([FIELD.type, 'NS_ackmsg'], [FIELD.destination, destination], [FIELD.acked, toHex(sequence)]);
}

export function rexmitMessage(destination: string, { first, last }: SequenceRange): Message {
  return Message.of([FIELD.type, 'NS_rexmit'], [FIELD.destination, destination], [FIELD.first, String(first)], [FIELD.last, String(last)]);
}

export function nakMessage(destination: string, sequence: number, reason: NakReason): Message {
  return Message.of([FIELD.type, 'NS_nak_rexmit'], [FIELD.first, toHex(sequence)], [FIELD.destination, destination], [FIELD.info, reason]);
}

/** The acknowledged number of an `NS_ackmsg`. */
export function readAck(message: Message): number | undefined {
  return readHex(message.get(FIELD.acked));
}

/** The numbers that an `NS_rexmit` asks for; nothing when one is absent, zero, or the order is wrong. */
export function readRexmit(message: Message): SequenceRange | undefined {
  const first = readDecimal(message.get(FIELD.first));
  const last = readDecimal(message.get(FIELD.last));
  return first === undefined || last === undefined || first === 0 || first > last ? undefined : { first, last };
}

/** The number that an `NS_nak_rexmit` says is gone. */
export function readNak(message: Message): number | undefined {
  return readHex(message.get(FIELD.first));
}
