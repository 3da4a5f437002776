/** Reads the golden packets of `test/vectors`. */
import { readdirSync, readFileSync } from 'node:fs';
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import type { AuthConfig, AuthKey } from '../../src/contracts/config.ts';
import type { Field, FieldType } from '../../src/protocol/message.ts';

const FOLDER = new URL('../vectors/', import.meta.url);

interface DigestRecord {
  readonly index: number;
  readonly digest: string;
  readonly method: string;
  readonly key?: string | null;
}

export interface Datagram {
  readonly ms: number;
  readonly proto: 'udp' | 'icmp' | 'serial';
  readonly src: string;
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
  /** The digest that decides: behind the body, on a serial line the one inside. */
  readonly digest: DigestRecord;
  readonly outer?: DigestRecord;
  readonly inner?: DigestRecord;
  /** What lies in `_compressed_payload`; of the fields only some are recorded. */
  readonly unpacked?: { readonly length: number; readonly head: string; readonly tail: Uint8Array; readonly fields: readonly Field[] };
  readonly retransmissionOfMs?: number;
  readonly sameMessageAsMs?: number;
}

export interface Vector {
  readonly name: string;
  readonly authkeys: string;
  readonly complete: boolean;
  readonly datagrams: readonly Datagram[];
}

type RawField = readonly [number, string, string | { readonly hex: string }];

interface RawDatagram {
  readonly ms: number;
  readonly proto: Datagram['proto'];
  readonly src: string;
  readonly hex: string;
  readonly fields: readonly RawField[];
  readonly auth: { readonly outer?: DigestRecord | null; readonly inner?: DigestRecord | null };
  readonly decompressed_len?: number;
  readonly decompressed_head?: string;
  readonly decompressed_tail_hex?: string;
  readonly decompressed_fields?: readonly RawField[];
  readonly retransmission_of_ms?: number;
  readonly same_message_as_ms?: number;
}

interface RawVector {
  readonly config: { readonly authkeys: string };
  readonly datagrams: readonly RawDatagram[];
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function toField([type, name, value]: RawField): Field {
  const raw = typeof value === 'string' ? bytesToText(Buffer.from(value, 'utf8')) : bytesToText(fromHex(value.hex));
  return { type: type as FieldType, name, value: raw };
}

function toDatagram(raw: RawDatagram): Datagram {
  const { outer, inner } = raw.auth;
  const digest = outer ?? inner;
  if (digest === undefined || digest === null) throw new Error(`the datagram at ${raw.ms} ms has no digest`);
  return {
    ms: raw.ms,
    proto: raw.proto,
    src: raw.src,
    bytes: fromHex(raw.hex),
    fields: raw.fields.map(toField),
    digest,
    ...(outer ? { outer } : {}),
    ...(inner ? { inner } : {}),
    ...(raw.decompressed_len === undefined
      ? {}
      : {
          unpacked: {
            length: raw.decompressed_len,
            head: raw.decompressed_head ?? '',
            tail: fromHex(raw.decompressed_tail_hex ?? ''),
            fields: (raw.decompressed_fields ?? []).map(toField),
          },
        }),
    ...(raw.retransmission_of_ms === undefined ? {} : { retransmissionOfMs: raw.retransmission_of_ms }),
    ...(raw.same_message_as_ms === undefined ? {} : { sameMessageAsMs: raw.same_message_as_ms }),
  };
}

export const vectorNames: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.dialogue.json'))
  .map((file) => file.slice(0, -'.json'.length))
  .sort();

export function loadVector(name: string): Vector {
  const raw = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as RawVector;
  return {
    name,
    authkeys: raw.config.authkeys,
    complete: name.startsWith('start-'),
    datagrams: raw.datagrams.map(toDatagram),
  };
}

export function key(index: number, method: string, secret = ''): AuthKey {
  return { index, method, key: textToBytes(secret) };
}

/** The lines of an authkeys file, as the vectors have them. `signing` may be overruled. */
export function readAuthkeys(written: string, signing?: number): AuthConfig {
  const words = written
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
  const keys = words.filter(([first]) => first !== 'auth').map(([index, method, secret]) => key(Number(index), method ?? '', secret));
  return { signing: signing ?? Number(words.find(([first]) => first === 'auth')?.[1]), keys };
}
