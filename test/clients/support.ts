/** A local program at the client socket of an engine under test. */
import assert from 'node:assert/strict';
import { bytesToText } from '../../src/base/bytes.ts';
import type { ApiAuth, ClientCredentials } from '../../src/contracts/clients.ts';
import type { Effect } from '../../src/contracts/engine.ts';
import { Message } from '../../src/protocol/message.ts';
import { readPlain, writePlain } from '../../src/protocol/plain.ts';
import type { Rig } from '../engine/support.ts';

export const ROOT: ClientCredentials = { pid: 400, uid: 0, gid: 0, user: 'root', group: 'root' };

export const APIAUTH: readonly ApiAuth[] = [
  { client: 'mycl', users: ['root'], groups: [] },
  { client: 'ipfail', users: ['hacluster'], groups: [] },
  { client: 'anon', users: ['root'], groups: ['haclient'] },
];

let nextId = 1;

export class TestClient {
  readonly id = nextId++;
  readonly rig: Rig;
  readonly who: ClientCredentials;
  readonly name: string;
  /** Everything it was sent, oldest first. */
  readonly frames: Uint8Array[] = [];
  closed = false;
  signals = 0;
  #taken: number;
  #read = 0;

  constructor(rig: Rig, name?: string, who: ClientCredentials = ROOT) {
    this.rig = rig;
    this.who = who;
    this.name = name ?? String(who.pid);
    this.#taken = rig.effects.length;
    rig.give({ kind: 'clientConnected', client: this.id, credentials: who });
    this.look();
  }

  /** Takes what the engine has said to it since. */
  look(): void {
    for (const effect of this.rig.effects.slice(this.#taken) as readonly Effect[]) {
      if (effect.kind === 'clientSend' && effect.client === this.id) {
        assert.ok(!this.closed, 'nothing is said to a client that was cut off');
        this.frames.push(effect.bytes);
      }
      if (effect.kind === 'clientClose' && effect.client === this.id) this.closed = true;
      if (effect.kind === 'clientSignal' && effect.pid === this.who.pid) this.signals += 1;
    }
    this.#taken = this.rig.effects.length;
  }

  write(bytes: Uint8Array): void {
    this.rig.give({ kind: 'clientMessage', client: this.id, bytes });
    this.look();
  }

  say(...pairs: readonly (readonly [string, string])[]): void {
    this.write(writePlain(Message.of(...pairs), 'netstring'));
  }

  request(type: string, ...pairs: readonly (readonly [string, string])[]): Message[] {
    this.heard();
    this.say(
      ['t', 'hbapi-req'],
      ['reqtype', type],
      ['dest', this.rig.config.self],
      ['pid', String(this.who.pid)],
      ['from_id', this.name],
      ...pairs,
    );
    return this.heard();
  }

  signOn(): this {
    const { uid, gid } = this.who;
    const answers = this.request('signon', ['uid', String(uid)], ['gid', String(gid)]);
    assert.equal(answers.at(-1)?.get('result'), 'OK');
    return this;
  }

  leave(): void {
    this.rig.give({ kind: 'clientGone', client: this.id });
    this.look();
  }

  /** What came since the last look, read. */
  heard(): Message[] {
    this.look();
    const fresh = this.frames.slice(this.#read);
    this.#read = this.frames.length;
    return fresh.map((bytes) => {
      const message = readPlain(bytes);
      assert.ok(message !== undefined, `a client can read ${bytesToText(bytes)}`);
      return message;
    });
  }

  /** One line per message: all text fields but those of the header. */
  lines(): string[] {
    return this.heard().map(line);
  }
}

const HEADER: ReadonlySet<string> = new Set(['srcuuid', 'destuuid', 'seq', 'hg', 'ts', 'ld', 'ttl', 'auth']);

export function line(message: Message): string {
  return message.fields
    .filter(({ name }) => !HEADER.has(name))
    .map(({ name, value }) => `${name}=${value}`)
    .join(' ');
}
