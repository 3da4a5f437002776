import type { Fault } from '../contracts/basics.ts';
import { ERRNO, errnoFault, namedFault } from './errno.ts';
import { interfaceIndex } from './interfaces.ts';
import { ipv4Bytes, ipv4SocketAddress, writeHostInt32 } from './ipv4.ts';
import { call } from './libc.ts';

/**
 * UDP sockets bound to one interface (wire-protocol 8.1-8.3), which plain Node cannot make.
 *
 * The receiver is a bare descriptor for `dgram.createSocket('udp4').bind({ fd })`; the sender is used through
 * `sendTo`, which never waits. On loopback, and for ports above 1023, no special rights are needed.
 */
const AF_INET = 2;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
const IPPROTO_IP = 0;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_DONTROUTE = 5;
const SO_BROADCAST = 6;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_BINDTODEVICE = 25;
const IP_TOS = 1;
const IP_MULTICAST_IF = 32;
const IP_MULTICAST_TTL = 33;
const IP_MULTICAST_LOOP = 34;
const IP_ADD_MEMBERSHIP = 35;
const IP_MULTICAST_ALL = 49;
const IPTOS_LOWDELAY = 0x10;
const MSG_PEEK = 0x02;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** Room for some seconds of a busy cluster while this process is held up. */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;

export interface ReceiverSpec {
  readonly device: string;
  readonly port: number;
  /** Joined on the device and bound to; without it the socket takes all that is addressed to the port. */
  readonly group?: string;
  /** Several sockets for one port that all get unicasts by turns (ucast). */
  readonly reusePort?: boolean;
}

export interface SenderSpec {
  readonly device: string;
  readonly broadcast?: boolean;
  readonly multicast?: { readonly ttl: number; readonly loop: boolean };
}

/** An open socket and the interface it hangs on, as it was before the binding. */
export interface BoundSocket {
  readonly fd: number;
  readonly interfaceIndex: number;
}

interface Option {
  readonly name: string;
  readonly level: number;
  readonly option: number;
  readonly value: Uint8Array;
  /** Its absence costs nothing but convenience. */
  readonly optional?: true;
}

function number(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  writeHostInt32(bytes, value, 0);
  return bytes;
}

/** `struct ip_mreqn`: group, address (any), interface number. */
function membership(group: Uint8Array, index: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.set(group, 0);
  writeHostInt32(bytes, index, 8);
  return bytes;
}

function open(device: string, options: (index: number) => readonly Option[], address?: Uint8Array): BoundSocket | Fault {
  const index = interfaceIndex(device);
  if (typeof index !== 'number') return index;
  const fd = call('socket', AF_INET, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) return errnoFault('socket', -fd);
  const toDevice: Option = {
    name: `SO_BINDTODEVICE ${device}`,
    level: SOL_SOCKET,
    option: SO_BINDTODEVICE,
    value: Buffer.from(`${device}\0`),
  };
  const lowDelay: Option = { name: 'IP_TOS', level: IPPROTO_IP, option: IP_TOS, value: number(IPTOS_LOWDELAY), optional: true };
  for (const { name, level, option, value, optional } of [toDevice, lowDelay, ...options(index)]) {
    const result = call('setsockopt', fd, level, option, value, value.length);
    if (result < 0 && optional !== true) {
      closeDescriptor(fd);
      return errnoFault(name, -result);
    }
  }
  const bound = address === undefined ? 0 : call('bind', fd, address, address.length);
  if (bound < 0) {
    closeDescriptor(fd);
    return errnoFault('bind', -bound);
  }
  return { fd, interfaceIndex: index };
}

export function openReceiver(spec: ReceiverSpec): BoundSocket | Fault {
  const group = spec.group === undefined ? undefined : ipv4Bytes(spec.group);
  if (spec.group !== undefined && group === undefined) return namedFault(`group ${spec.group}`, 'EINVAL');
  const address = ipv4SocketAddress(group ?? Uint8Array.of(0, 0, 0, 0), spec.port);
  return open(
    spec.device,
    (index) => [
      { name: 'SO_REUSEADDR', level: SOL_SOCKET, option: SO_REUSEADDR, value: number(1) },
      ...(spec.reusePort === true ? [{ name: 'SO_REUSEPORT', level: SOL_SOCKET, option: SO_REUSEPORT, value: number(1) }] : []),
      { name: 'SO_RCVBUF', level: SOL_SOCKET, option: SO_RCVBUF, value: number(RECEIVE_BUFFER_BYTES), optional: true },
      ...(group === undefined
        ? []
        : [
            { name: 'IP_MULTICAST_ALL', level: IPPROTO_IP, option: IP_MULTICAST_ALL, value: number(0), optional: true as const },
            { name: 'IP_ADD_MEMBERSHIP', level: IPPROTO_IP, option: IP_ADD_MEMBERSHIP, value: membership(group, index) },
          ]),
    ],
    address,
  );
}

export function openSender(spec: SenderSpec): BoundSocket | Fault {
  const { broadcast, multicast } = spec;
  return open(spec.device, (index) => [
    // Nothing is ever read here: keep what strangers send to this port out of memory.
    { name: 'SO_RCVBUF', level: SOL_SOCKET, option: SO_RCVBUF, value: number(0), optional: true },
    ...(broadcast === true
      ? [
          { name: 'SO_BROADCAST', level: SOL_SOCKET, option: SO_BROADCAST, value: number(1) },
          { name: 'SO_DONTROUTE', level: SOL_SOCKET, option: SO_DONTROUTE, value: number(1), optional: true as const },
        ]
      : []),
    ...(multicast === undefined
      ? []
      : [
          { name: 'IP_MULTICAST_IF', level: IPPROTO_IP, option: IP_MULTICAST_IF, value: membership(Uint8Array.of(0, 0, 0, 0), index) },
          { name: 'IP_MULTICAST_TTL', level: IPPROTO_IP, option: IP_MULTICAST_TTL, value: number(multicast.ttl) },
          { name: 'IP_MULTICAST_LOOP', level: IPPROTO_IP, option: IP_MULTICAST_LOOP, value: number(multicast.loop ? 1 : 0) },
        ]),
  ]);
}

/** A destination, made once and used for every packet. Undefined when the address is not IPv4. */
export function destinationOf(address: string, port: number): Uint8Array | undefined {
  const bytes = ipv4Bytes(address);
  return bytes === undefined ? undefined : ipv4SocketAddress(bytes, port);
}

/** One datagram. 0 when it left, else the error number; never waits. */
export function sendTo(fd: number, frame: Uint8Array, destination: Uint8Array): number {
  const result = call('sendto', fd, frame, frame.length, MSG_DONTWAIT | MSG_NOSIGNAL, destination, destination.length);
  return result < 0 ? -result : 0;
}

/** A datagram waits to be read. It stays where it is. */
export function hasArrived(fd: number): boolean {
  const one = new Uint8Array(1);
  return call('recv', fd, one, one.length, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

/** Would a packet find a way now? Asks for the route on a socket of its own; nothing is sent. 0 or the error number. */
export function probeRoute(spec: SenderSpec, destination: Uint8Array): number {
  const probe = openSender(spec);
  if (!('fd' in probe)) return ERRNO.ENETDOWN;
  const result = call('connect', probe.fd, destination, destination.length);
  closeDescriptor(probe.fd);
  return result < 0 ? -result : 0;
}

export function closeDescriptor(fd: number): void {
  call('close', fd);
}
