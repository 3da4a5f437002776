import { isIPv4 } from 'node:net';

export function isIpv4(text: string): boolean {
  return isIPv4(text);
}

/** Four bytes of a dotted address; undefined when it is not one. */
export function ipv4Bytes(address: string): Uint8Array | undefined {
  return isIPv4(address) ? Uint8Array.from(address.split('.'), Number) : undefined;
}

export function ipv4Text(bytes: Uint8Array, at = 0): string {
  return bytes.subarray(at, at + 4).join('.');
}

/** `struct sockaddr_in`: family in host order, port and address in network order. */
export function ipv4SocketAddress(address: Uint8Array, port: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  writeHostUint16(bytes, 2, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address.subarray(0, 4), 4);
  return bytes;
}

const hostIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function writeHostUint16(bytes: Buffer, value: number, at: number): void {
  if (hostIsLittleEndian) bytes.writeUInt16LE(value, at);
  else bytes.writeUInt16BE(value, at);
}

export function readHostUint16(bytes: Buffer, at: number): number {
  return hostIsLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
}

export function writeHostInt32(bytes: Buffer, value: number, at: number): void {
  if (hostIsLittleEndian) bytes.writeInt32LE(value, at);
  else bytes.writeInt32BE(value, at);
}

export function readHostInt32(bytes: Buffer, at: number): number {
  return hostIsLittleEndian ? bytes.readInt32LE(at) : bytes.readInt32BE(at);
}
