import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Fault } from '../contracts/basics.ts';
import { thrownFault } from './errno.ts';

const PID_COLUMNS = 10;
/** The largest pid Linux gives out. */
const PID_MAX = 0x40_0000;

export function pidText(pid: number): string {
  return `${String(pid).padStart(PID_COLUMNS)}\n`;
}

/** `none`: no file, or one without a pid in it. `stale`: the process is gone. */
export type PidState = { readonly kind: 'none' } | { readonly kind: 'stale' | 'running'; readonly pid: number };

export function readPidFile(file: string): PidState {
  let text: string;
  try {
    text = readFileSync(file, 'latin1').trim();
  } catch {
    return { kind: 'none' };
  }
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (pid < 1 || pid > PID_MAX) return { kind: 'none' };
  return { kind: processExists(pid) ? 'running' : 'stale', pid };
}

/** A process of another user exists too: it only must not be signalled. */
function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In one move, so that a reader never sees half a file. */
export function writePidFile(file: string, pid: number = process.pid): Fault | undefined {
  const temporary = `${file}.new`;
  try {
    writeFileSync(temporary, pidText(pid), { mode: 0o644 });
    renameSync(temporary, file);
    return undefined;
  } catch (error) {
    return thrownFault(file, error);
  }
}
