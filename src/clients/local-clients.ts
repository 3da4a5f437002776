import type { Now } from '../contracts/basics.ts';
import type { ClientCredentials, ClientId } from '../contracts/clients.ts';
import { type Field, Message, text } from '../protocol/message.ts';
import { readPlain, writePlain } from '../protocol/plain.ts';
import { Client } from './client.ts';
import {
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_CLIENT_NAME_BYTES,
  MAX_CLIENTS,
  MAX_OUTSTANDING,
  MAX_WAITING_BYTES,
  MAX_WAITING_PER_CLIENT,
} from './limits.ts';
import type { ClientPort } from './port.ts';
import { Questions } from './questions.ts';
import { answerMessages, answerRequest } from './requests.ts';
import { judgeSignOn, signOnAnswer } from './sign-on.ts';
import { TREATMENT, type Treatment } from './treatment.ts';

/**
 * The local programs at the client socket: who they are, what they ask, what they are told (wire-protocol 10.2 to 10.4).
 * Nothing that a client writes is believed but what the kernel says of it.
 */
export class LocalClients {
  readonly #port: ClientPort;
  readonly #clients = new Map<ClientId, Client>();
  readonly #questions = new Questions();
  /** What clients wrote while the other nodes are behind with acknowledging; a client with something here is not read. */
  readonly #waiting = new Map<ClientId, Uint8Array[]>();
  #waitingBytes = 0;
  #signedOn = 0;
  /** Of the next sign-on, within this life of the daemon. */
  #generation = 0;

  constructor(port: ClientPort) {
    this.#port = port;
  }

  /** Nobody listens: nothing need be made ready for clients. */
  get none(): boolean {
    return this.#signedOn === 0;
  }

  connected(id: ClientId, credentials: ClientCredentials): void {
    if (this.#clients.size >= MAX_CLIENTS) this.#makeRoom();
    if (this.#clients.size >= MAX_CLIENTS) {
      this.#port.refused('clientsFull', { count: MAX_CLIENTS, pid: credentials.pid }, 'clients');
      this.#port.close(id);
    } else this.#clients.set(id, new Client(id, credentials));
  }

  message(now: Now, id: ClientId, bytes: Uint8Array): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    if (this.#waiting.has(id)) this.#wait(client, bytes);
    else this.#read(now, client, bytes);
  }

  /** Its connection is closed already. */
  gone(id: ClientId): void {
    const client = this.#clients.get(id);
    if (client === undefined) return;
    this.#remove(client);
    if (client.named) this.#port.post(this.#presence(client, 'leave', 'EOF'));
  }

  /** The other nodes may have caught up: what waits goes on. */
  drain(now: Now): void {
    if (this.#waiting.size === 0) return;
    for (const [id, queue] of [...this.#waiting]) {
      const client = this.#clients.get(id);
      this.#waiting.delete(id);
      for (let bytes = queue.shift(); bytes !== undefined; bytes = queue.shift()) {
        this.#waitingBytes -= bytes.length;
        if (client === undefined || !this.#clients.has(id)) continue;
        this.#read(now, client, bytes);
        const again = this.#waiting.get(id);
        if (again === undefined) continue;
        // It waits again, with what it had written after it.
        again.push(...queue);
        break;
      }
    }
  }

  /** A question of another node's: is a client of that name signed on here (10.4)? */
  asked(node: string, message: Message): void {
    const name = message.get('cn');
    const from = message.get('from_id');
    if (name === undefined || from === undefined || name.length > MAX_CLIENT_NAME_BYTES || from.length > MAX_CLIENT_NAME_BYTES) return;
    // A flood of them is left without an answer: it would push what matters out of what can be sent again.
    if (this.#port.outstanding() >= MAX_OUTSTANDING) return;
    this.#port.post(
      Message.of(
        ['t', 'respond-cstatus'],
        ['dest', node],
        ['result', 'OK'],
        ['cn', name],
        ['to_id', from],
        ['cs', this.#isOnline(name) ? 'online' : 'offline'],
      ),
    );
  }

  /** Whatever the daemon sends, hears or finds out. */
  deliver(message: Message, treatment: Treatment): void {
    if (this.#signedOn === 0) return;
    const bit = TREATMENT[treatment];
    const to = message.get('to_id');
    let bytes: Uint8Array | undefined;
    for (const client of this.#clients.values()) {
      if (client.name === undefined || (client.filter & bit) === 0 || (to !== undefined && to !== client.name)) continue;
      bytes ??= writePlain(message, this.#port.view().config.msgfmt);
      this.#put(client, bytes);
    }
  }

  /** Another node's word about a client of its. */
  told(node: string, message: Message): void {
    this.#questions.answered(node, message.get('cn'), message.get('to_id'));
  }

  /** The node died, left or began anew, and its clients with it: whoever waits for its word is told so. */
  nodeLost(node: string): void {
    for (const id of this.#questions.takeOf(node)) {
      const client = this.#clients.get(id);
      if (client === undefined) continue;
      const fields = [text('subt', 'respond-cstatus'), text('cs', 'offline')];
      for (const message of answerMessages('clientstatus', { kind: 'ok', fields })) this.#say(client, message);
    }
  }

  // --- what clients write ---

  #read(now: Now, client: Client, bytes: Uint8Array): void {
    const message = bytes.length > MAX_CLIENT_MESSAGE_BYTES ? undefined : readPlain(bytes);
    if (message === undefined) {
      this.#cut(client, 'clientGarbage');
    } else if (client.name === undefined) this.#register(client, message);
    else if (message.type === 'hbapi-req') this.#request(now, client, message);
    else this.#speak(client, message, bytes);
  }

  /** Before the sign-on nothing else is understood, and nothing is answered. */
  #register(client: Client, message: Message): void {
    if (message.type !== 'hbapi-req' || message.get('reqtype') !== 'signon') {
      this.#port.refused('clientBadRegistration', { pid: client.credentials.pid }, 'clients');
      return;
    }
    const view = this.#port.view();
    const verdict = judgeSignOn(message, client, view, this.#port.active);
    client.generation = this.#generation;
    this.#generation += 1;
    const taken = verdict.ok && verdict.named && this.#isOnline(verdict.name);
    if (taken || !verdict.ok) {
      this.#refuse(client, verdict.name, verdict.ok ? 'duplicate add request' : verdict.reason);
      return;
    }
    client.name = verdict.name;
    client.named = verdict.named;
    this.#signedOn += 1;
    // It is on the list by now: it hears of itself before it has its answer.
    if (client.named) this.#port.post(this.#presence(client, 'join', 'signon'));
    this.#say(client, signOnAnswer(view, undefined));
  }

  #refuse(client: Client, name: string, reason: string): void {
    const { pid } = client.credentials;
    this.#port.refused('clientUnauthorized', { name, pid, reason }, name);
    this.#port.refused('clientNotAdded', { name }, name);
    this.#say(client, signOnAnswer(this.#port.view(), reason));
    // To it alone: the other nodes never heard of it.
    if (name !== String(pid)) this.#say(client, this.#presence(client, 'leave', reason, name));
    this.#remove(client);
    this.#port.close(client.id);
  }

  #request(now: Now, client: Client, message: Message): void {
    this.deliver(message, 'request');
    const type = message.get('reqtype');
    if (type === undefined) {
      this.#port.refused('clientWithoutRequest', { name: client.label }, client.label);
    } else if (type === 'signoff') this.#signOff(client);
    else {
      const answer = answerRequest(type, {
        client,
        message,
        view: this.#port.view(),
        isOnline: (name) => this.#isOnline(name),
        ask: (node, name) => this.#ask(now, client, node, name),
      });
      if (answer.kind === 'bad') this.#port.refused('clientBadRequest', { request: shown(type), name: client.label }, client.label);
      for (const each of answerMessages(type, answer)) this.#say(client, each);
    }
  }

  #signOff(client: Client): void {
    this.#remove(client);
    if (client.named) {
      const leave = this.#presence(client, 'leave', 'signoff');
      this.#say(client, leave);
      this.#port.post(leave);
    }
    this.#port.close(client.id);
  }

  #ask(now: Now, client: Client, node: string, name: string): boolean {
    const from = client.label;
    if (name.length > MAX_CLIENT_NAME_BYTES || this.#port.outstanding() >= MAX_OUTSTANDING) return false;
    if (!this.#questions.add(now.at, client.id, from, node, name)) return false;
    this.#port.post(Message.of(['t', 'query-cstatus'], ['dest', node], ['cn', name], ['from_id', from]));
    return true;
  }

  /** A message for the cluster. Only those with a name may speak, and only as themselves (10.3). */
  #speak(client: Client, message: Message, bytes: Uint8Array): void {
    if (!client.named) {
      this.#cut(client, 'clientCasualMessage');
      return;
    }
    if (this.#port.outstanding() >= MAX_OUTSTANDING) {
      this.#wait(client, bytes);
      return;
    }
    this.deliver(message, 'request');
    const own = [
      text('from_id', client.label),
      // Clients speak to their like on all nodes, and to nobody else.
      text('to_id', client.label),
      text('client_gen', String(client.generation)),
    ];
    this.#port.local(withFields(message, own), client.label);
  }

  #wait(client: Client, bytes: Uint8Array): void {
    const queue = this.#waiting.get(client.id) ?? [];
    if (queue.length >= MAX_WAITING_PER_CLIENT || this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#cut(client, 'clientAhead');
      return;
    }
    queue.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#waiting.set(client.id, queue);
  }

  // --- keeping the list ---

  #isOnline(name: string): boolean {
    for (const client of this.#clients.values()) if (client.name === name) return true;
    return false;
  }

  /** Of those that have not signed on the one that has been there longest goes: a connection alone has no claim. */
  #makeRoom(): void {
    for (const client of this.#clients.values()) {
      if (client.name !== undefined) continue;
      this.#cut(client, 'clientsFull');
      return;
    }
  }

  #cut(client: Client, code: 'clientGarbage' | 'clientCasualMessage' | 'clientAhead' | 'clientsFull'): void {
    this.#port.refused(code, { name: client.label, pid: client.credentials.pid, count: MAX_CLIENTS }, client.label);
    this.#remove(client);
    this.#port.close(client.id);
    if (client.named) this.#port.post(this.#presence(client, 'leave', 'EOF'));
  }

  #remove(client: Client): void {
    this.#clients.delete(client.id);
    this.#questions.forget(client.id);
    for (const bytes of this.#waiting.get(client.id) ?? []) this.#waitingBytes -= bytes.length;
    this.#waiting.delete(client.id);
    if (client.name !== undefined) this.#signedOn -= 1;
  }

  #presence(client: Client, change: 'join' | 'leave', info: string, name = client.label): Message {
    return Message.of(
      ['t', 'hbapi-clstat'],
      ['st', change],
      ['from_id', name],
      ['to_id', name],
      ['src', this.#port.view().config.self],
      ['info', info],
      ['client_gen', String(client.generation)],
    );
  }

  #say(client: Client, message: Message): void {
    this.#put(client, writePlain(message, this.#port.view().config.msgfmt));
  }

  #put(client: Client, bytes: Uint8Array): void {
    this.#port.send(client.id, bytes);
    if (client.signal !== 0) this.#port.signal(client.credentials.pid, client.signal);
  }
}

/** The message with these fields: where they stand when it brings them along, else at its end. */
function withFields(message: Message, fields: readonly Field[]): Message {
  const brought = new Set(message.fields.map(({ name }) => name));
  return message
    .mapFields((field) => fields.find(({ name }) => name === field.name) ?? field)
    .with(...fields.filter(({ name }) => !brought.has(name)));
}

/** A word that a client wrote, for a log line. */
function shown(word: string): string {
  return word.slice(0, MAX_CLIENT_NAME_BYTES).replace(/[^\x21-\x7e]/g, '?');
}
