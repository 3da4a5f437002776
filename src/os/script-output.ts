import { type ChildProcess, spawn } from 'node:child_process';
import { close, constants, openSync, readSync, stat } from 'node:fs';
import { readHostInt32 } from './ipv4.ts';
import { call } from './libc.ts';

/**
 * Where stdout and stderr of scripts go. A descriptor on the debugfile itself would be simplest, and a log disk that
 * stands still would then hold up every script that says a word, and with it a takeover. So it is a pipe, read by a
 * small process that appends to the file (`cat`): it outlives us, for services that keep their output open, and on a
 * frozen disk it alone waits. The pipe takes up to PIPE_BYTES meanwhile; before it is full the oldest bytes are read
 * away and counted, so that no script ever waits for its log.
 */
export interface ScriptOutput {
  fd(): number;
  /** After SIGHUP, and when `file` changes. */
  reopen(file?: string): void;
  /** Once a minute: follows a file that was renamed. */
  checkRotation(): void;
  close(): void;
}

export interface ScriptOutputOptions {
  /** So many bytes were dropped before the reader kept up again. */
  lost?(bytes: number): void;
  readonly everyMs?: number;
  readonly stat?: typeof stat;
}

const O_CLOEXEC = 0x80000;
const F_SETPIPE_SZ = 1031;
const PIPE_BYTES = 1 << 20;
/** A reader that ends at once, on a full disk for example, is started again at this pace. */
const AGAIN_MS = 1000;
/** How often the pipe is looked at, and from where on it counts as full. */
const LOOK_MS = 1000;
const FULL_BYTES = PIPE_BYTES / 2;
const CHUNK_BYTES = 65_536;
const FIONREAD = 0x541b;
const APPEND = 'umask 027; exec cat >>"$1"';

/** One pipe and its reader. We keep the reading end too, so that a writer never finds the pipe broken while we live. */
class Relay {
  readonly writeEnd: number;
  readonly #readEnd: number;
  /** The same end opened once more, so that reading from it never waits. */
  readonly #drain: number | undefined;
  readonly #file: string;
  readonly #lost: (bytes: number) => void;
  readonly #look: NodeJS.Timeout;
  #lostBytes = 0;
  #reader: ChildProcess | undefined;
  #again: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(file: string, readEnd: number, writeEnd: number, options: ScriptOutputOptions) {
    this.#file = file;
    this.#readEnd = readEnd;
    this.writeEnd = writeEnd;
    this.#lost = (bytes) => options.lost?.(bytes);
    call('fcntl', writeEnd, F_SETPIPE_SZ, PIPE_BYTES);
    this.#drain = openAgain(readEnd);
    this.#look = setInterval(() => this.#makeRoom(), options.everyMs ?? LOOK_MS).unref();
    this.#read();
  }

  #read(): void {
    let reader: ChildProcess;
    try {
      reader = spawn('/bin/sh', ['-c', APPEND, 'sh', this.#file], {
        cwd: '/',
        detached: true,
        stdio: [this.#readEnd, 'ignore', 'ignore'],
      });
    } catch {
      // No memory for a process at the moment.
      this.#later();
      return;
    }
    this.#reader = reader;
    const ended = () => {
      if (this.#closed || this.#reader !== reader) return;
      this.#reader = undefined;
      this.#later();
    };
    reader.once('error', ended);
    reader.once('exit', ended);
    reader.unref();
  }

  #later(): void {
    this.#again = setTimeout(() => this.#read(), AGAIN_MS).unref();
  }

  /** The reader does not keep up: its disk stands still or is full, or its folder is missing. */
  #makeRoom(): void {
    const held = Buffer.alloc(4);
    if (this.#drain === undefined || call('ioctl', this.#drain, FIONREAD, held) < 0) return;
    const waiting = readHostInt32(held, 0);
    if (waiting > FULL_BYTES) {
      this.#lostBytes += readAway(this.#drain, waiting - FULL_BYTES);
      return;
    }
    if (this.#lostBytes > 0) this.#lost(this.#lostBytes);
    this.#lostBytes = 0;
  }

  /** The reader goes on until the last writer has gone. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    clearInterval(this.#look);
    for (const fd of [this.writeEnd, this.#readEnd, this.#drain]) if (fd !== undefined) close(fd, () => {});
  }
}

function openAgain(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** How many bytes are gone. The reader may take some at the same time. */
function readAway(fd: number, bytes: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let gone = 0;
  try {
    while (gone < bytes) {
      const count = readSync(fd, chunk, 0, Math.min(chunk.length, bytes - gone), null);
      if (count === 0) break;
      gone += count;
    }
  } catch {
    // Nothing is left.
  }
  return gone;
}

function openRelay(file: string, options: ScriptOutputOptions): Relay | undefined {
  const ends = new Int32Array(2);
  if (call('pipe2', ends, O_CLOEXEC) < 0) return undefined;
  const [readEnd = -1, writeEnd = -1] = ends;
  return new Relay(file, readEnd, writeEnd, options);
}

/** Without a file, and when there can be no pipe, /dev/null. */
export function createScriptOutput(file?: string, options: ScriptOutputOptions = {}): ScriptOutput {
  const nowhere = openSync('/dev/null', 'w');
  let path = file;
  let relay: Relay | undefined;
  let inode: number | undefined;
  let looking = false;
  let closed = false;

  function reopen(next?: string): void {
    if (closed) return;
    path = next ?? path;
    relay?.close();
    relay = path === undefined ? undefined : openRelay(path, options);
    inode = undefined;
  }

  reopen();
  return {
    fd: () => relay?.writeEnd ?? nowhere,
    reopen,
    checkRotation() {
      const looked = relay;
      // One question at a time: on a disk that gives no answer each of them holds a thread that the store needs.
      if (path === undefined || looked === undefined || looking) return;
      looking = true;
      (options.stat ?? stat)(path, (error, found) => {
        looking = false;
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
