import type { Fault } from '../contracts/basics.ts';
import { errnoFault, namedFault } from './errno.ts';
import { ipv4Text, readHostInt32, readHostUint16 } from './ipv4.ts';
import { call } from './libc.ts';

/** Questions about network interfaces, asked by ioctl: under a microsecond, and true for one that is down too. */
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFADDR = 0x8915;
const SIOCGIFBRDADDR = 0x8919;
const SIOCGIFNETMASK = 0x891b;
const SIOCGIFHWADDR = 0x8927;
const SIOCGIFINDEX = 0x8933;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;
const ARPHRD_ETHER = 1;
/** `struct ifreq`: 16 bytes of name, then the answer. */
const REQUEST_BYTES = 40;
const NAME_BYTES_MAX = 15;
const ANSWER_AT = 16;
const ADDRESS_AT = ANSWER_AT + 4;

let queryFd: number | undefined;

/** One socket for all questions, kept for life. */
function querySocket(): number {
  if (queryFd === undefined) {
    const fd = call('socket', AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) return fd;
    queryFd = fd;
  }
  return queryFd;
}

function ask(request: number, name: string): Buffer | Fault {
  const answer = Buffer.alloc(REQUEST_BYTES);
  const length = Buffer.byteLength(name);
  // A label such as `eth0:1` names an address, not an interface; the kernel would answer for eth0.
  if (length === 0 || length > NAME_BYTES_MAX || /[\0:]/.test(name)) return namedFault(`interface ${name}`, 'ENODEV');
  answer.write(name, 0);
  const fd = querySocket();
  const result = fd < 0 ? fd : call('ioctl', fd, request, answer);
  return result < 0 ? errnoFault(`interface ${name}`, -result) : answer;
}

function isFault(answer: Buffer | Fault): answer is Fault {
  return !Buffer.isBuffer(answer);
}

/** The kernel's number of the interface: a device made again under the same name has another one. */
export function interfaceIndex(name: string): number | Fault {
  const answer = ask(SIOCGIFINDEX, name);
  return isFault(answer) ? answer : readHostInt32(answer, ANSWER_AT);
}

export function hasInterface(name: string): boolean {
  return typeof interfaceIndex(name) === 'number';
}

/**
 * Where a broadcast on this interface goes: what the interface says, else what its address and netmask make
 * (`lo`, and addresses set without `brd`, have none of their own).
 */
export function broadcastAddress(name: string): string | Fault {
  const given = ask(SIOCGIFBRDADDR, name);
  if (isFault(given)) return given;
  const broadcast = ipv4Text(given, ADDRESS_AT);
  if (broadcast !== '0.0.0.0') return broadcast;
  const address = ask(SIOCGIFADDR, name);
  if (isFault(address)) return address;
  const netmask = ask(SIOCGIFNETMASK, name);
  if (isFault(netmask)) return netmask;
  return ipv4Text(Uint8Array.from({ length: 4 }, (_, at) => (address[ADDRESS_AT + at] ?? 0) | (~(netmask[ADDRESS_AT + at] ?? 0) & 0xff)));
}

export interface EthernetPort {
  readonly index: number;
  /** 6 bytes. */
  readonly mac: Uint8Array;
}

/** The interface as ARP sees it; undefined where ARP has no meaning (loopback, tunnels, gone meanwhile). */
export function ethernetPort(name: string): EthernetPort | undefined {
  const index = interfaceIndex(name);
  const flags = ask(SIOCGIFFLAGS, name);
  const hardware = ask(SIOCGIFHWADDR, name);
  if (typeof index !== 'number' || isFault(flags) || isFault(hardware)) return undefined;
  if ((readHostUint16(flags, ANSWER_AT) & (IFF_LOOPBACK | IFF_NOARP)) !== 0) return undefined;
  if (readHostUint16(hardware, ANSWER_AT) !== ARPHRD_ETHER) return undefined;
  return { index, mac: Uint8Array.from(hardware.subarray(ANSWER_AT + 2, ANSWER_AT + 8)) };
}
