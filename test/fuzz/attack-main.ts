/**
 * An attacker on a test host: `attack-main.ts DOOR SEED SECONDS [RATE]`. Goes on until its time is over; one line of JSON each
 * few seconds with what it has done. It knows the key, and leaves out what would rightly move resources.
 */
import type { Attack, Tally } from './attack.ts';
import { attackClients } from './attack-clients.ts';
import { attackControl } from './attack-control.ts';
import { attackFifo } from './attack-fifo.ts';
import { attackPackets } from './attack-packets.ts';
import { attackSlow } from './attack-slow.ts';
import { Dice } from './dice.ts';

const DOORS: Readonly<Record<string, { readonly act: (attack: Attack) => Promise<void>; readonly rate: number }>> = {
  packets: { act: attackPackets, rate: 300 },
  control: { act: attackControl, rate: 60 },
  fifo: { act: attackFifo, rate: 1000 },
  clients: { act: attackClients, rate: 60 },
  slow: { act: attackSlow, rate: 1000 },
};

const REPORT_MS = 2000;

const [door = '', seed, seconds, rate] = process.argv.slice(2);
const found = DOORS[door];
if (found === undefined) throw new Error(`no such door: ${door}`);
const tally: Tally = {};
const endAt = performance.now() + Number(seconds) * 1000;
const say = (): boolean => process.stdout.write(`${JSON.stringify(tally)}\n`);
const timer = setInterval(say, REPORT_MS);
await found.act({ dice: new Dice(Number(seed)), tally, rate: Number(rate ?? found.rate), ended: () => performance.now() >= endAt });
clearInterval(timer);
say();
process.exit(0);
