import { RefusalLimiter } from '../base/rate-limit.ts';
import type { ClientCredentials, ClientId, Clients } from '../contracts/clients.ts';
import { Register } from '../control/register.ts';
import { Turns, type Worker } from '../control/turns.ts';
import { type Accounts, createAccounts } from '../os/accounts.ts';
import { type Fifo, makeFifo, openFifo } from '../os/fifo.ts';
import { peerCredentials, processMark, processOwners } from '../os/peer-credentials.ts';
import { PacketStream } from '../protocol/packet-stream.ts';
import { registerPlace } from './control-place.ts';
import type { Log } from './log.ts';

/** A writer that left a packet unfinished has this long to go on; then its rest belongs to nobody. */
const UNFINISHED_MS = 5000;

const REFUSALS = {
  tooMany: 'there are too many clients',
  unknownPeer: 'the kernel does not say who it is',
  doesNotRead: 'it does not read what it is sent',
  tooSlow: 'its message does not become whole',
} as const;

/** What local programs have the engine hear (wire-protocol 10): packets from the FIFO, and clients on their socket. */
export interface LocalInputs {
  localMessage(bytes: Uint8Array): void;
  clientConnected(client: ClientId, credentials: ClientCredentials): void;
  clientMessage(client: ClientId, bytes: Uint8Array): void;
  clientGone(client: ClientId): void;
}

export interface LocalPaths {
  readonly registerSocket: string;
  readonly fifo: string;
}

/** The two doors for local programs. Both share the loop with everything else, a few messages per turn. */
export class LocalPrograms {
  readonly clients: Clients;
  readonly #register: Register;
  readonly #accounts: Accounts = createAccounts();
  readonly #limiter = new RefusalLimiter();
  readonly #turns = new Turns();
  readonly #log: Log;
  readonly #paths: LocalPaths;
  readonly #inputs: () => LocalInputs;
  #fifo: Fifo | undefined;

  /** `inputs` is asked at each message: the driver is made after this, and needs `clients`. */
  constructor(paths: LocalPaths, log: Log, inputs: () => LocalInputs) {
    this.#log = log;
    this.#paths = paths;
    this.#inputs = inputs;
    this.#register = new Register({
      path: paths.registerSocket,
      place: registerPlace(),
      credentials: (socket) => this.#withNames(peerCredentials(socket)),
      mark: processMark,
      owners: processOwners,
      connected: (client, credentials) => inputs().clientConnected(client, credentials),
      message: (client, body) => inputs().clientMessage(client, body),
      gone: (client) => inputs().clientGone(client),
      refused: (refusal, who) => {
        const from = who === undefined ? '' : ` (pid ${who.pid}, uid ${who.uid})`;
        this.#refuse(refusal, `client${from} is cut off: ${REFUSALS[refusal]}`);
      },
      onFailure: (fault) => log.line('ERROR', fault.detail),
      kill: (pid, signal) => void process.kill(pid, signal),
      turns: this.#turns,
    });
    this.clients = this.#register;
  }

  open(): void {
    this.#register.open((fault) => {
      if (fault !== undefined) this.#log.line('ERROR', `no client socket, so no cl_status and no clients: ${fault.detail}`);
    });
    this.#openFifo();
  }

  /** Once a minute: who was added to the host since may be named in `apiauth`. */
  refresh(): void {
    this.#accounts.refresh();
  }

  close(): void {
    this.#register.shut();
    this.#fifo?.close();
  }

  #withNames(numbers: ReturnType<typeof peerCredentials>): ClientCredentials | undefined {
    if (numbers === undefined) return undefined;
    const user = this.#accounts.user(numbers.uid);
    const group = this.#accounts.group(numbers.gid);
    return { ...numbers, ...(user === undefined ? {} : { user }), ...(group === undefined ? {} : { group }) };
  }

  #openFifo(): void {
    const path = this.#paths.fifo;
    const made = makeFifo(path);
    if (made === true) this.#log.line('info', `Creating FIFO ${path}.`);
    const stream = new PacketStream();
    const packets: Uint8Array[] = [];
    let heardAtMs = 0;
    const worker: Worker = {
      work: () => {
        const packet = packets.shift();
        if (packet !== undefined) this.#inputs().localMessage(packet);
        if (packets.length > 0) return true;
        // What its writers wrote meanwhile is no later for our not reading it.
        heardAtMs = performance.now();
        this.#fifo?.resume();
        return false;
      },
    };
    const opened =
      typeof made === 'object'
        ? made
        : openFifo(path, {
            chunk: (bytes) => {
              const nowMs = performance.now();
              if (stream.partial && nowMs - heardAtMs > UNFINISHED_MS) stream.reset();
              heardAtMs = nowMs;
              packets.push(...stream.push(bytes));
              if (stream.takeRefused() > 0) this.#refuse('fifo', `${path}: what is no packet was skipped`);
              if (packets.length === 0) return;
              this.#fifo?.pause();
              this.#turns.queue(worker);
            },
            failed: (fault) => this.#log.line('ERROR', `the FIFO is read no more: ${fault.detail}`),
          });
    if ('code' in opened) this.#log.line('ERROR', `no FIFO, so nothing from shell tools of 3.0.6: ${opened.detail}`);
    else this.#fifo = opened;
  }

  #refuse(key: string, text: string): void {
    const { pass, summary } = this.#limiter.refuse(performance.now(), key, '');
    if (summary !== undefined) this.#log.note(summary);
    if (pass) this.#log.line('WARN', text);
  }
}
