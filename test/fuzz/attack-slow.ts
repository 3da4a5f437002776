/**
 * Programs that are in no hurry: they connect and say nothing, say half of it, or never read what they asked for; and one
 * that writes into the FIFO faster than anybody needs to. All of them go on to the end.
 */
import { constants, openSync, writeSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { type Attack, count, steadily } from './attack.ts';
import { frameOf } from './client-frames.ts';

const REGISTER = '/run/heartbeat/register';
const CONTROL = '/run/heartbeat/control';
const FIFO = '/var/lib/heartbeat/fifo';
const OF_EACH = 30;

const frame = (...fields: (readonly [string, string])[]): Buffer => frameOf(writePlain(Message.of(...fields), 'netstring'));

function connect(attack: Attack, kind: string, path: string, act: (socket: Socket) => void): void {
  const again = (): void => {
    if (attack.ended()) return;
    const socket = createConnection(path);
    socket.on('error', () => undefined);
    // Hung up on: back it comes, but not at once.
    socket.on('close', () => setTimeout(again, 500));
    socket.on('connect', () => {
      count(attack.tally, kind);
      act(socket);
    });
  };
  again();
}

export async function attackSlow(attack: Attack): Promise<void> {
  const pid = String(process.pid);
  const ask = (id: string, ...fields: (readonly [string, string])[]): Buffer =>
    frame(['t', 'hbapi-req'], ['dest', 'n1'], ['pid', pid], ['from_id', id], ...fields);
  const signOn = (id: string): Buffer => ask(id, ['reqtype', 'signon'], ['uid', '0'], ['gid', '0']);
  const questions = Buffer.concat(Array.from({ length: 500 }, () => ask(pid, ['reqtype', 'nodelist'])));
  for (let number = 0; number < OF_EACH; number += 1) {
    connect(attack, 'silent', REGISTER, (socket) => socket.resume());
    connect(attack, 'half a frame', REGISTER, (socket) => socket.resume().write(signOn(pid).subarray(0, 20 + number)));
    connect(attack, 'never reads', REGISTER, (socket) => {
      socket.pause();
      socket.write(signOn(pid));
      // Everything there is: each message of the cluster is sent to it.
      socket.write(ask(pid, ['reqtype', 'setfilter'], ['fmask', '3f']));
      socket.write(questions);
    });
    connect(attack, 'control, silent', CONTROL, (socket) => socket.resume());
    connect(attack, 'control, never reads', CONTROL, (socket) => socket.pause().write('{"op":"status"}\n'.repeat(2000)));
  }
  const fd = openSync(FIFO, constants.O_WRONLY | constants.O_NONBLOCK);
  let number = 0;
  await steadily(attack, () => {
    number += 1;
    try {
      writeSync(fd, `>>>\nt=slow_test\nnumber=${number}\n<<<\n`);
      count(attack.tally, 'packets written');
    } catch {
      count(attack.tally, 'fifo full');
    }
  });
}
