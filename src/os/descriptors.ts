import { readdirSync } from 'node:fs';
import { call } from './libc.ts';

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const STDERR_FD = 2;

/**
 * Whatever else the starter left open (a lock of `flock`, a pipe of some shell) ends with this process: scripts, and the
 * services that they leave behind, do not inherit it. Node does this for the first few descriptors only.
 */
export function keepDescriptorsPrivate(): void {
  let names: string[];
  try {
    names = readdirSync('/proc/self/fd');
  } catch {
    return;
  }
  for (const fd of names.map(Number)) if (fd > STDERR_FD) call('fcntl', fd, F_SETFD, FD_CLOEXEC);
}

/** These go on into the next program in this process. */
export function passDescriptors(fds: readonly number[]): void {
  for (const fd of fds) call('fcntl', fd, F_SETFD, 0);
}
