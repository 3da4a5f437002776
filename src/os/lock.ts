import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import type { Fault } from '../contracts/basics.ts';
import { ERRNO, errnoFault, thrownFault } from './errno.ts';
import { call } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

export interface Lock {
  /** The lock belongs to what is open here: whoever inherits the descriptor has it. */
  readonly fd: number;
  release(): void;
}

/**
 * Takes a file for the life of this process: two daemons on one port would both hear everything (REUSEADDR), so
 * the socket is no guard. The kernel lets go when the process ends, however it ends; children do not inherit it.
 *
 * Faults: `held` when another process has it, else what the system said.
 */
export function takeLock(file: string): Lock | Fault {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    return thrownFault(file, error);
  }
  return lockOpen(file, fd);
}

/** The lock of the program before this one in the same process, if `fd` is it; else, as at any start, the file's. */
export function keepLock(file: string, fd: number): Lock | Fault {
  try {
    const open = fstatSync(fd);
    const named = statSync(file);
    if (open.ino === named.ino && open.dev === named.dev) return lockOpen(file, fd);
  } catch {
    // Nothing is open there, or the file has gone.
  }
  return takeLock(file);
}

function lockOpen(file: string, fd: number): Lock | Fault {
  const result = call('flock', fd, LOCK_EX | LOCK_NB);
  if (result < 0) {
    closeSync(fd);
    return -result === ERRNO.EWOULDBLOCK ? { code: 'held', detail: `${file} is held by another process` } : errnoFault(file, -result);
  }
  let held = true;
  return {
    fd,
    release() {
      if (held) closeSync(fd);
      held = false;
    },
  };
}
