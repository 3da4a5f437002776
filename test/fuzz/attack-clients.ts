/** Programs at the register socket who do not know how to behave. */
import { createConnection, type Socket } from 'node:net';
import { createCompressors } from '../../src/os/compressor.ts';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { type Attack, count, steadily } from './attack.ts';
import { clientMessage, frameOf } from './client-frames.ts';
import { harmlessText } from './fifo-text.ts';
import { Corpus } from './messages.ts';

const PATH = '/run/heartbeat/register';
const CLIENTS_MAX = 150;

export async function attackClients(attack: Attack): Promise<void> {
  const { dice, tally } = attack;
  const corpus = new Corpus(createCompressors(), harmlessText);
  let clients = 0;
  const { pid } = process;
  const signOn = (id: string): Buffer =>
    frameOf(
      writePlain(
        Message.of(
          ['t', 'hbapi-req'],
          ['reqtype', 'signon'],
          ['dest', 'n1'],
          ['pid', String(pid)],
          ['from_id', id],
          ['uid', '0'],
          ['gid', '0'],
        ),
        'netstring',
      ),
    );
  const some = (): Buffer => {
    const frame = clientMessage(dice, corpus, pid);
    return Buffer.from(harmlessText(frame.toString('latin1')), 'latin1');
  };
  const connect = (kind: string, act: (socket: Socket) => void): void => {
    if (clients >= CLIENTS_MAX) return;
    clients += 1;
    count(tally, kind);
    const socket = createConnection(PATH);
    socket.on('error', () => count(tally, 'hung up on'));
    socket.on('close', () => {
      clients -= 1;
    });
    socket.on('connect', () => {
      setTimeout(() => socket.destroy(), dice.pick([0, 10, 100, 1000, 10_000]));
      act(socket);
    });
  };
  const write = (socket: Socket, ...parts: readonly Buffer[]): void => {
    const all = Buffer.concat(parts);
    const cut = dice.below(all.length + 1);
    socket.write(all.subarray(0, cut));
    setTimeout(() => {
      if (!socket.destroyed) socket.write(all.subarray(cut));
    }, dice.below(50));
  };
  const several = (): Buffer[] => Array.from({ length: 1 + dice.below(8) }, some);
  await steadily(attack, () =>
    dice.choose([
      [4, () => connect('casual', (socket) => write(socket.resume(), signOn(String(pid)), ...several()))],
      [
        4,
        () =>
          connect('named', (socket) => write(socket.resume(), signOn(dice.pick(['ipfail', 'api_test', 'x', dice.word()])), ...several())),
      ],
      [2, () => connect('no sign-on', (socket) => write(socket.resume(), ...several()))],
      [1, () => connect('silent', () => undefined)],
      [2, () => connect('never reads', (socket) => write(socket.pause(), signOn(String(pid)), ...Array.from({ length: 300 }, some)))],
      [1, () => connect('half a frame', (socket) => socket.write(signOn('ipfail').subarray(0, 1 + dice.below(30))))],
      [2, () => connect('garbage', (socket) => socket.write(Buffer.from(dice.noise(400) + dice.huge(), 'latin1')))],
    ]),
  );
}
