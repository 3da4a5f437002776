/** Local programs at the register socket: what they are and what they ask, while packets come and time passes. */
import assert from 'node:assert/strict';
import { textToBytes } from '../../src/base/bytes.ts';
import type { ClientCredentials, ClientId } from '../../src/contracts/clients.ts';
import { CLIENT_FRAME_BYTES_MAX, FrameSplitter } from '../../src/control/frames.ts';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { clientMessage, unframed } from './client-frames.ts';
import type { Dice } from './dice.ts';
import type { Fire } from './fire.ts';
import { PacketMaker } from './packets.ts';
import { corpus, createFire, meanwhile, someConfig, voices } from './packets-target.ts';
import type { Target, Trail } from './target.ts';

const STEPS = 1500;
/** As many as an engine under test has to bear at once; the sockets have a bound of their own. */
const CLIENTS_MAX = 60;

function credentials(dice: Dice): ClientCredentials {
  const account = dice.pick<Pick<ClientCredentials, 'uid' | 'gid' | 'user' | 'group'>>([
    { uid: 0, gid: 0, user: 'root', group: 'root' },
    { uid: 899, gid: 899, user: 'hacluster', group: 'haclient' },
    { uid: 65_534, gid: 65_534 },
    { uid: 0xffff_ffff, gid: 0, user: '__proto__', group: 'constructor' },
  ]);
  return { pid: 100 + dice.below(30), ...account };
}

function signOn(dice: Dice, { pid, uid, gid }: ClientCredentials): Uint8Array {
  const id = dice.pick([String(pid), String(pid), 'ipfail', 'api_test', 'ping', dice.word().replaceAll('\0', '')]);
  const fields: [string, string][] = [
    ['t', 'hbapi-req'],
    ['reqtype', 'signon'],
    ['dest', 'n2'],
    ['pid', String(dice.chance(8) ? dice.below(200) : pid)],
  ];
  fields.push(['from_id', id], ['uid', String(dice.chance(8) ? 0 : uid)], ['gid', String(gid)]);
  const message = Message.of(...fields);
  return writePlain(dice.chance(8) ? corpus.mutate(dice, message) : message, dice.pick(['classic', 'netstring']));
}

/** One client does one thing; the engine may have closed it long ago, and must not mind. */
function local(fire: Fire, clients: Map<ClientId, ClientCredentials>, dice: Dice, trail: Trail): void {
  const [id, who] = [...clients][dice.below(clients.size + 1)] ?? [];
  if (id === undefined || who === undefined) {
    const next = fire.inputs + 1;
    const made = credentials(dice);
    if (clients.size >= CLIENTS_MAX) return;
    clients.set(next, made);
    fire.give({ kind: 'clientConnected', client: next, credentials: made });
    if (dice.chance(8)) return;
    const bytes = signOn(dice, made);
    trail.add('sign-on', bytes);
    fire.give({ kind: 'clientMessage', client: next, bytes });
    return;
  }
  if (dice.chance(20)) {
    clients.delete(id);
    fire.give({ kind: 'clientGone', client: id });
    return;
  }
  if (dice.chance(4)) {
    framed(fire, id, who, dice, trail);
    return;
  }
  const bytes = dice.chance(12) ? textToBytes(dice.noise(200)) : unframed(dice, corpus, who.pid);
  trail.add('client', bytes);
  fire.give({ kind: 'clientMessage', client: id, bytes });
}

/** As it comes through the socket, in pieces; what is no frame ends the client. */
function framed(fire: Fire, id: ClientId, { pid }: ClientCredentials, dice: Dice, trail: Trail): void {
  const splitter = new FrameSplitter();
  for (let left = 1 + dice.below(4); left > 0 && !splitter.broken; left -= 1) {
    const bytes = clientMessage(dice, corpus, pid);
    trail.add('frame', bytes);
    const cut = dice.below(bytes.length + 1);
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      for (const body of splitter.push(piece)) {
        assert.ok(body.length <= CLIENT_FRAME_BYTES_MAX, `a body of ${body.length} bytes`);
        fire.give({ kind: 'clientMessage', client: id, bytes: body });
      }
    }
  }
}

export const clients: Target = {
  name: 'clients',
  episode(dice: Dice, trail: Trail): number {
    const config = { ...someConfig(dice), apiauth: [{ client: 'api_test', users: ['root', '899', '__proto__'], groups: ['haclient'] }] };
    const maker = new PacketMaker(corpus, config.auth);
    const fire = createFire(config, dice);
    const speakers = voices(dice);
    const there = new Map<ClientId, ClientCredentials>();
    for (let left = STEPS; left > 0 && !fire.ended; left -= 1) {
      if (dice.chance(10)) meanwhile(fire, config, dice);
      const [speaker] = speakers;
      if (dice.chance(4) && speaker !== undefined) {
        fire.give({ kind: 'frame', medium: 'bcast eth1', bytes: maker.authentic(dice, speaker), from: '10.77.1.1' });
      }
      local(fire, there, dice, trail);
    }
    fire.give({ kind: 'stopAsked' });
    fire.pass(100_000);
    return fire.inputs;
  },
};
