/**
 * The netstring form, in which every UDP packet travels (wire-protocol 1.1):
 *
 *     "###\n" *( LEN ":" "(" T ")" NAME "=" VALUE "," ) "%%%\n"
 *
 * Finding the end of the body reads lengths only, so that the digest is checked before anything is decoded.
 */
import { bytesToText } from '../base/bytes.ts';
import { MAX_LENGTH_DIGITS } from './limits.ts';
import { type Field, type FieldType, isFieldName } from './message.ts';

export const NETSTRING_START = '###\n';
export const NETSTRING_END = '%%%\n';
const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN = 0x28;
const CLOSE = 0x29;
const EQUALS = 0x3d;

/** Where the content of one netstring lies; the next one starts at `end + 1`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function startsWith(bytes: Uint8Array, mark: string, at = 0): boolean {
  if (at + mark.length > bytes.length) return false;
  for (let offset = 0; offset < mark.length; offset += 1) {
    if (bytes[at + offset] !== mark.charCodeAt(offset)) return false;
  }
  return true;
}

/** One `LEN:content,` at `at`: digits only, no leading zero, all inside `bytes`. */
export function readNetstring(bytes: Uint8Array, at: number): Span | undefined {
  let length = 0;
  let pos = at;
  for (; pos - at <= MAX_LENGTH_DIGITS; pos += 1) {
    const byte = bytes[pos];
    if (byte === undefined || byte < ZERO || byte > NINE) break;
    length = length * 10 + (byte - ZERO);
  }
  const digits = pos - at;
  if (digits === 0 || digits > MAX_LENGTH_DIGITS || bytes[pos] !== COLON) return undefined;
  if (digits > 1 && bytes[at] === ZERO) return undefined;
  const start = pos + 1;
  const end = start + length;
  return bytes[end] === COMMA ? { start, end } : undefined;
}

/** The offset just behind `%%%\n`, or nothing when no well-formed body starts at the first byte. */
export function findNetstringEnd(bytes: Uint8Array): number | undefined {
  if (!startsWith(bytes, NETSTRING_START)) return undefined;
  let at = NETSTRING_START.length;
  while (!startsWith(bytes, NETSTRING_END, at)) {
    const span = readNetstring(bytes, at);
    if (span === undefined) return undefined;
    at = span.end + 1;
  }
  return at + NETSTRING_END.length;
}

/** `(T)name=value` between two offsets. */
function decodeField(bytes: Uint8Array, { start, end }: Span): Field | undefined {
  const type = (bytes[start + 1] ?? 0) - ZERO;
  if (end - start < 5 || bytes[start] !== OPEN || bytes[start + 2] !== CLOSE || type < 0 || type > 5) return undefined;
  const nameStart = start + 3;
  let equals = nameStart;
  while (equals < end && bytes[equals] !== EQUALS) equals += 1;
  if (equals === nameStart || equals === end) return undefined;
  const name = bytesToText(bytes, nameStart, equals);
  const value = bytesToText(bytes, equals + 1, end);
  // Text ends at a NUL for a program in C: what follows would be signed but seen by one side alone.
  if (!isFieldName(name) || (type === 0 && value.includes('\0'))) return undefined;
  return { type: type as FieldType, name, value };
}

/** The fields of a whole `###\n...%%%\n`; nothing when any of them is bad, or when there are none. */
export function decodeNetstring(bytes: Uint8Array): readonly Field[] | undefined {
  if (!startsWith(bytes, NETSTRING_START)) return undefined;
  const fields: Field[] = [];
  let at = NETSTRING_START.length;
  while (!startsWith(bytes, NETSTRING_END, at)) {
    const span = readNetstring(bytes, at);
    const field = span === undefined ? undefined : decodeField(bytes, span);
    if (span === undefined || field === undefined) return undefined;
    fields.push(field);
    at = span.end + 1;
  }
  return fields.length > 0 && at + NETSTRING_END.length === bytes.length ? fields : undefined;
}

/** One `LEN:content,`. */
export function writeNetstring(content: string): string {
  return `${content.length}:${content},`;
}

export function encodeNetstring(fields: readonly Field[]): string {
  let out = NETSTRING_START;
  for (const { type, name, value } of fields) out += writeNetstring(`(${type})${name}=${value}`);
  return out + NETSTRING_END;
}
