/**
 * Signed packets: `openFrame` from the network, `sealFrame` to it (wire-protocol 1, 2).
 *
 * The order is fixed: find the ends by lengths alone, check the digest over the received bytes, and only
 * then decode. Each packet is checked with the key that it names, and with that key's own secret and
 * method (3.0.6 takes the secret of its own `auth` line, which is why rolling keys fails there).
 */
import { assert } from '../base/assert.ts';
import { bytesToText, textToBytes } from '../base/bytes.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { AuthConfig } from '../contracts/config.ts';
import { CLASSIC_END, CLASSIC_START, decodeClassic, encodeClassicLines } from './classic.ts';
import { FIELD } from './fields.ts';
import { MAX_AUTH_TEXT_BYTES, MAX_FRAME_BYTES, MAX_KEY_INDEX_DIGITS } from './limits.ts';
import { type Field, Message, text } from './message.ts';
import { decodeNetstring, encodeNetstring, findNetstringEnd, readNetstring, startsWith, writeNetstring } from './netstring.ts';

export type FrameFault =
  /** Neither form, or cut short. 3.0.6 drops what starts with neither mark in silence. */
  | 'noEnvelope'
  | 'tooLong'
  /** Well formed, but no digest at all. */
  | 'unsigned'
  | 'badAuthText'
  /** Names a key that authkeys does not list. */
  | 'unknownKey'
  | 'badDigest'
  /** Signed by somebody who knows the key, and yet not readable. */
  | 'badField';

export type FrameVerdict =
  | { readonly ok: true; readonly message: Message; readonly keyIndex: number }
  | { readonly ok: false; readonly fault: FrameFault; readonly keyIndex?: number };

const NEWLINE = 0x0a;
const AUTH_TEXT = new RegExp(`^(0|[1-9][0-9]{0,${MAX_KEY_INDEX_DIGITS - 1}}) ([0-9a-f]+)$`);
const AUTH_LINE = `${FIELD.auth}=`;

function refuse(fault: FrameFault, keyIndex?: number): FrameVerdict {
  return keyIndex === undefined ? { ok: false, fault } : { ok: false, fault, keyIndex };
}

/** Takes as long for a digest that is nearly right as for one that is all wrong. Lengths are no secret. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at % Math.max(1, b.length));
  return difference === 0;
}

type DigestVerdict = { readonly keyIndex: number } | { readonly fault: FrameFault; readonly keyIndex?: number };

/** `INDEX SP DIGEST` against the bytes it covers. */
function checkDigest(authText: string, covered: Uint8Array, auth: AuthConfig, catalog: AuthCatalog): DigestVerdict {
  const [, index, digest] = AUTH_TEXT.exec(authText) ?? [];
  if (index === undefined || digest === undefined) return { fault: 'badAuthText' };
  const keyIndex = Number(index);
  const key = auth.keys.find((entry) => entry.index === keyIndex);
  const method = key === undefined ? undefined : catalog.find(key.method);
  if (key === undefined || method === undefined) return { fault: 'unknownKey', keyIndex };
  return sameText(method.digest(key.key, covered), digest) ? { keyIndex } : { fault: 'badDigest', keyIndex };
}

function decoded(fields: readonly Field[] | undefined, keyIndex: number): FrameVerdict {
  return fields === undefined ? refuse('badField', keyIndex) : { ok: true, message: new Message(fields), keyIndex };
}

function openNetstring(bytes: Uint8Array, auth: AuthConfig, catalog: AuthCatalog): FrameVerdict {
  const end = findNetstringEnd(bytes);
  if (end === undefined) return refuse('noEnvelope');
  if (end === bytes.length) return refuse('unsigned');
  // What follows the digest is ignored, as 3.0.6 does (1.1).
  const span = readNetstring(bytes, end);
  if (span === undefined || span.end - span.start > MAX_AUTH_TEXT_BYTES) return refuse('badAuthText');
  const covered = bytes.subarray(0, end);
  const verdict = checkDigest(bytesToText(bytes, span.start, span.end), covered, auth, catalog);
  if ('fault' in verdict) return refuse(verdict.fault, verdict.keyIndex);
  return decoded(decodeNetstring(covered), verdict.keyIndex);
}

/** Line by line: where the packet ends, and the one line that holds the digest. */
function walkClassic(bytes: Uint8Array): { readonly end: number; readonly authLines: readonly (readonly [number, number])[] } | undefined {
  const authLines: (readonly [number, number])[] = [];
  let at = CLASSIC_START.length;
  while (!startsWith(bytes, CLASSIC_END, at)) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline < 0) return undefined;
    if (startsWith(bytes, AUTH_LINE, at) && authLines.length < 2) authLines.push([at, newline]);
    at = newline + 1;
  }
  return { end: at + CLASSIC_END.length, authLines };
}

function openClassic(bytes: Uint8Array, auth: AuthConfig, catalog: AuthCatalog): FrameVerdict {
  const packet = walkClassic(bytes);
  if (packet === undefined) return refuse('noEnvelope');
  const [line, second] = packet.authLines;
  if (line === undefined) return refuse('unsigned');
  const [start, newline] = line;
  const textStart = start + AUTH_LINE.length;
  if (second !== undefined || newline - textStart > MAX_AUTH_TEXT_BYTES) return refuse('badAuthText');
  // All lines but this one, without the marks (2.1).
  const linesEnd = packet.end - CLASSIC_END.length;
  const before = bytes.subarray(CLASSIC_START.length, start);
  const after = bytes.subarray(newline + 1, linesEnd);
  const covered = new Uint8Array(before.length + after.length);
  covered.set(before);
  covered.set(after, before.length);
  const verdict = checkDigest(bytesToText(bytes, textStart, newline), covered, auth, catalog);
  if ('fault' in verdict) return refuse(verdict.fault, verdict.keyIndex);
  return decoded(decodeClassic(bytesToText(bytes, 0, packet.end)), verdict.keyIndex);
}

/**
 * One received packet, in either form. Never throws; the work grows with the length and nothing else.
 * A packet in netstring form is judged by its outer digest alone, one in classic form by its `auth` line.
 */
export function openFrame(bytes: Uint8Array, auth: AuthConfig, catalog: AuthCatalog): FrameVerdict {
  if (bytes.length > MAX_FRAME_BYTES) return refuse('tooLong');
  return startsWith(bytes, CLASSIC_START) ? openClassic(bytes, auth, catalog) : openNetstring(bytes, auth, catalog);
}

/** `INDEX SP DIGEST` with the signing key. */
function sign(covered: Uint8Array, auth: AuthConfig, catalog: AuthCatalog): string {
  const key = auth.keys.find((entry) => entry.index === auth.signing);
  assert(key !== undefined, 'the signing key is listed');
  const method = catalog.find(key.method);
  assert(method !== undefined, 'the method of the signing key is known');
  return `${key.index} ${method.digest(key.key, covered)}`;
}

/** The message with a fresh `auth` as its last field. Nothing when it cannot be written in classic form. */
function withInnerAuth(message: Message, auth: AuthConfig, catalog: AuthCatalog): Message | undefined {
  const plain = message.without(FIELD.auth);
  const lines = encodeClassicLines(plain.fields);
  return lines === undefined ? undefined : plain.with(text(FIELD.auth, sign(textToBytes(lines), auth, catalog)));
}

/** The message as it stands in a packet: with the inner `auth` that `msgfmt` asks for, or without any. */
export function finishMessage(message: Message, auth: AuthConfig, catalog: AuthCatalog, msgfmt: 'classic' | 'netstring'): Message {
  const plain = message.without(FIELD.auth);
  const signed = msgfmt === 'classic' && !plain.holdsNested ? withInnerAuth(plain, auth, catalog) : plain;
  return signed ?? plain;
}

/**
 * The packet for UDP and ICMP. An `auth` field that the message brings along is never kept: the same message
 * under the same keys gives the same bytes, however often it is sealed.
 * With `classic` the inner `auth` is added, unless the message holds a nested one (1.3).
 */
export function sealFrame(message: Message, auth: AuthConfig, catalog: AuthCatalog, msgfmt: 'classic' | 'netstring'): Uint8Array {
  const body = textToBytes(encodeNetstring(finishMessage(message, auth, catalog, msgfmt).fields));
  const tail = textToBytes(writeNetstring(sign(body, auth, catalog)));
  const frame = new Uint8Array(body.length + tail.length);
  frame.set(body);
  frame.set(tail, body.length);
  return frame;
}

/** The packet for a serial line: classic form, inner `auth` always. Nothing when a nested value cannot be written so. */
export function sealClassic(message: Message, auth: AuthConfig, catalog: AuthCatalog): Uint8Array | undefined {
  const lines = encodeClassicLines(withInnerAuth(message, auth, catalog)?.fields ?? []);
  return lines === undefined || lines === '' ? undefined : textToBytes(CLASSIC_START + lines + CLASSIC_END);
}
