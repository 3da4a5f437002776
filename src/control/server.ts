import net from 'node:net';
import type { Fault } from '../contracts/basics.ts';
import type { CommandRequest, CommandResult } from '../contracts/engine.ts';
import { LineSplitter } from './framing.ts';
import { REQUEST_BYTES_MAX, readRequest, writeReply } from './operations.ts';

/** What must be done on the host around the birth of the socket file; `os` and `daemon` know how. */
export interface SocketPlace {
  /** Before: the folder is made, an abandoned socket file removed. */
  prepare(path: string): void;
  /** Runs `bind` so that the file is born closed to others. */
  guarded(bind: () => void): void;
  /** After: owner and rights. */
  protect(path: string): void;
}

export interface ControlLimits {
  readonly clientsMax: number;
  /** From connecting, or from the last reply, to a whole request that has been read, and to a reply that has been taken. */
  readonly clientMs: number;
  /** The engine's time for one answer. */
  readonly answerMs: number;
}

export const CONTROL_LIMITS: ControlLimits = { clientsMax: 64, clientMs: 10_000, answerMs: 60_000 };

export interface ControlServerOptions {
  readonly path: string;
  readonly place: SocketPlace;
  /** `answer` may be called at once or later; only the first call counts. */
  readonly onRequest: (request: CommandRequest, answer: (result: CommandResult) => void) => void;
  /** The socket stopped working after it had been opened. */
  readonly onFailure?: (fault: Fault) => void;
  readonly limits?: Partial<ControlLimits>;
}

export interface ControlServer {
  readonly clients: number;
  /** Closes the socket, its file and every client. */
  close(): void;
}

/** Opens the socket; `opened` is called once, with a fault when it could not be opened. */
export function openControl(options: ControlServerOptions, opened: (fault?: Fault) => void): ControlServer {
  const limits = { ...CONTROL_LIMITS, ...options.limits };
  const clients = new Set<Client>();
  let isOpen = false;
  // A caller may close its half after the request and still read the answer.
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const client = new Client(socket, limits, options.onRequest, () => clients.delete(client));
    clients.add(client);
  });
  server.maxConnections = limits.clientsMax;
  const fail = (error: unknown): void => {
    const fault = toFault(error, options.path);
    if (isOpen) options.onFailure?.(fault);
    else opened(fault);
  };
  server.on('error', fail);
  server.on('listening', () => {
    try {
      options.place.protect(options.path);
    } catch (error) {
      server.close();
      fail(error);
      return;
    }
    isOpen = true;
    opened();
  });
  try {
    options.place.prepare(options.path);
    options.place.guarded(() => server.listen(options.path));
  } catch (error) {
    queueMicrotask(() => fail(error));
  }
  return {
    get clients() {
      return clients.size;
    },
    close() {
      server.close();
      for (const client of clients) client.destroy();
    },
  };
}

/** One connection: requests are answered one after the other, and nothing more is read while one is under way. */
class Client {
  readonly #socket: net.Socket;
  readonly #limits: ControlLimits;
  readonly #onRequest: ControlServerOptions['onRequest'];
  readonly #splitter = new LineSplitter(REQUEST_BYTES_MAX);
  #lines: string[] = [];
  #busy = false;
  #ended = false;
  #timer: NodeJS.Timeout;

  constructor(socket: net.Socket, limits: ControlLimits, onRequest: ControlServerOptions['onRequest'], gone: () => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onRequest = onRequest;
    this.#timer = setTimeout(() => this.destroy(), limits.clientMs);
    socket.on('data', (chunk: Uint8Array) => this.#data(chunk));
    socket.on('end', () => {
      this.#ended = true;
      this.#next();
    });
    socket.on('error', () => this.destroy());
    socket.on('close', () => {
      clearTimeout(this.#timer);
      gone();
    });
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #data(chunk: Uint8Array): void {
    this.#lines.push(...this.#splitter.push(chunk));
    this.#next();
  }

  #next(): void {
    if (this.#busy || this.#socket.destroyed) return;
    const line = this.#lines.shift();
    if (line === undefined) {
      if (this.#splitter.tooLong) this.#last({ ok: false, reason: `a request has at most ${REQUEST_BYTES_MAX} bytes` });
      else if (this.#ended) this.#socket.end();
      else this.#socket.resume();
      return;
    }
    const read = readRequest(line);
    if (!read.ok) {
      this.#last({ ok: false, reason: read.reason });
      return;
    }
    this.#busy = true;
    this.#socket.pause();
    this.#restartTimer(this.#limits.answerMs, () => answer({ ok: false, reason: 'the daemon gave no answer in time' }));
    let answered = false;
    const answer = (result: CommandResult): void => {
      if (answered) return;
      answered = true;
      this.#busy = false;
      if (this.#socket.destroyed) return;
      this.#restartTimer(this.#limits.clientMs, () => this.destroy());
      // Written whole before the next request is looked at: one reply at most waits in memory.
      this.#busy = true;
      this.#socket.write(writeReply(result), () => {
        this.#busy = false;
        this.#next();
      });
    };
    this.#onRequest(read.request, answer);
  }

  /** Answers and hangs up: what follows on this stream cannot be trusted. */
  #last(result: CommandResult): void {
    this.#lines = [];
    this.#busy = true;
    this.#restartTimer(this.#limits.clientMs, () => this.destroy());
    this.#socket.pause();
    this.#socket.end(writeReply(result), () => this.destroy());
  }

  #restartTimer(ms: number, ring: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(ring, ms);
  }
}

function toFault(error: unknown, path: string): Fault {
  const { code } = error as { code?: unknown };
  return {
    code: typeof code === 'string' ? code : 'EUNKNOWN',
    detail: `control socket ${path}: ${error instanceof Error ? error.message : String(error)}`,
  };
}
