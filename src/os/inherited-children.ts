import { readFileSync } from 'node:fs';
import { call } from './libc.ts';

const WNOHANG = 1;
const ECHILD = 10;
const LOOK_MS = 1000;

/** Processes that the program before this one has started, and that this one inherited with its number. */
function children(): number[] {
  try {
    const text = readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1');
    return text
      .split(' ')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0);
  } catch {
    return [];
  }
}

/**
 * Nobody else waits for them, and without that each would stay in the process table at its end. Call it before anything is
 * started; it looks now and then until none is left, and never waits.
 */
export function reapInheritedChildren(everyMs = LOOK_MS): void {
  const left = new Set(children());
  if (left.size === 0) return;
  const timer = setInterval(() => {
    for (const pid of left) {
      const result = call('waitpid', pid, null, WNOHANG);
      if (result === pid || result === -ECHILD) left.delete(pid);
    }
    if (left.size === 0) clearInterval(timer);
  }, everyMs).unref();
}
