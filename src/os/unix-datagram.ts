import { ERRNO } from './errno.ts';
import { writeHostUint16 } from './ipv4.ts';
import { call } from './libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** `sun_path` with its closing NUL. */
const PATH_BYTES_MAX = 107;

/** Sends datagrams to a local socket by its path, which is looked up each time: a receiver that restarts is found again. */
export interface UnixDatagram {
  /** 0 when it was handed over, else the error number. Never waits. */
  send(bytes: Uint8Array): number;
  close(): void;
}

/** A path that begins with `@` names an abstract socket. */
export function createUnixDatagram(path: string): UnixDatagram {
  let fd: number | undefined;
  const name = Buffer.from(path);
  const address = Buffer.alloc(2 + name.length + (path.startsWith('@') ? 0 : 1));
  writeHostUint16(address, AF_UNIX, 0);
  name.copy(address, 2);
  if (path.startsWith('@')) address[2] = 0;

  return {
    send(bytes) {
      if (name.length === 0 || name.length > PATH_BYTES_MAX) return ERRNO.ENAMETOOLONG;
      if (fd === undefined) {
        const opened = call('socket', AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
        if (opened < 0) return -opened;
        fd = opened;
      }
      const result = call('sendto', fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length);
      return result < 0 ? -result : 0;
    },
    close() {
      if (fd !== undefined) call('close', fd);
      fd = undefined;
    },
  };
}
