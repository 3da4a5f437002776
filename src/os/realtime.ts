import type { Fault } from '../contracts/basics.ts';
import { namedFault } from './errno.ts';
import { writeHostInt32 } from './ipv4.ts';
import { call, check } from './libc.ts';

const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** Children, and threads made from now on, start in the normal class. */
const SCHED_RESET_ON_FORK = 0x4000_0000;
const RLIMIT_RTTIME = 15;
const PRIORITY_MIN = 1;
const PRIORITY_MAX = 99;
/**
 * A runaway loop in the real-time class could take a processor for itself: after this long without a single wait
 * the kernel ends the process (SIGXCPU, a second later SIGKILL), and the peer takes over.
 */
const RUNAWAY_US = 10_000_000n;
const KILL_US = 11_000_000n;

/** Puts the main thread into the round-robin real-time class. A Fault means: go on in the normal one. */
export function enterRealtime(priority: number): Fault | undefined {
  if (!Number.isInteger(priority) || priority < PRIORITY_MIN || priority > PRIORITY_MAX) return namedFault(`rtprio ${priority}`, 'EINVAL');
  const limit = new Uint8Array(BigUint64Array.of(RUNAWAY_US, KILL_US).buffer);
  const limited = check('RLIMIT_RTTIME', call('prlimit', 0, RLIMIT_RTTIME, limit, null));
  if (limited !== undefined) return limited;
  const parameters = Buffer.alloc(4);
  writeHostInt32(parameters, priority, 0);
  return check('sched_setscheduler', call('sched_setscheduler', 0, SCHED_RR | SCHED_RESET_ON_FORK, parameters));
}

/** Back to the normal class, after `realtime off` or in place of an inherited one. */
export function leaveRealtime(): Fault | undefined {
  return check('sched_setscheduler', call('sched_setscheduler', 0, SCHED_OTHER, Buffer.alloc(4)));
}

/** Is this thread in the real-time class? */
export function isRealtime(): boolean {
  const policy = call('sched_getscheduler', 0);
  return policy >= 0 && (policy & ~SCHED_RESET_ON_FORK) === SCHED_RR;
}
