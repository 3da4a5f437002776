/** Callers of the control socket who do not know how to behave. */
import { createConnection, type Socket } from 'node:net';
import { readRequest } from '../../src/control/operations.ts';
import { type Attack, count, steadily } from './attack.ts';
import { controlLine } from './control-target.ts';
import type { Dice } from './dice.ts';

const PATH = '/run/heartbeat/control';
const CALLERS_MAX = 90;
const STATUS = '{"op":"status"}\n';

/** Whatever is understood and is more than a question would rightly change the cluster. */
function harmless(line: string): boolean {
  const read = readRequest(Buffer.from(line, 'latin1').toString('utf8'));
  return !read.ok || read.request.name === 'status';
}

function lines(dice: Dice): string {
  const made = Array.from({ length: 1 + dice.below(6) }, () => controlLine(dice));
  return made.filter((line) => line.split('\n').every(harmless)).join('\n');
}

export async function attackControl(attack: Attack): Promise<void> {
  const { dice, tally } = attack;
  let callers = 0;
  const call = (kind: string, act: (socket: Socket) => void): void => {
    if (callers >= CALLERS_MAX) return;
    callers += 1;
    count(tally, kind);
    const socket = createConnection(PATH);
    socket.on('error', () => count(tally, 'hung up on'));
    socket.on('close', () => {
      callers -= 1;
    });
    socket.on('connect', () => act(socket));
  };
  const leave = (socket: Socket, ms: number): void => {
    setTimeout(() => socket.destroy(), ms);
  };
  await steadily(attack, () =>
    dice.choose([
      [6, () => call('lines', (socket) => socket.resume().end(`${lines(dice)}\n`, 'latin1'))],
      [6, () => call('status', (socket) => socket.resume().end(STATUS))],
      [
        1,
        () =>
          call('half a line', (socket) => leave(socket.resume(), 200 * dice.below(100)) ?? socket.write(STATUS.slice(0, dice.below(14)))),
      ],
      [
        1,
        () =>
          call(
            'never reads',
            (socket) => leave(socket.pause(), 200 * dice.below(100)) ?? socket.write(STATUS.repeat(dice.pick([1, 100, 4000]))),
          ),
      ],
      [1, () => call('silent', (socket) => leave(socket, 200 * dice.below(100)))],
      [1, () => call('huge', (socket) => socket.resume().end('x'.repeat(dice.pick([65_535, 65_536, 65_537, 1 << 20]))))],
      [2, () => call('abrupt', (socket) => socket.write(STATUS.repeat(3), () => socket.destroy()))],
    ]),
  );
}
