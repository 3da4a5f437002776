/** Frames of the register socket (wire-protocol 10.2): good ones, and what is nearly one. */
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import { Message } from '../../src/protocol/message.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import type { Dice } from './dice.ts';
import type { Corpus } from './messages.ts';

const MAGIC = 0xabcd;
const REQUESTS = [
  ...['signon', 'signoff', 'setfilter', 'setsignal', 'nodelist', 'nodestatus', 'nodetype', 'nodeweight', 'nodesite', 'numnodes', 'iflist'],
  ...['ifstatus', 'clientstatus', 'getparm', 'getrsc', 'getuuid', 'getnodename', 'set_sendqlen', '__proto__', 'nonsense', ''],
];
const ARGUMENTS = [
  'node',
  'ifname',
  'cn',
  'pname',
  'fmask',
  'signal',
  'queryname',
  'queryuuid',
  'sendqlen',
  'uid',
  'gid',
  'pid',
  'from_id',
  'dest',
];

/** Length and magic in the byte order of this host. */
export function frameOf(bytes: Uint8Array, length = bytes.length, magic = MAGIC): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32LE(length | 0, 0);
  head.writeUInt32LE(magic >>> 0, 4);
  return Buffer.concat([head, bytes]);
}

/** A request with arguments that mostly fit, one character per byte. Signals are left out: they would end the attacker. */
function request(dice: Dice, pid: number): Message {
  const fields: [string, string][] = [
    ['t', 'hbapi-req'],
    ['reqtype', dice.pick(REQUESTS)],
    ['dest', dice.pick(['n1', 'n2', dice.word()])],
    ['pid', String(pid)],
    ['from_id', dice.pick([String(pid), 'ipfail', dice.word()])],
  ];
  for (const name of ARGUMENTS) {
    if (dice.chance(3))
      fields.push([name, name === 'signal' ? '0' : dice.chance(2) ? dice.pick(['n1', 'n2', 'eth0', 'deadtime', 'ff']) : dice.value()]);
  }
  return Message.of(...fields.map(([name, value]): [string, string] => [name, value.replaceAll('\0', '')]));
}

/** What a client sends next, without its frame. */
export function unframed(dice: Dice, corpus: Corpus, pid: number): Uint8Array {
  const message = dice.chance(3) ? corpus.message(dice) : dice.chance(4) ? corpus.mutate(dice, request(dice, pid)) : request(dice, pid);
  return writePlain(message, dice.pick(['classic', 'netstring']));
}

/** What a client sends next, framed well or badly. */
export function clientMessage(dice: Dice, corpus: Corpus, pid: number): Buffer {
  const bytes = unframed(dice, corpus, pid);
  return dice.choose([
    [10, () => frameOf(bytes)],
    [2, () => frameOf(textToBytes(dice.damage(bytesToText(bytes))))],
    [1, () => frameOf(bytes, dice.pick([0, -1, 1, 7, 65_536, 1 << 20, 0x7fffffff, -0x80000000]))],
    [1, () => frameOf(bytes, bytes.length, dice.pick([0, 0xabce, 0xcdab0000, 0xffffffff]))],
  ]);
}
