import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { readHostInt32 } from './ipv4.ts';
import { call } from './libc.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;

export interface PeerNumbers {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** Who connected, as the kernel wrote it down at that moment; nothing when it cannot be asked. */
export function peerCredentials(socket: Socket): PeerNumbers | undefined {
  // Node keeps the descriptor of a local socket here and has no public word for it.
  const fd = (socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null })._handle?.fd;
  if (typeof fd !== 'number' || fd < 0) return undefined;
  const numbers = Buffer.alloc(UCRED_BYTES);
  const length = Int32Array.of(UCRED_BYTES);
  if (call('getsockopt', fd, SOL_SOCKET, SO_PEERCRED, numbers, length) < 0 || length[0] !== UCRED_BYTES) return undefined;
  return { pid: readHostInt32(numbers, 0), uid: readHostInt32(numbers, 4) >>> 0, gid: readHostInt32(numbers, 8) >>> 0 };
}

/** Users who may send it a signal: its real and its saved user. None when there is no such process. */
export function processOwners(pid: number): readonly number[] {
  if (pid <= 0) return [];
  try {
    // `Uid:` real, effective, saved, of the file system.
    const [, real, saved] = /^Uid:\t(\d+)\t\d+\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return real === undefined || saved === undefined ? [] : [Number(real), Number(saved)];
  } catch {
    return [];
  }
}

/** Start time of a process: with the pid it names one process for ever, however soon the number is given out again. */
export function processMark(pid: number): string | undefined {
  if (pid <= 0) return undefined;
  try {
    // /proc is no disk: this answers at once.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // `pid (name) state ...`: the name may hold blanks and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
