import { renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Fault } from '../contracts/basics.ts';
import { thrownFault } from './errno.ts';

const PID_COLUMNS = 10;
function pidText(pid: number): string {
  return `${String(pid).padStart(PID_COLUMNS)}\n`;
}

/** In one move, so that a reader never sees half a file. */
export function writePidFile(file: string, pid: number = process.pid): Fault | undefined {
  const temporary = `${file}.new`;
  try {
    // Nothing that was left there, and no link, is written through.
    rmSync(temporary, { force: true });
    writeFileSync(temporary, pidText(pid), { mode: 0o644, flag: 'wx' });
    renameSync(temporary, file);
    return undefined;
  } catch (error) {
    return thrownFault(file, error);
  }
}

/** After a clean stop `heartbeat -s` is to say "stopped" (LSB 3), not "dead with a pid file" as 3.0.6 does (tools 1). */
export function removePidFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never written, or somebody has cleared the folder.
  }
}
