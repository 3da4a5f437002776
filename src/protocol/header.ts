/** The fields that the daemon adds behind the origin's own, and their reading (wire-protocol 3). */
import { FIELD } from './fields.ts';
import { MAX_NODE_NAME_BYTES } from './limits.ts';
import { binary, type Field, type Message, text } from './message.ts';
import { readHex, toHex } from './numbers.ts';
import { isNumbered } from './types.ts';
import { isUuid } from './uuid.ts';

export interface Stamp {
  readonly origin: string;
  /** 16 characters, one per byte. */
  readonly originUuid: string;
  /** Left out on `NS_*`. */
  readonly sequence?: number;
  readonly generation: number;
  readonly unixSeconds: number;
  /** Left out on `NS_*`. */
  readonly load?: string;
  /** 1 + the number of nodes in the table, ping nodes included. */
  readonly ttl: number;
  /** When `dest` names a configured node: its UUID, or `NO_UUID` while unknown. */
  readonly destinationUuid?: string;
}

/**
 * The finished message: [`destuuid`] `src` `srcuuid` `seq` `hg` `ts` `ld` `ttl` at the end, in this order.
 * Fields that the origin brought along are overwritten where they stand, on `NS_*` they are kept.
 */
export function stampMessage(message: Message, stamp: Stamp): Message {
  const ours: Field[] = [];
  if (stamp.destinationUuid !== undefined) ours.push(binary(FIELD.destinationUuid, stamp.destinationUuid));
  ours.push(text(FIELD.origin, stamp.origin), binary(FIELD.originUuid, stamp.originUuid));
  if (stamp.sequence !== undefined) ours.push(text(FIELD.sequence, toHex(stamp.sequence)));
  ours.push(text(FIELD.generation, toHex(stamp.generation)), text(FIELD.time, toHex(stamp.unixSeconds)));
  if (stamp.load !== undefined) ours.push(text(FIELD.load, stamp.load));
  ours.push(text(FIELD.ttl, String(stamp.ttl)));
  return setFields(message, ours, isNumbered(message.type));
}

function setFields(message: Message, ours: readonly Field[], overwrite: boolean): Message {
  const theirs = new Set(message.fields.map(({ name }) => name));
  const fresh = ours.filter(({ name }) => !theirs.has(name));
  if (fresh.length === ours.length) return message.with(...fresh);
  const kept = overwrite ? message.mapFields((field) => ours.find(({ name }) => name === field.name) ?? field) : message;
  return kept.with(...fresh);
}

export interface Header {
  readonly type: string;
  readonly origin: string;
  /** 16 characters; absent when the message has none, or all zero: it then changes nothing (5.1). */
  readonly originUuid?: string;
  /** Absent on `NS_*`. */
  readonly sequence?: number;
  /** 0 when absent: such a message is dropped as a replay (3). */
  readonly generation: number;
}

export type HeaderVerdict =
  | { readonly ok: true; readonly header: Header }
  | {
      readonly ok: false;
      /** By the names of the log lines: no `t`, `src` or `ts`; no `seq`; `seq` 0 or not hex. */
      readonly fault: 'missingField' | 'missingSequence' | 'badSequence';
      /** For the log line: `?` when unknown. */
      readonly origin: string;
    };

/** What every message must carry, checked in the order of 3.0.6. An empty `t` is a type (3.1). */
export function readHeader(message: Message): HeaderVerdict {
  const type = message.get(FIELD.type);
  const name = message.get(FIELD.origin);
  const origin = name !== undefined && name !== '' && name.length <= MAX_NODE_NAME_BYTES ? name : undefined;
  const time = readHex(message.get(FIELD.time));
  if (type === undefined || origin === undefined || time === undefined || time === 0) {
    return { ok: false, fault: 'missingField', origin: origin ?? '?' };
  }
  const generation = readHex(message.get(FIELD.generation)) ?? 0;
  const uuid = message.get(FIELD.originUuid);
  const base = { type, origin, generation, ...(isUuid(uuid) ? { originUuid: uuid } : {}) };
  if (!isNumbered(type)) return { ok: true, header: base };
  const written = message.get(FIELD.sequence);
  if (written === undefined) return { ok: false, fault: 'missingSequence', origin };
  const sequence = readHex(written);
  if (sequence === undefined || sequence === 0) return { ok: false, fault: 'badSequence', origin };
  return { ok: true, header: { ...base, sequence } };
}

/**
 * Whether the message is for the node: by `destuuid` when that says something, else by `dest`; absent means
 * everybody (5.1).
 */
export function isAddressedTo(message: Message, node: { readonly name: string; readonly uuid: string }): boolean {
  const uuid = message.get(FIELD.destinationUuid);
  if (isUuid(uuid)) return uuid === node.uuid;
  const name = message.get(FIELD.destination);
  return name === undefined || name.toLowerCase() === node.name;
}
