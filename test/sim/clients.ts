/** A local program on each simulated node: it signs on, speaks, asks, goes and comes back, and sometimes lies. */
import { bytesToText } from '../../src/base/bytes.ts';
import type { Random } from '../../src/contracts/basics.ts';
import type { Clients } from '../../src/contracts/clients.ts';
import type { Driver } from '../../src/daemon/driver.ts';
import { Message } from '../../src/protocol/message.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';
import type { SimCluster } from './cluster.ts';
import { fieldOf } from './network.ts';

export const SIM_APIAUTH = [
  { client: 'talker', users: ['root'], groups: [] },
  { client: 'anon', users: ['root'], groups: [] },
];
const ROOT = { pid: 700, uid: 0, gid: 0, user: 'root', group: 'root' };
const NAME = 'talker';
const PAUSE_MS = 4000;
/** In calm weather the other node's program is heard again within this. */
const SILENCE_MS = 40_000;
/** Nobody but a liar says this. */
const LIE = 'forged';

/** A daemon as a program on the same host reaches it. */
export interface Door {
  readonly driver: Driver;
  /** It gets time: what is written is answered at once. */
  readonly open: boolean;
  event(run: () => void): void;
}

export class SimProgram {
  readonly #cluster: SimCluster;
  readonly #node: string;
  readonly #random: Random;
  #door: Door | undefined;
  #id = 0;
  #connected = false;
  #signedOnAt: number | undefined;
  #heardAt = 0;
  #said = 0;
  /** The newest word of its own that it heard again: what is not heard at once waits, and what is written after it, too. */
  #echoed = 0;
  #answers: Message[] = [];
  /** Origin, generation and number of what this daemon has given it. */
  readonly #delivered = new Set<string>();
  /** An answer about the other node's program is awaited since then. */
  #askedAt: number | undefined;
  #answered: { readonly at: number; readonly status: string } | undefined;

  constructor(cluster: SimCluster, node: string, random: Random) {
    this.#cluster = cluster;
    this.#node = node;
    this.#random = random;
    this.#later();
  }

  /** What a daemon that starts now says to programs goes here; what an older one says reaches nobody. */
  socket(): Clients {
    let current = true;
    this.#hangUp = () => {
      current = false;
    };
    return {
      send: (id, bytes) => {
        if (current && id === this.#id) this.#receive(bytes);
      },
      close: (id) => {
        if (current && id === this.#id) this.#lost();
      },
      signal: () => undefined,
    };
  }

  #hangUp: () => void = () => undefined;

  /** It hears what the cluster says since then. */
  get signedOnAt(): number | undefined {
    return this.#signedOnAt;
  }

  /** The daemon that `socket` was made for runs. */
  reachable(door: Door): void {
    this.#door = door;
    this.#delivered.clear();
    this.#lost();
  }

  /** It ended, in whatever way. */
  unreachable(): void {
    this.#hangUp();
    this.#door = undefined;
    this.#lost();
  }

  /** Heard of the other's program lately, and knows that it is there; undefined while it cannot be expected. */
  complaint(other: SimProgram): string | undefined {
    const { now } = this.#cluster.timeline;
    const since = Math.max(this.#signedOnAt ?? now, other.#signedOnAt ?? now, this.#cluster.calmSince ?? 0);
    if (now - since < SILENCE_MS) return undefined;
    if (this.#echoed < this.#said) return `the program on ${this.#node} is not read any more`;
    if (now - this.#heardAt > SILENCE_MS)
      return `the program on ${this.#node} has not heard the other one for ${Math.round(now - this.#heardAt)} ms`;
    if (this.#askedAt !== undefined && now - this.#askedAt > SILENCE_MS)
      return `the program on ${this.#node} gets no answer about the other one`;
    const { at, status } = this.#answered ?? { at: 0, status: '' };
    return at > since + PAUSE_MS && status !== 'online'
      ? `the program on ${this.#node} is told that the other one is ${status}`
      : undefined;
  }

  #lost(): void {
    this.#connected = false;
    this.#signedOnAt = undefined;
    this.#askedAt = undefined;
    this.#echoed = this.#said;
  }

  #later(): void {
    this.#cluster.timeline.after(100 + this.#random.below(PAUSE_MS), () => {
      this.#turn();
      this.#later();
    });
  }

  #turn(): void {
    if (this.#door === undefined) return;
    if (!this.#connected) this.#connect();
    else if (this.#signedOnAt === undefined) this.#request('signon', ['uid', '0'], ['gid', '0']);
    else this.#act();
  }

  #connect(): void {
    this.#id += 1;
    const id = this.#id;
    this.#connected = true;
    this.#through((driver) => driver.clientConnected(id, ROOT));
  }

  #act(): void {
    const lot = this.#random.below(100);
    if (lot < 50) {
      this.#said += 1;
      this.#write(['t', 'talk'], ['origin', this.#node], ['src', LIE], ['from_id', LIE], ['n', String(this.#said)]);
    } else if (lot < 67) this.#check('getrsc', 'rsc_hold');
    else if (lot < 78) this.#check('nodestatus', this.#knowsOther() ? 'st' : 'info', ['node', this.#other]);
    else if (lot < 92) {
      this.#askedAt ??= this.#cluster.timeline.now;
      this.#request('clientstatus', ['node', this.#other], ['cn', NAME]);
    } else if (lot < 94) {
      this.#write(['t', 'status'], ['st', LIE], ['dt', '1']);
      this.#write(['t', 'resource'], ['rsc_hold', 'none'], ['info', LIE]);
    } else if (lot < 95) this.#request('signoff');
    else if (lot < 96) {
      const id = this.#id;
      this.#lost();
      this.#through((driver) => driver.clientGone(id));
    }
  }

  get #other(): string {
    return this.#node === 'n1' ? 'n2' : 'n1';
  }

  /** A deleted node is none. */
  #knowsOther(): boolean {
    return this.#cluster.status(this.#node)?.nodes.some(({ name }) => name === this.#other) !== false;
  }

  /** Answered at once, unless the daemon stands still or the other node is behind. */
  #check(request: string, field: string, ...more: (readonly [string, string])[]): void {
    this.#answers = [];
    this.#request(request, ...more);
    if (this.#door?.open !== true || this.#echoed < this.#said) return;
    const answer = this.#answers.find((message) => message.get('reqtype') === request);
    if (answer?.get(field) === undefined) this.#cluster.violation(`${this.#node} does not answer ${request}`);
  }

  #request(type: string, ...more: (readonly [string, string])[]): void {
    this.#write(['t', 'hbapi-req'], ['reqtype', type], ['pid', String(ROOT.pid)], ['from_id', NAME], ...more);
  }

  #write(...pairs: (readonly [string, string])[]): void {
    const id = this.#id;
    const bytes = writePlain(Message.of(...pairs), 'netstring');
    this.#through((driver) => driver.clientMessage(id, bytes));
  }

  #through(tell: (driver: Driver) => void): void {
    const door = this.#door;
    door?.event(() => {
      if (this.#door === door) tell(door.driver);
    });
  }

  #receive(bytes: Uint8Array): void {
    const message = readPlain(bytes);
    const { now } = this.#cluster.timeline;
    if (message === undefined) {
      this.#cluster.violation(`${this.#node} sends its program what cannot be read: ${bytesToText(bytes)}`);
      return;
    }
    const status = message.get('cs');
    if (status !== undefined) {
      this.#askedAt = undefined;
      this.#answered = { at: now, status };
    }
    if (message.type === 'hbapi-resp') {
      this.#answers.push(message);
      if (message.get('reqtype') === 'signon' && message.get('result') === 'OK') this.#signedOnAt = now;
    } else if (message.type === 'talk') {
      const source = message.get('src');
      const number = `${source} ${message.get('hg')} ${message.get('seq')}`;
      if (message.get('seq') !== undefined && this.#delivered.has(number))
        this.#cluster.violation(`the program on ${this.#node} is given ${number} twice`);
      this.#delivered.add(number);
      if (source !== message.get('origin') || message.get('from_id') !== NAME) {
        this.#cluster.violation(`the program on ${this.#node} hears ${source} as ${message.get('origin')}`);
      }
      for (const listener of this.#cluster.talks) listener(this.#node, source ?? '', Number(message.get('n')));
      if (source === this.#other) this.#heardAt = now;
      else this.#echoed = Number(message.get('n'));
    }
  }
}

/**
 * From outside: no lie of a program leaves a node, and each new number of a node is the next one, whoever made it speak.
 */
export function watchPrograms(cluster: SimCluster): void {
  const newest = new Map<string, number>();
  cluster.network.watchers.push((from, packet) => {
    if (packet.includes(LIE)) cluster.violation(`${from} sends what its program has made up: ${fieldOf(packet, 't')}`);
    const sequence = fieldOf(packet, 'seq');
    if (sequence === undefined || cluster.legacy(from) !== undefined) return;
    const life = `${from} ${fieldOf(packet, 'hg')}`;
    const known = newest.get(life) ?? 0;
    const number = Number.parseInt(sequence, 16);
    if (number > known + 1) cluster.violation(`${from} sends number ${number} after ${known}`);
    newest.set(life, Math.max(known, number));
  });
  cluster.inTheEnd.push(() => {
    const [one, two] = cluster.programs;
    if (one === undefined || two === undefined) return;
    for (const complaint of [one.complaint(two), two.complaint(one)]) if (complaint !== undefined) cluster.violation(complaint);
  });
}
