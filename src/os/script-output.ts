import { type ChildProcess, spawn } from 'node:child_process';
import { close, openSync, stat } from 'node:fs';
import { call } from './libc.ts';

/**
 * Where stdout and stderr of scripts go. A descriptor on the debugfile itself would be simplest, and a log disk that
 * stands still would then hold up every script that says a word, and with it a takeover. So it is a pipe, read by a
 * small process that appends to the file (`cat`): it outlives us, for services that keep their output open, and on a
 * frozen disk it alone waits while the pipe takes up to PIPE_BYTES.
 */
export interface ScriptOutput {
  fd(): number;
  /** After SIGHUP, and when `file` changes. */
  reopen(file?: string): void;
  /** Once a minute: follows a file that was renamed. */
  checkRotation(): void;
  close(): void;
}

const O_CLOEXEC = 0x80000;
const F_SETPIPE_SZ = 1031;
const PIPE_BYTES = 1 << 20;
/** A reader that ends at once, on a full disk for example, is started again at this pace. */
const AGAIN_MS = 1000;
const APPEND = 'umask 027; exec cat >>"$1"';

/** One pipe and its reader. We keep the reading end too, so that a writer never finds the pipe broken while we live. */
class Relay {
  readonly writeEnd: number;
  readonly #readEnd: number;
  readonly #file: string;
  #reader: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(file: string, readEnd: number, writeEnd: number) {
    this.#file = file;
    this.#readEnd = readEnd;
    this.writeEnd = writeEnd;
    call('fcntl', writeEnd, F_SETPIPE_SZ, PIPE_BYTES);
    this.#read();
  }

  #read(): void {
    const reader = spawn('/bin/sh', ['-c', APPEND, 'sh', this.#file], {
      cwd: '/',
      detached: true,
      stdio: [this.#readEnd, 'ignore', 'ignore'],
    });
    this.#reader = reader;
    const ended = () => {
      if (this.#closed || this.#reader !== reader) return;
      this.#reader = undefined;
      this.#again = setTimeout(() => this.#read(), AGAIN_MS).unref();
    };
    reader.once('error', ended);
    reader.once('exit', ended);
    reader.unref();
  }

  /** The reader goes on until the last writer has gone. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    close(this.writeEnd, () => {});
    close(this.#readEnd, () => {});
  }
}

function openRelay(file: string): Relay | undefined {
  const ends = new Int32Array(2);
  if (call('pipe2', ends, O_CLOEXEC) < 0) return undefined;
  const [readEnd = -1, writeEnd = -1] = ends;
  return new Relay(file, readEnd, writeEnd);
}

/** Without a file, and when there can be no pipe, /dev/null. */
export function createScriptOutput(file?: string): ScriptOutput {
  const nowhere = openSync('/dev/null', 'w');
  let path = file;
  let relay: Relay | undefined;
  let inode: number | undefined;
  let closed = false;

  function reopen(next?: string): void {
    if (closed) return;
    path = next ?? path;
    relay?.close();
    relay = path === undefined ? undefined : openRelay(path);
    inode = undefined;
  }

  reopen();
  return {
    fd: () => relay?.writeEnd ?? nowhere,
    reopen,
    checkRotation() {
      const looked = relay;
      if (path === undefined || looked === undefined) return;
      stat(path, (error, found) => {
        if (relay !== looked) return;
        // The reader has made the file: where there is none, it was renamed.
        if (error !== null || (inode !== undefined && found.ino !== inode)) reopen();
        else inode = found.ino;
      });
    },
    close() {
      closed = true;
      relay?.close();
      relay = undefined;
    },
  };
}
