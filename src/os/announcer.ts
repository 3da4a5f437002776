import { networkInterfaces } from 'node:os';
import type { Fault } from '../contracts/basics.ts';
import type { Announcer } from '../contracts/host.ts';
import { arpFrame } from './arp.ts';
import { errnoFault, thrownFault } from './errno.ts';
import { type EthernetPort, ethernetPort } from './interfaces.ts';
import { ipv4Bytes, writeHostInt32, writeHostUint16 } from './ipv4.ts';
import { call } from './libc.ts';

const AF_PACKET = 17;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0x800 | 0x80000;
const MSG_DONTWAIT = 0x40;
const ETH_P_ARP = 0x0806;
export interface AnnouncerOptions {
  /** Once for each address that cannot be announced, until it can. */
  failed(address: string, fault: Fault): void;
}

/** More addresses than any host takes over at a time. */
const FAILED_MAX = 1024;

/**
 * Tells the network where an address now is, from inside this process: the frames are out before `announce` returns.
 * The interface is looked for in each round, since the script may have moved the address. It has no timer: a process
 * that stood still would repeat by it what is not true any more.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer & { close(): void } {
  const failing = new Set<string>();
  let fd: number | undefined;

  function packetSocket(): number {
    if (fd !== undefined) return fd;
    // Protocol 0: it sends, and hears nothing.
    const opened = call('socket', AF_PACKET, SOCK_RAW_NONBLOCK_CLOEXEC, 0);
    if (opened >= 0) fd = opened;
    return opened;
  }

  function sendRound(address: string, bytes: Uint8Array): Fault | undefined {
    const ports = portsHolding(address);
    if (!Array.isArray(ports)) return ports;
    if (ports.length === 0) return undefined;
    const socket = packetSocket();
    if (socket < 0) return errnoFault('packet socket', -socket);
    let fault: Fault | undefined;
    for (const port of ports) {
      const destination = linkAddress(port);
      for (const operation of ['request', 'reply'] as const) {
        const frame = arpFrame(operation, port.mac, bytes);
        const result = call('sendto', socket, frame, frame.length, MSG_DONTWAIT, destination, destination.length);
        if (result < 0) fault = errnoFault(`ARP for ${address}`, -result);
      }
    }
    return fault;
  }

  return {
    announce(address) {
      const bytes = ipv4Bytes(address);
      if (bytes === undefined) return;
      const fault = sendRound(address, bytes);
      if (fault === undefined) failing.delete(address);
      else if (!failing.has(address) && failing.size < FAILED_MAX) {
        failing.add(address);
        options.failed(address, fault);
      }
    },
    close() {
      if (fd !== undefined) call('close', fd);
      fd = undefined;
    },
  };
}

/** Every Ethernet port that holds the address, as an alias (`eth0:1`) or its own. Empty when ARP has no say there. */
function portsHolding(address: string): EthernetPort[] | Fault {
  let interfaces: ReturnType<typeof networkInterfaces>;
  try {
    interfaces = networkInterfaces();
  } catch (error) {
    return thrownFault('list of interfaces', error);
  }
  const names = new Set<string>();
  for (const [label, held] of Object.entries(interfaces)) {
    if (held?.some((entry) => entry.address === address) === true) names.add(label.split(':', 1)[0] ?? label);
  }
  return [...names].map(ethernetPort).filter((port) => port !== undefined);
}

/** `struct sockaddr_ll` with the broadcast hardware address. */
function linkAddress(port: EthernetPort): Uint8Array {
  const bytes = Buffer.alloc(20);
  writeHostUint16(bytes, AF_PACKET, 0);
  bytes.writeUInt16BE(ETH_P_ARP, 2);
  writeHostInt32(bytes, port.index, 4);
  bytes[11] = 6;
  bytes.fill(0xff, 12, 18);
  return bytes;
}
