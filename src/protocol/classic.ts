/**
 * The classic form, one line per field (wire-protocol 1.2):
 *
 *     ">>>\n" *( name "=" value "\n" ) "<<<\n"
 *
 * Serial lines carry it, very old peers send it over UDP, and the inner `auth` field of every packet is a
 * digest over it. Text has no type prefix; a newline in it becomes 0x13. Binary is base64. A nested message
 * is rendered whole, and its newlines become one byte that tells the depth.
 */
import { textToBytes } from '../base/bytes.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { MAX_NESTING } from './limits.ts';
import { type Field, isFieldName } from './message.ts';
import { decodeNetstring, encodeNetstring } from './netstring.ts';

export const CLASSIC_START = '>>>\n';
export const CLASSIC_END = '<<<\n';
const TEXT_NEWLINE = '\x13';
/** Stands for the newline in a nested message, by the depth of the message that contains it. */
const NESTED_NEWLINES = '\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x0f\x10\x11\x12';

function encodeValue({ type, value }: Field, depth: number): string | undefined {
  switch (type) {
    case 0:
      return value.replaceAll('\n', TEXT_NEWLINE);
    case 1:
    case 4:
      return encodeBase64(value);
    case 3:
      // Nothing stands for a newline here: the rest would be a line of its own. And at a NUL a program in C would stop.
      return value.includes('\n') || value.includes('\0') ? undefined : value;
    case 2:
    case 5: {
      const nested = depth < MAX_NESTING ? decodeNetstring(textToBytes(value)) : undefined;
      const lines = nested === undefined ? undefined : encodeClassicLines(nested, depth + 1);
      const newline = NESTED_NEWLINES.charAt(depth);
      // Nor could a value that holds the substitute itself be told from two lines.
      if (lines === undefined || lines.includes(newline)) return undefined;
      return `${CLASSIC_START}${lines}${CLASSIC_END}`.replaceAll('\n', newline);
    }
  }
}

/**
 * The lines without the marks around them: what the inner `auth` covers (wire-protocol 2.1).
 * Nothing when a nested value is no message or is nested too deep.
 */
export function encodeClassicLines(fields: readonly Field[], depth = 0): string | undefined {
  let out = '';
  for (const field of fields) {
    const value = encodeValue(field, depth);
    if (value === undefined) return undefined;
    out += `${field.type === 0 ? '' : `(${field.type})`}${field.name}=${value}\n`;
  }
  return out;
}

export function encodeClassic(fields: readonly Field[]): string | undefined {
  const lines = encodeClassicLines(fields);
  return lines === undefined ? undefined : CLASSIC_START + lines + CLASSIC_END;
}

const PREFIX = /^\(([1-5])\)/;

function decodeLine(line: string, depth: number): Field | undefined {
  const digit = PREFIX.exec(line)?.[1];
  // `(0)` is an error, and so is any other text in brackets before the name.
  if (digit === undefined && line.startsWith('(')) return undefined;
  const nameStart = digit === undefined ? 0 : 3;
  const equals = line.indexOf('=', nameStart);
  if (equals <= nameStart || line.includes('\0')) return undefined;
  const name = line.slice(nameStart, equals);
  if (!isFieldName(name)) return undefined;
  const coded = line.slice(equals + 1);
  switch (digit) {
    case undefined:
      return { type: 0, name, value: coded.replaceAll(TEXT_NEWLINE, '\n') };
    case '1':
    case '4': {
      const value = decodeBase64(coded);
      return value === undefined ? undefined : { type: digit === '1' ? 1 : 4, name, value };
    }
    case '3':
      return { type: 3, name, value: coded };
    default: {
      if (depth >= MAX_NESTING) return undefined;
      const nested = decodeClassic(coded.replaceAll(NESTED_NEWLINES.charAt(depth), '\n'), depth + 1);
      return nested === undefined ? undefined : { type: digit === '2' ? 2 : 5, name, value: encodeNetstring(nested) };
    }
  }
}

/** The fields of a whole `>>>\n...<<<\n` (one character per byte); nothing when any of them is bad, or when there are none. */
export function decodeClassic(packet: string, depth = 0): readonly Field[] | undefined {
  if (!packet.startsWith(CLASSIC_START) || !packet.endsWith(`\n${CLASSIC_END}`)) return undefined;
  if (packet.length <= CLASSIC_START.length + CLASSIC_END.length) return undefined;
  const fields: Field[] = [];
  for (const line of packet.slice(CLASSIC_START.length, -CLASSIC_END.length - 1).split('\n')) {
    const field = decodeLine(line, depth);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}
