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

/** Cuts a stream into the bodies of its frames, however it arrives; holds one unfinished frame at most. */
export class FrameSplitter {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  #have = 0;
  /** Bytes of the frame under way, header included; unknown until the header is whole. */
  #wanted = HEADER_BYTES;
  #body: number | undefined;
  #broken = false;

  constructor(bytesMax: number = CLIENT_FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** true: what came is no frame, or too long a one. Nothing is read any more; the stream is to be closed. */
  get broken(): boolean {
    return this.#broken;
  }

  /** true: a frame has begun and is not whole. */
  get partial(): boolean {
    return this.#have > 0;
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const bodies: Uint8Array[] = [];
    let at = 0;
    while (!this.#broken && at < chunk.length) {
      const part = chunk.subarray(at, at + this.#wanted - this.#have);
      at += part.length;
      this.#parts.push(part);
      this.#have += part.length;
      if (this.#have < this.#wanted) break;
      if (this.#body === undefined) this.#readHeader();
      if (this.#have === this.#wanted && this.#body !== undefined) bodies.push(this.#takeBody());
    }
    return bodies;
  }

  #readHeader(): void {
    const header = Buffer.concat(this.#parts);
    const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
    const length = view.getInt32(0, hostIsLittleEndian);
    if (view.getUint32(4, hostIsLittleEndian) !== MAGIC || length < 0 || length > this.#bytesMax) {
      this.#broken = true;
      this.#parts = [];
      this.#have = 0;
      return;
    }
    this.#body = length;
    this.#wanted = HEADER_BYTES + length;
  }

  #takeBody(): Uint8Array {
    const frame = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#have = 0;
    this.#wanted = HEADER_BYTES;
    this.#body = undefined;
    return frame.subarray(HEADER_BYTES);
  }
}
