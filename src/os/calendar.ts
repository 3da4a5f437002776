import { schedule } from 'node-cron';

/** Jobs by the wall clock, for housekeeping alone: its grain is a second, so no protocol timer may use it. */
const SILENT = { info() {}, warn() {}, error() {}, debug() {} };

/** Runs `job` at the start of every minute, such as a look whether log files were rotated. The answer stops it. */
export function everyMinute(job: () => void): () => void {
  const task = schedule('* * * * *', () => job(), { noOverlap: true, unref: true, suppressMissedWarning: true, logger: SILENT });
  return () => void task.destroy();
}
