import net from 'node:net';
import { Message } from '../protocol/message.ts';
import { readPlain, writePlain } from '../protocol/plain.ts';
import { FrameSplitter, writeFrame } from './frames.ts';

/**
 * Why there is no answer. `notRunning`: nobody listens. `refused`: the daemon said no to the sign-on. `timeout`: it says
 * nothing. `broken`: it hung up, or said what nobody understands.
 */
export type ApiFailure = 'notRunning' | 'noPermission' | 'refused' | 'timeout' | 'broken';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly failure: ApiFailure;

  constructor(failure: ApiFailure, detail: string) {
    super(detail);
    this.failure = failure;
  }
}

/** The fields of one message, as text. */
export type ApiFields = ReadonlyMap<string, string>;

/** `rows`: one per part of the answer (`ok/more` until the last). `info`: why not, often empty. */
export type ApiAnswer = { readonly ok: true; readonly rows: readonly ApiFields[] } | { readonly ok: false; readonly info: string };

/** Who signs on: a client whose id is its pid is casual, and may ask but not send (wire-protocol 10.3). */
export interface ApiIdentity {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** This host, as `dest` of the requests. */
  readonly node: string;
}

const REQUEST = 'hbapi-req';
const RESPONSE = 'hbapi-resp';
const CLIENT_STATUS = 'respond-cstatus';
const MORE = 'ok/more';
/** An answer of the original comes half a second after the question when its daemon sleeps. */
const REQUEST_LIMIT_MS = 5000;
/** As many parts as an answer may have: bounds what a wrong daemon can make us keep. */
const ROWS_MAX = 10_000;
/** The daemon's messages may be longer than those of clients: it hands on what came from the cluster, unpacked. */
const ANSWER_BYTES_MAX = 2 * 1024 * 1024 + 4096;

/** What takes the messages that come, one by one, and says when it has what it waited for. */
type Taker = (fields: ApiFields) => boolean;

/**
 * A program's end of the client socket, of our daemon's or the original's. One question at a time; what is not its
 * answer (messages of the cluster, news of other clients) is read away.
 */
export class ApiClient {
  readonly #socket: net.Socket;
  readonly #identity: ApiIdentity;
  readonly #splitter = new FrameSplitter(ANSWER_BYTES_MAX);
  #taker: Taker | undefined;
  #settle: ((error?: ApiError) => void) | undefined;
  #failure: ApiError | undefined;
  #signOnFields: ApiFields = new Map();

  private constructor(socket: net.Socket, identity: ApiIdentity) {
    this.#socket = socket;
    this.#identity = identity;
    socket.on('data', (chunk: Uint8Array) => this.#data(chunk));
    socket.on('error', (error) => this.#fail(connectionError(error, socket)));
    socket.on('close', () => this.#fail(new ApiError('broken', 'heartbeat hung up')));
  }

  /** Connects and signs on as a casual client. Rejects with an `ApiError`, after `limitMs` at the latest. */
  static async signOn(path: string, identity: ApiIdentity, limitMs = REQUEST_LIMIT_MS): Promise<ApiClient> {
    const client = new ApiClient(net.createConnection(path), identity);
    try {
      const answer = await client.request('signon', { uid: String(identity.uid), gid: String(identity.gid) }, limitMs);
      if (!answer.ok) throw new ApiError('refused', answer.info);
      client.#signOnFields = answer.rows[0] ?? client.#signOnFields;
      return client;
    } catch (error) {
      client.#socket.destroy();
      throw error;
    }
  }

  /** What the daemon told about itself at the sign-on: `node`, `hbversion`, `deadtime` and `keepalive` (hex ms), `pacemaker`. */
  get signOnFields(): ApiFields {
    return this.#signOnFields;
  }

  async request(reqtype: string, args: Readonly<Record<string, string>> = {}, limitMs = REQUEST_LIMIT_MS): Promise<ApiAnswer> {
    const rows: ApiFields[] = [];
    let answer: ApiAnswer = { ok: true, rows };
    await this.#ask(reqtype, args, limitMs, (fields) => {
      if (fields.get('t') !== RESPONSE || fields.get('reqtype') !== reqtype) return false;
      const result = fields.get('result');
      if (result !== 'OK' && result !== MORE) {
        answer = { ok: false, info: fields.get('info') ?? '' };
        return true;
      }
      rows.push(fields);
      return result === 'OK' || rows.length >= ROWS_MAX;
    });
    return answer;
  }

  /** `online`, `offline`, or nothing when the daemon refuses the question. The answer may come from the other node. */
  async clientStatus(node: string, client: string, limitMs: number): Promise<string | undefined> {
    let status: string | undefined;
    await this.#ask('clientstatus', { node, cn: client }, limitMs, (fields) => {
      const isOwn = fields.get('t') === RESPONSE && fields.get('reqtype') === 'clientstatus';
      const isAnswer = isOwn ? fields.get('result') === 'OK' : fields.get('t') === CLIENT_STATUS && fields.get('cn') === client;
      status = isAnswer ? fields.get('cs') : undefined;
      return isAnswer || isOwn;
    });
    return status;
  }

  /** Says good-bye and hangs up, without waiting. */
  signOff(): void {
    this.#socket.end(this.#frame('signoff', {}));
    this.#socket.unref();
  }

  #ask(reqtype: string, args: Readonly<Record<string, string>>, limitMs: number, taker: Taker): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const timer = setTimeout(() => {
        this.#settle?.(new ApiError('timeout', `no answer from heartbeat within ${limitMs} ms`));
      }, limitMs);
      this.#taker = taker;
      this.#settle = (error) => {
        clearTimeout(timer);
        this.#taker = undefined;
        this.#settle = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#socket.write(this.#frame(reqtype, args));
    });
  }

  #frame(reqtype: string, args: Readonly<Record<string, string>>): Uint8Array {
    const { node, pid } = this.#identity;
    const pairs = Object.entries({ t: REQUEST, reqtype, dest: node, pid: String(pid), from_id: String(pid), ...args });
    return writeFrame(writePlain(Message.of(...pairs.map(([name, value]) => [name, toWire(value)] as const)), 'classic'));
  }

  #data(chunk: Uint8Array): void {
    for (const body of this.#splitter.push(chunk)) {
      const message = readPlain(body);
      if (message === undefined || this.#taker === undefined) continue;
      const fields = new Map(message.fields.map(({ name, value }) => [name, fromWire(value)]));
      if (this.#taker(fields)) this.#settle?.();
    }
    if (this.#splitter.broken) this.#fail(new ApiError('broken', 'what heartbeat says is not understood'));
  }

  #fail(error: ApiError): void {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#settle?.(this.#failure);
  }
}

function connectionError(error: Error, socket: net.Socket): ApiError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return new ApiError('notRunning', 'heartbeat is not running');
  if (code === 'EACCES' || code === 'EPERM') return new ApiError('noPermission', 'no permission to use the client socket of heartbeat');
  return new ApiError('broken', socket.connecting ? error.message : `heartbeat hung up: ${error.message}`);
}

/** The wire has one character per byte. */
const toWire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const fromWire = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');
