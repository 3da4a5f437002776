/**
 * Cuts what local programs write into the FIFO into whole packets, in either form (wire-protocol 10.1). Writers come and
 * go, may be cut short, and two at once may mix what they write: whatever is no packet is skipped up to the next line
 * that begins one.
 */
import { CLASSIC_END, CLASSIC_START } from './classic.ts';
import { MAX_FRAME_BYTES, MAX_LENGTH_DIGITS } from './limits.ts';
import { NETSTRING_END, NETSTRING_START, readNetstring, startsWith } from './netstring.ts';

const NUL = 0;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

/** Where what was looked at ends, and what it was. `bad` goes on at the line that follows, which may begin a packet. */
type Found = { readonly kind: 'packet' | 'bad'; readonly end: number } | { readonly kind: 'more' };

const MORE: Found = { kind: 'more' };

export class PacketStream {
  readonly #bytesMax: number;
  #held = new Uint8Array(0);
  /** What is left of a line that was refused goes with it. */
  #inRefusedLine = false;
  #refused = 0;

  constructor(bytesMax: number = MAX_FRAME_BYTES) {
    this.#bytesMax = bytesMax;
  }

  /** How many pieces were skipped since the last call. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  /** A packet has begun and is not whole. */
  get partial(): boolean {
    return this.#held.length > 0;
  }

  /** The writer of the unfinished packet has gone: what comes now begins anew. */
  reset(): void {
    if (this.partial) this.#refused += 1;
    this.#held = new Uint8Array(0);
    this.#inRefusedLine = false;
  }

  /** The packets that end in `chunk`, marks included. Never holds more than `bytesMax` bytes behind the call. */
  push(chunk: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    const bytes = new Uint8Array(this.#held.length + chunk.length);
    bytes.set(this.#held);
    bytes.set(chunk, this.#held.length);
    let at = 0;
    while (at < bytes.length) {
      if (this.#inRefusedLine) {
        at = this.#pastLine(bytes, at);
        continue;
      }
      // Classic form may be followed by a NUL, and people leave empty lines.
      if (bytes[at] === NUL || bytes[at] === NEWLINE) {
        at += 1;
        continue;
      }
      const found = findPacket(bytes, at);
      if (found.kind === 'more' && bytes.length - at <= this.#bytesMax) break;
      if (found.kind === 'packet' && found.end - at <= this.#bytesMax) {
        packets.push(bytes.slice(at, found.end));
        at = found.end;
        continue;
      }
      this.#refused += 1;
      if (found.kind === 'more') at = this.#pastLine(bytes, at);
      else at = found.end;
      this.#inRefusedLine = bytes[at - 1] !== NEWLINE;
    }
    this.#held = bytes.slice(at);
    return packets;
  }

  #pastLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(NEWLINE, at);
    this.#inRefusedLine = end < 0;
    return end < 0 ? bytes.length : end + 1;
  }
}

function findPacket(bytes: Uint8Array, at: number): Found {
  if (begins(bytes, CLASSIC_START, at)) return findClassic(bytes, at);
  if (begins(bytes, NETSTRING_START, at)) return findNetstring(bytes, at);
  return bad(bytes, at);
}

/** A line inside that begins a packet ends this one: its writer was cut short. */
function findClassic(bytes: Uint8Array, at: number): Found {
  for (let line = at + CLASSIC_START.length; line < bytes.length; ) {
    if (startsWith(bytes, CLASSIC_END, line)) return { kind: 'packet', end: line + CLASSIC_END.length };
    if (startsWith(bytes, CLASSIC_START, line) || startsWith(bytes, NETSTRING_START, line)) return { kind: 'bad', end: line };
    const end = bytes.indexOf(NEWLINE, line);
    if (end < 0) return MORE;
    line = end + 1;
  }
  return MORE;
}

/** Goes by lengths: a value may hold anything. */
function findNetstring(bytes: Uint8Array, at: number): Found {
  let next = at + NETSTRING_START.length;
  for (;;) {
    if (next >= bytes.length) return MORE;
    if (startsWith(bytes, NETSTRING_END, next)) return { kind: 'packet', end: next + NETSTRING_END.length };
    const span = readNetstring(bytes, next);
    if (span === undefined) return begins(bytes, NETSTRING_END, next) || isCutNetstring(bytes, next) ? MORE : bad(bytes, at);
    next = span.end + 1;
  }
}

/** The first line is refused, the rest is looked at again: the next packet may lie in it. */
function bad(bytes: Uint8Array, at: number): Found {
  const end = bytes.indexOf(NEWLINE, at);
  return { kind: 'bad', end: end < 0 ? bytes.length : end + 1 };
}

/** `bytes` from `at` on are `mark`, or as much of it as has come. */
function begins(bytes: Uint8Array, mark: string, at: number): boolean {
  return startsWith(bytes, mark.slice(0, bytes.length - at), at);
}

/** A netstring at `at` whose end has not come yet. */
function isCutNetstring(bytes: Uint8Array, at: number): boolean {
  let length = 0;
  for (let pos = at; pos - at <= MAX_LENGTH_DIGITS; pos += 1) {
    const byte = bytes[pos];
    if (byte === undefined) return true;
    if (byte === COLON) return pos > at && pos + 1 + length >= bytes.length;
    if (byte < ZERO || byte > NINE || (byte === ZERO && pos === at && bytes[at + 1] !== COLON && at + 1 < bytes.length)) return false;
    length = length * 10 + (byte - ZERO);
  }
  return false;
}
