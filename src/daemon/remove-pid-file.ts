import { unlinkSync } from 'node:fs';

/** After a clean stop `heartbeat -s` is to say "stopped" (LSB 3), not "dead with a pid file" as 3.0.6 does (tools 1). */
export function removePidFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never written, or somebody has cleared the folder.
  }
}
