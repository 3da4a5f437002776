import { leaveAtOnce } from '../os/libc.ts';
import type { Paths } from '../os/paths.ts';
import { removePidFile } from '../os/pid-file.ts';
import { removeGuardianFiles } from './guardian.ts';
import type { Log } from './log.ts';

/** At the end the log gets this long to reach its disk; a disk that stands still does not keep us. */
const LOG_CLOSE_MS = 1000;

/**
 * The status for the process, once the log is on its disk. The pid file goes last: while the locks are held,
 * `heartbeat -k` has somebody to wait for. An orderly exit waits for every thread, and one at a disk that stands still
 * would hold it for ever: then the process leaves at once.
 */
export async function closeLog(log: Log, status: number, paths?: Paths, diskHangs = false): Promise<number> {
  await new Promise<void>((resolve) => log.close(LOG_CLOSE_MS, resolve));
  if (paths !== undefined && status === 0) removeGuardianFiles(paths);
  if (paths !== undefined) removePidFile(paths.pidFile);
  if (diskHangs || log.stalled()) leaveAtOnce(status);
  return status;
}
