import type { Socket } from 'node:net';
import type { ClientCredentials, ClientId } from '../contracts/clients.ts';
import { FrameSplitter } from './frames.ts';
import type { Turns, Worker } from './turns.ts';

/** A client that has this much to read gets no further request answered: it is held up, nobody else. */
const ANSWERS_WAITING_BYTES = 64 * 1024;

export interface RegisterClientParts {
  readonly id: ClientId;
  readonly credentials: ClientCredentials;
  /** Start time of the process: with the pid it names one process for ever. */
  readonly mark: string | undefined;
  readonly socket: Socket;
  readonly turns: Turns;
  readonly handlers: RegisterClientHandlers;
  readonly nowMs: () => number;
}

export interface RegisterClientHandlers {
  message(id: ClientId, body: Uint8Array): void;
  /** Once, after the last message. Not after `close`. */
  gone(client: RegisterClient): void;
}

/** One program on the client socket: frames in, one at a time and in turn with the others; frames out, never waited for. */
export class RegisterClient implements Worker {
  readonly id: ClientId;
  readonly credentials: ClientCredentials;
  readonly mark: string | undefined;
  readonly #socket: Socket;
  readonly #turns: Turns;
  readonly #handlers: RegisterClientHandlers;
  readonly #nowMs: () => number;
  readonly #splitter = new FrameSplitter();
  /** Frames for the next write: one is under way at a time, so that a thousand small ones are one piece to the stream. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #writing = false;
  #unfinishedSinceMs: number;
  #finished = false;
  #socketClosed = false;

  constructor(parts: RegisterClientParts) {
    const { socket, turns, nowMs } = parts;
    this.id = parts.id;
    this.credentials = parts.credentials;
    this.mark = parts.mark;
    this.#socket = socket;
    this.#turns = turns;
    this.#handlers = parts.handlers;
    this.#nowMs = nowMs;
    this.#unfinishedSinceMs = nowMs();
    socket.on('data', (chunk: Uint8Array) => {
      this.#splitter.add(chunk);
      socket.pause();
      turns.queue(this);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#socketClosed = true;
      this.#goOn();
    });
  }

  /** Since when a first frame, or the rest of one, is awaited; Infinity while none is, or while we do not listen. */
  get unfinishedSinceMs(): number {
    return this.#socket.isPaused() ? Number.POSITIVE_INFINITY : this.#unfinishedSinceMs;
  }

  /** Bytes that the client has still to read, those that the kernel holds for it not counted. */
  get waitingBytes(): number {
    return this.#queuedBytes + this.#socket.writableLength;
  }

  work(): boolean {
    if (this.#isHeldUp()) return false;
    const body = this.#splitter.next();
    if (body !== undefined) {
      this.#unfinishedSinceMs = Number.POSITIVE_INFINITY;
      this.#handlers.message(this.id, body);
      // The answer may have been to hang up.
      if (this.#finished) return false;
      if (this.#splitter.waiting) return true;
    }
    if (this.#splitter.partial && this.#unfinishedSinceMs === Number.POSITIVE_INFINITY) this.#unfinishedSinceMs = this.#nowMs();
    this.#goOn();
    return false;
  }

  send(frame: Uint8Array): void {
    if (this.#finished || !this.#socket.writable) return;
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    if (!this.#writing) this.#write();
  }

  /** Hangs up once what was sent has been read, and after `limitMs` in any case; `closed` when that is done. */
  close(limitMs: number, closed: () => void = () => undefined): void {
    this.#finished = true;
    this.#turns.leave(this);
    this.#splitter.clear();
    if (this.#socketClosed) {
      closed();
      return;
    }
    const timer = setTimeout(() => this.#socket.destroy(), limitMs).unref();
    this.#socket.on('close', () => {
      clearTimeout(timer);
      closed();
    });
    // What the client still says is read away: an unread byte would turn the hang-up into a reset, and our last word would be lost.
    this.#socket.removeAllListeners('data').resume();
    if (!this.#writing) this.#socket.end();
  }

  /** At once, with all that waits. `gone` follows. false: it was done before. */
  cutOff(): boolean {
    if (this.#socket.destroyed) return false;
    this.#splitter.clear();
    this.#queue = [];
    this.#socket.destroy();
    return true;
  }

  #write(): void {
    const bytes = this.#queue.length === 1 ? this.#queue[0] : Buffer.concat(this.#queue);
    this.#queue = [];
    this.#queuedBytes = 0;
    if (bytes === undefined) return;
    this.#writing = true;
    this.#socket.write(bytes, () => {
      this.#writing = false;
      if (this.#socket.destroyed) return;
      if (this.#queue.length > 0) this.#write();
      else if (this.#finished) this.#socket.end();
      else this.#goOn();
    });
  }

  /** It has answers to read first. */
  #isHeldUp(): boolean {
    return !this.#socketClosed && this.waitingBytes >= ANSWERS_WAITING_BYTES;
  }

  #goOn(): void {
    if (this.#splitter.waiting) this.#turns.queue(this);
    else if (this.#socketClosed) this.#end();
    else if (this.#splitter.broken) this.#socket.destroy();
    else if (!this.#isHeldUp()) this.#socket.resume();
  }

  #end(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#turns.leave(this);
    this.#handlers.gone(this);
  }
}
