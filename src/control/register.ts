import net from 'node:net';
import type { Fault } from '../contracts/basics.ts';
import type { ClientCredentials, ClientId, Clients } from '../contracts/clients.ts';
import { writeFrame } from './frames.ts';
import { RegisterClient } from './register-client.ts';
import type { SocketPlace } from './server.ts';
import { Turns } from './turns.ts';

export interface RegisterLimits {
  readonly clientsMax: number;
  /** Of one user other than root: nobody takes all places. */
  readonly clientsPerUserMax: number;
  /** Of all of them: a user may have many names. */
  readonly clientsOfUsersMax: number;
  /** A client that has not read this much of what was sent before is cut off with the next message. */
  readonly waitingBytesMax: number;
  /** Of all clients together. */
  readonly waitingBytesOfAllMax: number;
  /** For a first frame, and for the rest of one that has begun. */
  readonly frameMs: number;
  /** For the last words to a client that we hang up on. */
  readonly closeMs: number;
}

export const REGISTER_LIMITS: RegisterLimits = {
  clientsMax: 256,
  clientsPerUserMax: 100,
  clientsOfUsersMax: 150,
  waitingBytesMax: 256 * 1024,
  waitingBytesOfAllMax: 16 * 1024 * 1024,
  frameMs: 30_000,
  closeMs: 2000,
};

const SIGNAL_MAX = 64;

/** Why a connection was ended by us. */
export type Refusal = 'tooMany' | 'unknownPeer' | 'doesNotRead' | 'tooSlow';

export interface RegisterOptions {
  readonly path: string;
  readonly place: SocketPlace;
  /** Who is at the other end, as the kernel says it. */
  readonly credentials: (socket: net.Socket) => ClientCredentials | undefined;
  /** Start time of a live process. */
  readonly mark: (pid: number) => string | undefined;
  /** Users who may send that process a signal. */
  readonly owners?: (pid: number) => readonly number[];
  readonly connected: (client: ClientId, credentials: ClientCredentials) => void;
  readonly message: (client: ClientId, body: Uint8Array) => void;
  readonly gone: (client: ClientId) => void;
  readonly refused?: (refusal: Refusal, credentials: ClientCredentials | undefined) => void;
  readonly onFailure?: (fault: Fault) => void;
  readonly kill?: (pid: number, signal: number) => void;
  readonly limits?: Partial<RegisterLimits>;
  readonly turns?: Turns;
}

/**
 * The client socket `/run/heartbeat/register` (wire-protocol 10.2): everybody may connect, and what a client may do is
 * decided elsewhere, by what the kernel says about it. Nothing that a client does or leaves undone keeps others waiting.
 */
export class Register implements Clients {
  readonly #options: RegisterOptions;
  readonly #limits: RegisterLimits;
  readonly #turns: Turns;
  readonly #clients = new Map<ClientId, RegisterClient>();
  /** Let go, and not closed yet: they are nobody's clients and take a place. */
  readonly #leaving = new Set<RegisterClient>();
  readonly #server: net.Server;
  readonly #sweep: NodeJS.Timeout;
  #nextId: ClientId = 1;
  #opened: ((fault?: Fault) => void) | undefined;
  /** What was sent last: all who are told the same share one frame. */
  #framed: { readonly body: Uint8Array; readonly frame: Uint8Array } | undefined;

  constructor(options: RegisterOptions) {
    this.#options = options;
    this.#limits = { ...REGISTER_LIMITS, ...options.limits };
    this.#turns = options.turns ?? new Turns();
    this.#server = net.createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = this.#limits.clientsMax;
    this.#server.on('drop', () => options.refused?.('tooMany', undefined));
    this.#server.on('error', (error) => this.#fail(error));
    this.#server.on('listening', () => this.#listening());
    this.#sweep = setInterval(() => this.#cutOffTheSlow(), this.#limits.frameMs / 4).unref();
  }

  get size(): number {
    return this.#clients.size;
  }

  /** `opened` is called once, with a fault when the socket could not be opened. */
  open(opened: (fault?: Fault) => void): void {
    const { path, place } = this.#options;
    this.#opened = opened;
    try {
      place.prepare(path);
      place.guarded(() => this.#server.listen(path));
    } catch (error) {
      queueMicrotask(() => this.#fail(error));
    }
  }

  /** The socket, its file and every client go. */
  shut(): void {
    clearInterval(this.#sweep);
    this.#server.close();
    for (const client of this.#clients.values()) client.close(this.#limits.closeMs);
    this.#clients.clear();
  }

  send(id: ClientId, bytes: Uint8Array): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    const { waitingBytes } = client;
    const { waitingBytesMax, waitingBytesOfAllMax, clientsMax } = this.#limits;
    // Only who has more than an even share is looked at for the sum.
    const greedy = waitingBytes > waitingBytesOfAllMax / clientsMax && this.#waitingOfAll() > waitingBytesOfAllMax;
    if (waitingBytes > waitingBytesMax || greedy) {
      this.#cutOff(client, 'doesNotRead');
      return;
    }
    if (this.#framed?.body !== bytes) this.#framed = { body: bytes, frame: writeFrame(bytes) };
    client.send(this.#framed.frame);
  }

  close(id: ClientId): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    this.#clients.delete(id);
    this.#leaving.add(client);
    client.close(this.#limits.closeMs, () => this.#leaving.delete(client));
  }

  signal(pid: number, signal: number): void {
    if (!Number.isInteger(signal) || signal < 1 || signal > SIGNAL_MAX) return;
    for (const { credentials, mark } of this.#clients.values()) {
      if (credentials.pid !== pid || mark === undefined || this.#options.mark(pid) !== mark) continue;
      // It may have become a program of root's since; its user could not send that one a signal, and so does not by us.
      if (credentials.uid !== 0 && this.#options.owners?.(pid).includes(credentials.uid) === false) continue;
      try {
        this.#options.kill?.(pid, signal);
      } catch {
        // Gone in this very moment.
      }
      return;
    }
  }

  #accept(socket: net.Socket): void {
    const { credentials: ask, connected, message, gone, refused, mark } = this.#options;
    const credentials = ask(socket);
    const refusal = credentials === undefined ? 'unknownPeer' : this.#makeRoomFor(credentials.uid) ? undefined : 'tooMany';
    if (credentials === undefined || refusal !== undefined) {
      socket.on('error', () => undefined).destroy();
      refused?.(refusal ?? 'unknownPeer', credentials);
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    const handlers = {
      message,
      gone: (client: RegisterClient) => {
        this.#clients.delete(client.id);
        gone(client.id);
      },
    };
    const parts = { id, credentials, mark: mark(credentials.pid), socket, turns: this.#turns, handlers, nowMs: () => performance.now() };
    this.#clients.set(id, new RegisterClient(parts));
    connected(id, credentials);
  }

  /** When users have taken all that is for them, who has most gives one up for who has less: ipfail comes in too. */
  #makeRoomFor(uid: number): boolean {
    if (uid === 0) return true;
    const { clientsPerUserMax, clientsOfUsersMax } = this.#limits;
    const counts = new Map<number, number>();
    let all = 0;
    for (const { credentials } of [...this.#clients.values(), ...this.#leaving]) {
      if (credentials.uid === 0) continue;
      counts.set(credentials.uid, (counts.get(credentials.uid) ?? 0) + 1);
      all += 1;
    }
    const own = counts.get(uid) ?? 0;
    if (own >= clientsPerUserMax) return false;
    if (all < clientsOfUsersMax) return true;
    const most = Math.max(...counts.values());
    if (own + 1 >= most) return false;
    const newest = [...this.#clients.values()].findLast(({ credentials }) => counts.get(credentials.uid) === most);
    if (newest !== undefined) this.#cutOff(newest, 'tooMany');
    return true;
  }

  #waitingOfAll(): number {
    let bytes = 0;
    for (const client of this.#clients.values()) bytes += client.waitingBytes;
    return bytes;
  }

  #cutOffTheSlow(): void {
    const since = performance.now() - this.#limits.frameMs;
    for (const client of this.#clients.values()) if (client.unfinishedSinceMs < since) this.#cutOff(client, 'tooSlow');
  }

  #cutOff(client: RegisterClient, refusal: Refusal): void {
    if (client.cutOff()) this.#options.refused?.(refusal, client.credentials);
  }

  #listening(): void {
    try {
      this.#options.place.protect(this.#options.path);
    } catch (error) {
      this.#server.close();
      this.#fail(error);
      return;
    }
    this.#tellOpened();
  }

  #fail(error: unknown): void {
    const { code } = error as { code?: unknown };
    const fault = {
      code: typeof code === 'string' ? code : 'EUNKNOWN',
      detail: `client socket ${this.#options.path}: ${error instanceof Error ? error.message : String(error)}`,
    };
    if (this.#opened === undefined) this.#options.onFailure?.(fault);
    else this.#tellOpened(fault);
  }

  #tellOpened(fault?: Fault): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.(fault);
  }
}
