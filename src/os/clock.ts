import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Clock } from '../contracts/basics.ts';

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
      return { at, unixSeconds: Math.floor(Date.now() / 1000), load: sampledLoad(at) };
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
