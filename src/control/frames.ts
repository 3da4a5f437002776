import { Gather } from '../base/gather.ts';

/**
 * The client socket's frames (wire-protocol 10.2): `int32 length`, `uint32 0x0000ABCD`, both in the byte order of the
 * host, then `length` bytes.
 */
const HEADER_BYTES = 8;
const MAGIC = 0x0000_abcd;

/** A plain message of the largest size that a client may send; clients of 3.0.6 stay far below it. */
export const CLIENT_FRAME_BYTES_MAX = 512 * 1024;

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function writeFrame(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(frame.buffer);
  view.setInt32(0, body.length, hostIsLittleEndian);
  view.setUint32(4, MAGIC, hostIsLittleEndian);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Cuts a stream into the bodies of its frames, however it arrives, one when asked: a chunk may hold thousands of small ones. */
export class FrameSplitter {
  readonly #bytesMax: number;
  readonly #have = new Gather();
  /** What was added and not looked at yet. */
  #chunks: Uint8Array[] = [];
  /** Bytes of the body under way; unknown until its header is whole. */
  #body: number | undefined;
  #broken = false;

  constructor(bytesMax: number = CLIENT_FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** true: what came is no frame, or too long a one. Nothing is read any more; the stream is to be closed. */
  get broken(): boolean {
    return this.#broken;
  }

  /** true: something was added that `next` has not looked at. */
  get waiting(): boolean {
    return this.#chunks.length > 0;
  }

  /** true: a frame has begun and is not whole. */
  get partial(): boolean {
    return this.#have.length > 0 || this.#body !== undefined;
  }

  add(chunk: Uint8Array): void {
    if (chunk.length > 0 && !this.#broken) this.#chunks.push(chunk);
  }

  /** The body of the next whole frame. */
  next(): Uint8Array | undefined {
    while (!this.#broken) {
      const wanted = this.#body ?? HEADER_BYTES;
      if (this.#have.length < wanted && !this.#gather(wanted)) return undefined;
      const whole = this.#have.take();
      if (this.#body === undefined) this.#readHeader(whole);
      else {
        this.#body = undefined;
        return whole;
      }
    }
    return undefined;
  }

  /** All bodies that end in `chunk`. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.add(chunk);
    const bodies: Uint8Array[] = [];
    for (let body = this.next(); body !== undefined; body = this.next()) bodies.push(body);
    return bodies;
  }

  /** What waits belongs to nobody any more. */
  clear(): void {
    this.#chunks = [];
  }

  #gather(wanted: number): boolean {
    for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) {
      const missing = wanted - this.#have.length;
      this.#have.add(chunk.subarray(0, missing));
      if (chunk.length > missing) this.#chunks.unshift(chunk.subarray(missing));
      if (this.#have.length === wanted) return true;
    }
    return false;
  }

  #readHeader(header: Uint8Array): void {
    const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
    const length = view.getInt32(0, hostIsLittleEndian);
    if (view.getUint32(4, hostIsLittleEndian) === MAGIC && length >= 0 && length <= this.#bytesMax) this.#body = length;
    else {
      this.#broken = true;
      this.clear();
    }
  }
}
