/**
 * Messages without a signature of their own, in either form: what a compressed or nested field holds, and what local
 * programs write (wire-protocol 1.4, 10.1, 10.2).
 */
import { bytesToText, textToBytes } from '../base/bytes.ts';
import { CLASSIC_START, decodeClassic, encodeClassic } from './classic.ts';
import { MAX_UNPACKED_BYTES, MAX_UNPACKED_FIELDS } from './limits.ts';
import { Message } from './message.ts';
import { decodeNetstring, encodeNetstring, NETSTRING_START, readNetstring, startsWith } from './netstring.ts';

const NEWLINE = 0x0a;

/** Lines of the classic form; in a field that holds a message those inside count, where 0x0f..0x12 and 0x14..0x1f stand for newlines (1.2). */
function countLines(packet: Uint8Array): number {
  let count = 0;
  let nested = false;
  for (let at = 0; at < packet.length; at += 1) {
    const byte = packet[at] ?? 0;
    if (byte === NEWLINE) {
      count += 1;
      nested = startsWith(packet, '(2)', at + 1) || startsWith(packet, '(5)', at + 1);
    } else if (nested && byte >= 0x0f && byte <= 0x1f && byte !== 0x13) count += 1;
  }
  return count;
}

/** Looked at before anything is decoded: two kilobytes that unpack to a million fields would hold everything up. */
function holdsTooMany(packet: Uint8Array): boolean {
  let count = 0;
  if (startsWith(packet, CLASSIC_START)) {
    count = countLines(packet);
  } else {
    let span = readNetstring(packet, NETSTRING_START.length);
    for (; span !== undefined && count <= MAX_UNPACKED_FIELDS; span = readNetstring(packet, span.end + 1)) count += 1;
  }
  return count > MAX_UNPACKED_FIELDS;
}

/**
 * Nothing when it is too long, has too many fields, or when any of them is bad. One NUL at the end belongs to the classic form
 * and is let pass in both.
 */
export function readPlain(bytes: Uint8Array): Message | undefined {
  const packet = bytes[bytes.length - 1] === 0 ? bytes.subarray(0, -1) : bytes;
  if (bytes.length > MAX_UNPACKED_BYTES || holdsTooMany(packet)) return undefined;
  const fields = startsWith(packet, CLASSIC_START) ? decodeClassic(bytesToText(packet)) : decodeNetstring(packet);
  return fields === undefined ? undefined : new Message(fields);
}

/** As `msgfmt` says: classic form with a NUL behind it, or netstring form, which is also that of a message with nested fields. */
export function writePlain(message: Message, msgfmt: 'classic' | 'netstring'): Uint8Array {
  const packet = msgfmt === 'classic' && !message.holdsNested ? encodeClassic(message.fields) : undefined;
  return textToBytes(packet === undefined ? encodeNetstring(message.fields) : `${packet}\0`);
}
