/**
 * Looking into fields that hold more than one value (wire-protocol 1.1): messages in messages, and lists. In memory
 * both are as they stand in netstring form, whichever form the packet came in. They are read when somebody asks, never
 * on the way in; a value that is not what its type says is no value.
 */
import { bytesToText, textToBytes } from '../base/bytes.ts';
import type { Compressors } from '../contracts/compressor.ts';
import { FIELD } from './fields.ts';
import { MAX_LIST_BYTES, MAX_NESTING } from './limits.ts';
import type { Field, Message } from './message.ts';
import { encodeNetstring, readNetstring, writeNetstring } from './netstring.ts';
import { NO_COMPRESSORS, unpack } from './packing.ts';
import { readPlain } from './plain.ts';

/** Whether all that is nested in these fields can be read and ends before `MAX_NESTING`. Compressed messages are not opened. */
function allReadable(fields: readonly Field[], depth: number): boolean {
  return fields.every(({ type, value }) => {
    if (type !== 2 && type !== 5) return true;
    const inside = depth < MAX_NESTING ? readPlain(textToBytes(value)) : undefined;
    return inside !== undefined && allReadable(inside.fields, depth + 1);
  });
}

/**
 * The message in the first field of that name: types 2 and 5, and 4 where `compressors` has the algorithm that the
 * containing message names. Nothing when there is none, when anything nested in it is bad, or when it nests too deep.
 */
export function nested(message: Message, name: string, compressors: Compressors = NO_COMPRESSORS): Message | undefined {
  const field = message.fields.find((each) => each.name === name);
  if (field === undefined || field.type === 0 || field.type === 1 || field.type === 3) return undefined;
  const inside =
    field.type === 4
      ? unpack(field.value, message.get(FIELD.compressionAlgorithm) ?? '', compressors)
      : readPlain(textToBytes(field.value));
  return inside !== undefined && typeof inside !== 'string' && allReadable(inside.fields, 1) ? inside : undefined;
}

export function nestedField(name: string, inside: Message): Field {
  return { type: 2, name, value: encodeNetstring(inside.fields) };
}

/** `LEN:item,LEN:item,` to its items; nothing when it is empty, too long or ends elsewhere. */
function readItems(value: string): readonly string[] | undefined {
  if (value === '' || value.length > MAX_LIST_BYTES) return undefined;
  const bytes = textToBytes(value);
  const items: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const span = readNetstring(bytes, at);
    if (span === undefined) return undefined;
    items.push(bytesToText(bytes, span.start, span.end));
    at = span.end + 1;
  }
  return items;
}

/** The items of all list fields of that name, in order. Nothing when there is none, or when one of them is bad. */
export function list(message: Message, name: string): readonly string[] | undefined {
  const found = message.fields.filter((field) => field.type === 3 && field.name === name);
  if (found.length === 0) return undefined;
  const joined: string[] = [];
  for (const { value } of found) {
    const items = readItems(value);
    if (items === undefined) return undefined;
    joined.push(...items);
  }
  return joined;
}

/** Nothing when there is no item, or when they are too long together: neither can be sent. */
export function listField(name: string, items: readonly string[]): Field | undefined {
  const value = items.map(writeNetstring).join('');
  return value === '' || value.length > MAX_LIST_BYTES ? undefined : { type: 3, name, value };
}
