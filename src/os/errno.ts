import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Fault } from '../contracts/basics.ts';

/** The sentences of the C library for what a medium or a script may meet: people know and grep for them. */
const SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAGAIN: 'Resource temporarily unavailable',
  ECONNREFUSED: 'Connection refused',
  EEXIST: 'File exists',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EMFILE: 'Too many open files',
  EMSGSIZE: 'Message too long',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ENOBUFS: 'No buffer space available',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOSYS: 'Function not implemented',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
};

export const ERRNO = constants.errno;

export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `E${errno}`;
  }
}

/** `what` says which step failed: `SO_BINDTODEVICE eth7`. */
export function errnoFault(what: string, errno: number): Fault {
  return namedFault(what, errnoName(errno));
}

export function namedFault(what: string, code: string): Fault {
  return { code, detail: `${what}: ${SENTENCES[code] ?? code}` };
}

/** A Fault out of whatever a Node call threw or handed to its callback. */
export function thrownFault(what: string, error: unknown): Fault {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  if (typeof code === 'string') return namedFault(what, code);
  return { code: 'failed', detail: `${what}: ${error instanceof Error ? error.message : String(error)}` };
}
