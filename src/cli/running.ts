import fs from 'node:fs';
import { guardianPath, pidFilePath } from '../base/places.ts';

/** What the pid file says about a daemon. `mark` tells a process from a later one with the same number. */
export type Running =
  | { readonly kind: 'running'; readonly pid: number; readonly mark: string }
  /** No pid file. */
  | { readonly kind: 'none' }
  /** It names this very process: a start in place, or a number that has come round again. */
  | { readonly kind: 'own' }
  /** A pid file whose process has gone, is a zombie, or is some other program. */
  | { readonly kind: 'stale' };

const PID_FILE_BYTES_MAX = 64;

/**
 * Reads `<runDir>/heartbeat.pid`. 3.0.6 takes any process of that number for a heartbeat, and refuses to start for it
 * (tools 1); here it must also be called so.
 */
export function findRunning(runDir: string): Running {
  const text = readStart(pidFilePath(runDir), PID_FILE_BYTES_MAX);
  if (text === undefined) return { kind: 'none' };
  const digits = /^\s*(\d{1,10})\s*$/.exec(text)?.[1];
  // A kept pid file may name ourselves: containers and fixed start orders give the same number again.
  if (Number(digits) === process.pid) return { kind: 'own' };
  const mark = digits === undefined ? undefined : heartbeatMark(Number(digits));
  return mark === undefined ? { kind: 'stale' } : { kind: 'running', pid: Number(digits), mark };
}

/** The guardian that stands by here, if its process lives and is one. */
export function findGuardian(runDir: string): number | undefined {
  const digits = /^\s*(\d{1,10})\s*$/.exec(readStart(guardianPath(runDir), PID_FILE_BYTES_MAX) ?? '')?.[1];
  if (digits === undefined) return undefined;
  const words = readStart(`/proc/${digits}/cmdline`, 4096)?.split('\0') ?? [];
  return words.slice(0, 2).some((word) => word.endsWith('/guardian')) && words.includes(`${runDir}/heartbeat`) ? Number(digits) : undefined;
}

/** Start time of a live process that is called heartbeat; nothing when `pid` is none. */
export function heartbeatMark(pid: number): string | undefined {
  const stat = readStart(`/proc/${pid}/stat`, 4096);
  // `pid (comm) state ppid ... starttime`: comm may hold blanks and parentheses, so look for the last one.
  const open = stat?.indexOf('(') ?? -1;
  const close = stat?.lastIndexOf(')') ?? -1;
  if (stat === undefined || open < 0 || close < open) return undefined;
  const fields = stat.slice(close + 2).split(' ');
  const isLive = fields[0] !== 'Z' && fields[0] !== 'X';
  const named = stat.slice(open + 1, close).startsWith('heartbeat') || argumentZero(pid).startsWith('heartbeat');
  return isLive && named ? (fields[19] ?? '') : undefined;
}

/** A daemon that is just starting again in its place bears the name of Node for a moment, but is called so already. */
const argumentZero = (pid: number): string => readStart(`/proc/${pid}/cmdline`, 64)?.split('\0', 1)[0] ?? '';

/** true when that process catches SIGHUP; also when nobody can tell. */
export function catchesHangup(pid: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readStart(`/proc/${pid}/status`, 4096) ?? '')?.[1];
  return caught === undefined || Number.parseInt(caught.slice(-1), 16) % 2 === 1;
}

function readStart(path: string, bytesMax: number): string | undefined {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, 'r');
    const bytes = Buffer.alloc(bytesMax);
    return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, bytesMax, null));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
