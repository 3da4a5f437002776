import { close, constants, open, openSync } from 'node:fs';
import { call } from './libc.ts';

/**
 * Where stdout and stderr of scripts go: a real descriptor on the debugfile, which a child left behind may hold
 * as long as it likes. Opened away from the loop, so that a log disk that hangs delays nobody; until it is open,
 * and when it cannot be opened, /dev/null takes its place.
 */
export interface ScriptOutput {
  fd(): number;
  /** After a rotation or SIGHUP, and when `file` changes. */
  reopen(file?: string): void;
  close(): void;
}

/** Without O_NONBLOCK a named pipe that nobody reads would hold a thread for ever; scripts get it without. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

const F_SETFL = 4;

export function createScriptOutput(file?: string): ScriptOutput {
  const nowhere = openSync('/dev/null', 'w');
  let path = file;
  let current = nowhere;
  let opening = false;
  let wantsAgain = false;
  let closed = false;

  function take(fd: number): void {
    const before = current;
    current = fd;
    if (before !== nowhere) close(before, () => {});
  }

  function reopen(): void {
    if (closed) return;
    if (opening) {
      wantsAgain = true;
      return;
    }
    if (path === undefined) {
      take(nowhere);
      return;
    }
    opening = true;
    open(path, APPEND, 0o640, (error, fd) => {
      opening = false;
      if (error === null) {
        if (closed) close(fd, () => {});
        else {
          call('fcntl', fd, F_SETFL, constants.O_APPEND);
          take(fd);
        }
      }
      if (wantsAgain) {
        wantsAgain = false;
        reopen();
      }
    });
  }

  reopen();
  return {
    fd: () => current,
    reopen(next) {
      if (next !== undefined) path = next;
      reopen();
    },
    close() {
      closed = true;
      take(nowhere);
    },
  };
}
