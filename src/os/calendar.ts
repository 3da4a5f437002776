import { schedule } from 'node-cron';

const MINUTE_MS = 60_000;
const SILENT = { info() {}, warn() {}, error() {}, debug() {} };

/**
 * Runs `job` once a minute, for housekeeping such as a look whether log files were rotated. By monotonic time: after a
 * step of the wall clock (a host without a clock of its own learns the date from the network) a calendar would stand
 * still for as long as the step back was, or go through every minute it seems to have missed. The answer stops it.
 */
export function everyMinute(job: () => void): () => void {
  const timer = setInterval(job, MINUTE_MS).unref();
  return () => clearInterval(timer);
}

/** A host without a clock of its own begins in 1970 and learns the date later; node-cron would walk through all the days between. */
const LEARNT_YEAR = 2024;

/** Runs `job` at midnight, local time: what a new day's log is to begin with. The answer stops it. */
export function everyDay(job: () => void): () => void {
  let stop = () => {};
  const begin = () => {
    if (new Date().getFullYear() < LEARNT_YEAR) return;
    stop();
    const task = schedule('0 0 * * *', () => job(), { noOverlap: true, unref: true, suppressMissedWarning: true, logger: SILENT });
    stop = () => void task.destroy();
  };
  stop = everyMinute(begin);
  begin();
  return () => stop();
}

/** Lets `job` run at once, and then at most every `ms`: calls in between become one. A storm of signals costs one run. */
export function atMostEvery(ms: number, job: () => void): () => void {
  let resting = false;
  let wanted = false;
  function run(): void {
    if (resting) {
      wanted = true;
      return;
    }
    resting = true;
    wanted = false;
    setTimeout(() => {
      resting = false;
      if (wanted) run();
    }, ms).unref();
    job();
  }
  return run;
}
