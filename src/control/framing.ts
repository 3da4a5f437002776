import { Gather } from '../base/gather.ts';

/** Cuts a stream of bytes into lines, however it arrives, and holds at most one line's worth of it. */
export class LineSplitter {
  readonly #bytesMax: number;
  readonly #line = new Gather();
  #tooLong = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** true: a line passed the limit. Nothing is read any more; the stream is to be closed. */
  get tooLong(): boolean {
    return this.#tooLong;
  }

  /** The lines that end in `chunk`, without their ends. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    while (!this.#tooLong && from < chunk.length) {
      const end = chunk.indexOf(LINE_FEED, from);
      this.#keep(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0 || this.#tooLong) break;
      const { buffer, byteOffset, byteLength } = this.#line.take();
      lines.push(Buffer.from(buffer, byteOffset, byteLength).toString('utf8'));
      from = end + 1;
    }
    return lines;
  }

  #keep(part: Uint8Array): void {
    if (this.#line.length + part.length > this.#bytesMax) {
      this.#tooLong = true;
      this.#line.clear();
    } else this.#line.add(part);
  }
}

const LINE_FEED = 10;
