import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Clock, Instant } from '../contracts/basics.ts';
import { call } from './libc.ts';

/** The longest wait setTimeout can carry; a longer one is cut into pieces. */
const TIMEOUT_MAX_MS = 0x7fff_ffff;
const LOAD_EVERY_MS = 1000;
/** `ld` is one short line. */
const LOAD_LENGTH_MAX = 80;

/**
 * The real clock. Monotonic ms decide; an alarm rings at its time or just after (typically under 1 ms), and
 * after a pass over everything that could be read meanwhile: a process that was held up reads the packets that
 * waited for it before it judges anyone silent.
 *
 * `loadEveryMs` bounds how often the load average is read: the keepalive.
 */
export function createClock(loadEveryMs: number = LOAD_EVERY_MS): Clock {
  let load = '';
  let loadReadAt = Number.NEGATIVE_INFINITY;

  function sampledLoad(at: number): string {
    if (at - loadReadAt >= loadEveryMs) {
      loadReadAt = at;
      load = readLoad();
    }
    return load;
  }

  return {
    now() {
      const at = performance.now();
      const wallMs = Date.now();
      const bootAt = readBootTime();
      return {
        at,
        unixSeconds: Math.floor(wallMs / 1000),
        wallMs,
        load: sampledLoad(at),
        ...(bootAt === undefined ? {} : { bootAt }),
      };
    },
    alarm(at, ring) {
      let timer: NodeJS.Timeout | undefined;
      let last: NodeJS.Immediate | undefined;
      const wait = () => {
        const left = at - performance.now();
        // setTimeout counts whole ms from the start of the loop's turn, so it may ring early: then wait on.
        if (left > 0) timer = setTimeout(wait, Math.min(Math.ceil(left), TIMEOUT_MAX_MS));
        else last = setImmediate(ring);
      };
      if (at < Number.POSITIVE_INFINITY) wait();
      return () => {
        clearTimeout(timer);
        clearImmediate(last);
      };
    },
  };
}

const CLOCK_BOOTTIME = 7;
/** `struct timespec` of a 64-bit machine: seconds, nanoseconds. */
const time = new BigInt64Array(2);
const timeBytes = new Uint8Array(time.buffer);

/** The clock that goes on while the machine is suspended; the monotonic one stands still then. Costs under a microsecond. */
function readBootTime(): Instant | undefined {
  if (call('clock_gettime', CLOCK_BOOTTIME, timeBytes) !== 0) return undefined;
  return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
}

/** The first line of /proc/loadavg, which is what 3.0.6 sends; made from its three numbers elsewhere. */
function readLoad(): string {
  try {
    const line = readFileSync('/proc/loadavg', 'latin1').split('\n', 1)[0];
    if (line !== undefined && line !== '') return line.slice(0, LOAD_LENGTH_MAX);
  } catch {
    // no /proc here
  }
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}
