/** Run in a network namespace of its own with a veth pair a0 - b0: what a0 announces is seen on b0. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createAnnouncer } from '../../src/os/announcer.ts';
import { arpFrame } from '../../src/os/arp.ts';
import { ethernetPort, interfaceIndex } from '../../src/os/interfaces.ts';
import { writeHostInt32, writeHostUint16 } from '../../src/os/ipv4.ts';
import { call } from '../../src/os/libc.ts';
import { pause } from './support.ts';

const ip = (words: string) => execFileSync('ip', words.split(' '), { stdio: ['ignore', 'ignore', 'inherit'] });
ip('link add a0 type veth peer name b0');
ip('addr add 10.9.0.1/24 dev a0');
ip('addr add 10.9.0.77/24 dev a0 label a0:0');
ip('link set a0 up');
ip('link set b0 up');
ip('link set lo up');

const index = interfaceIndex('b0');
assert.ok(typeof index === 'number');
const ETH_P_ARP = 0x0806;
const listener = call('socket', 17, 3 | 0x800, ((ETH_P_ARP & 0xff) << 8) | (ETH_P_ARP >> 8));
assert.ok(listener >= 0);
const place = Buffer.alloc(20);
writeHostUint16(place, 17, 0);
place.writeUInt16BE(ETH_P_ARP, 2);
writeHostInt32(place, index, 4);
assert.equal(call('bind', listener, place, place.length), 0);

/** All ARP frames for the address that have arrived on b0 until now, as hex. */
function heard(): string[] {
  const frames: string[] = [];
  for (;;) {
    const frame = Buffer.alloc(100);
    const count = call('recv', listener, frame, frame.length, 0);
    if (count < 0) return frames;
    frames.push(frame.subarray(0, count).toString('hex'));
  }
}

const port = ethernetPort('a0');
assert.ok(port);
const address = Uint8Array.of(10, 9, 0, 77);
const pair = [arpFrame('request', port.mac, address), arpFrame('reply', port.mac, address)].map((frame) =>
  Buffer.from(frame).toString('hex'),
);

const faults: string[] = [];
const announcer = createAnnouncer({ failed: (_, fault) => faults.push(fault.detail) });
heard();
announcer.announce('10.9.0.77');
// Both are out before the call has returned.
assert.deepEqual(heard(), pair);
const costs: number[] = [];
for (let turn = 0; turn < 50; turn += 1) {
  const begin = performance.now();
  announcer.announce('10.9.0.77');
  costs.push(performance.now() - begin);
}
await pause(120);
// One round for each call, and nothing by itself.
assert.equal(heard().length, 100);

// Not held, without meaning, or no address at all: silence and no fault.
for (const other of ['10.9.0.99', '127.0.0.1', 'nonsense', '::1']) announcer.announce(other);
await pause(120);
assert.deepEqual([heard(), faults], [[], []]);
announcer.close();
costs.sort((one, two) => one - two);
console.log(`done, median ${costs[25]?.toFixed(3)} ms`);
