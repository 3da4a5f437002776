/**
 * One log file that can never hold up the event loop.
 *
 * A write to a stalled disk does not return. libuv has four threads for file work and every store save
 * needs one, so a destination has at most ONE operation in flight (open, write, stat or close), whatever happens; lines
 * meanwhile wait in a queue bounded in lines and bytes. When it is full the newest lines are dropped and
 * counted (the oldest tell how the trouble began), and the count is written when the disk moves again.
 */

/** The part of node:fs that is used, so that a test can play a disk that never answers. */
export interface LogFs {
  open(path: string, flags: string, mode: number, done: (error: Error | null, fd: number) => void): void;
  write(
    fd: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: null,
    done: (error: Error | null, written: number) => void,
  ): void;
  close(fd: number, done: (error?: Error | null) => void): void;
  stat(path: string, done: (error: Error | null, stats: { readonly ino: number; readonly dev: number }) => void): void;
  fstat(fd: number, done: (error: Error | null, stats: { readonly ino: number; readonly dev: number }) => void): void;
  openSync(path: string, flags: string, mode: number): number;
  writeSync(fd: number, bytes: Uint8Array): number;
}

export interface LogFileLimits {
  readonly linesMax: number;
  readonly bytesMax: number;
  /** Lines are joined up to this many bytes for one write. */
  readonly batchBytes: number;
  /** After a failed open or write. */
  readonly retryMs: number;
  /** A write that takes longer than this means the disk stands still: a fatal exit does not wait for it. */
  readonly stallMs: number;
}

export const LOG_FILE_LIMITS: LogFileLimits = { linesMax: 10_000, bytesMax: 1 << 20, batchBytes: 1 << 16, retryMs: 1000, stallMs: 500 };

export interface LogFileOptions {
  readonly path: string;
  /** A descriptor that is open already (stderr): never opened, closed or rotated. */
  readonly fd?: number;
  readonly fs: LogFs;
  /** Monotonic ms. */
  readonly clock: () => number;
  /** Rings once after so many ms; must not keep the process alive. */
  readonly later: (ms: number, ring: () => void) => void;
  /** The finished line that tells of lost ones. */
  readonly droppedLine: (count: number) => string;
  /** The finished line that comes first in a file which took a renamed one's place. */
  readonly rotatedLine: (path: string) => string;
  /** Once for each time that the file cannot be written; the next time is after a write that succeeded. */
  readonly failed?: (reason: string) => void;
  /** Gives a file that was just opened to those who may read it. Absent: it stays root's. */
  readonly own?: ((fd: number, done: (error: Error | null) => void) => void) | undefined;
  /** The file could not be given away; it is written all the same. Told once. */
  readonly notOwned?: (reason: string) => void;
  readonly limits?: Partial<LogFileLimits>;
}

/** As 3.0.6 makes them: watchers of logs run as users of their own. */
const LOG_FILE_MODE = 0o644;
const PIPE_RETRY_MS = 20;

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #limits: LogFileLimits;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** What the present write still has to bring out. */
  #batch: Uint8Array | undefined;
  #fd: number | undefined;
  #busySince: number | undefined;
  #waitingForRetry = false;
  #wantReopen = false;
  #wantCheck = false;
  #closing: (() => void) | undefined;
  #closed = false;
  #unreported = 0;
  #dropped = 0;
  #failure: string | undefined;
  #failureTold = false;
  #notOwnedTold = false;

  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#limits = { ...LOG_FILE_LIMITS, ...options.limits };
    this.#fd = options.fd;
  }

  /** Lines lost since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  get queuedLines(): number {
    return this.#queue.length;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** true: nothing waits and nothing is under way. */
  get idle(): boolean {
    return this.#busySince === undefined && this.#batch === undefined && this.#queue.length === 0;
  }

  /** Why the last operation failed; absent when it succeeded. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** true: an operation has been under way for longer than a healthy disk takes. */
  get stalled(): boolean {
    return this.#busySince !== undefined && this.#options.clock() - this.#busySince > this.#limits.stallMs;
  }

  /** @param line without its line end. Never throws, never waits. */
  write(line: string): void {
    if (this.#closed) return;
    const bytes = encode(line);
    if (this.#queue.length >= this.#limits.linesMax || this.#queuedBytes + bytes.length > this.#limits.bytesMax) {
      this.#dropped += 1;
      this.#unreported += 1;
      return;
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#next();
  }

  /** SIGHUP: closes the file and opens whatever now has its name, as soon as the operation under way has ended. */
  reopen(): void {
    if (this.#options.fd !== undefined || this.#closed) return;
    this.#wantReopen = true;
    this.#next();
  }

  /** Once a minute: opens the file anew when another inode has its name. Left out while anything is under way. */
  checkRotation(): void {
    if (this.#options.fd !== undefined || this.#closed || this.#busySince !== undefined) return;
    this.#wantCheck = true;
    this.#next();
  }

  /**
   * For a fatal exit: what waits is written at once, by a call that waits for the disk. Not when the disk
   * stands still already: the process must be able to end. The batch in flight is left to its thread.
   */
  flushSync(): void {
    if (this.stalled || this.#closed) return;
    try {
      this.#fd ??= this.#options.fs.openSync(this.#options.path, 'a', LOG_FILE_MODE);
      const lines = this.#busySince === undefined && this.#batch !== undefined ? [this.#batch, ...this.#queue] : this.#queue;
      if (this.#unreported > 0) lines.push(encode(this.#options.droppedLine(this.#unreported)));
      if (this.#busySince === undefined) this.#batch = undefined;
      let left = join(lines);
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#unreported = 0;
      while (left.length > 0) {
        const written = this.#options.fs.writeSync(this.#fd, left);
        if (written <= 0) return;
        left = left.subarray(written);
      }
    } catch (error) {
      this.#failure = String(error);
    }
  }

  /** Takes no more lines; calls back when all that waits is written, or the disk refused it. */
  close(done: () => void): void {
    if (this.#closed) {
      done();
      return;
    }
    this.#closing = done;
    this.#next();
  }

  /** The one place that begins an operation. */
  #next(): void {
    if (this.#busySince !== undefined || this.#closed) return;
    if (this.#waitingForRetry) {
      if (this.#closing !== undefined) this.#finish();
      return;
    }
    if (this.#wantReopen && this.#fd !== undefined) this.#close(this.#fd);
    else if (this.#batch !== undefined || this.#queue.length > 0 || this.#wantReopen) this.#openOrWrite();
    else if (this.#closing !== undefined) this.#finish();
    else if (this.#wantCheck) this.#check();
  }

  #openOrWrite(): void {
    if (this.#fd === undefined) {
      this.#begin();
      this.#options.fs.open(this.#options.path, 'a', LOG_FILE_MODE, (error, fd) => {
        if (error === null) {
          this.#fd = fd;
          this.#wantReopen = false;
          this.#own(fd);
          return;
        }
        this.#end(error);
        this.#next();
      });
      return;
    }
    const batch = this.#batch ?? this.#takeBatch();
    this.#batch = batch;
    this.#begin();
    this.#options.fs.write(this.#fd, batch, 0, batch.length, null, (error, written) => {
      // A batch that the disk refused (full, gone) waits for the next try, on a file opened anew: the queue behind it is bounded.
      if (error === null) {
        this.#batch = written < batch.length ? batch.subarray(written) : undefined;
        this.#failureTold = false;
      } else this.#wantReopen = this.#options.fd === undefined;
      this.#end(error);
      this.#next();
    });
  }

  /** Part of the open that is under way. */
  #own(fd: number): void {
    const done = (error: Error | null): void => {
      if (error !== null && !this.#notOwnedTold) {
        this.#notOwnedTold = true;
        this.#options.notOwned?.(error.message);
      }
      this.#end(null);
      this.#next();
    };
    if (this.#options.own === undefined || this.#options.fd !== undefined) done(null);
    else this.#options.own(fd, done);
  }

  #takeBatch(): Uint8Array {
    let bytes = 0;
    let count = 0;
    for (const line of this.#queue) {
      if (count > 0 && bytes + line.length > this.#limits.batchBytes) break;
      bytes += line.length;
      count += 1;
    }
    const lines = this.#queue.splice(0, count);
    this.#queuedBytes -= bytes;
    if (this.#unreported > 0 && this.#queue.length === 0) {
      lines.push(encode(this.#options.droppedLine(this.#unreported)));
      this.#unreported = 0;
    }
    return join(lines);
  }

  #close(fd: number): void {
    this.#begin();
    this.#options.fs.close(fd, () => {
      this.#fd = undefined;
      this.#end(null);
      this.#next();
    });
  }

  #check(): void {
    this.#wantCheck = false;
    const fd = this.#fd;
    if (fd === undefined) return;
    this.#begin();
    this.#options.fs.fstat(fd, (heldError, held) => {
      this.#options.fs.stat(this.#options.path, (namedError, named) => {
        this.#end(null);
        const same = heldError === null && namedError === null && held.ino === named.ino && held.dev === named.dev;
        if (!same) {
          this.#wantReopen = true;
          const line = encode(this.#options.rotatedLine(this.#options.path));
          this.#queue.unshift(line);
          this.#queuedBytes += line.length;
        }
        this.#next();
      });
    });
  }

  #begin(): void {
    this.#busySince = this.#options.clock();
  }

  #end(error: Error | null): void {
    this.#busySince = undefined;
    this.#failure = error === null ? undefined : error.message;
    if (error === null) return;
    this.#waitingForRetry = true;
    // A pipe that is full for the moment (stderr) is tried again soon.
    const waitMs = (error as { code?: unknown }).code === 'EAGAIN' ? PIPE_RETRY_MS : this.#limits.retryMs;
    this.#options.later(waitMs, () => {
      this.#waitingForRetry = false;
      this.#next();
    });
    if (this.#failureTold || this.#options.fd !== undefined) return;
    this.#failureTold = true;
    this.#options.failed?.(error.message);
  }

  #finish(): void {
    const done = this.#closing;
    this.#closing = undefined;
    this.#closed = true;
    done?.();
  }
}

const encode = (line: string): Uint8Array => Buffer.from(`${line}\n`, 'utf8');

const join = (lines: readonly Uint8Array[]): Uint8Array => Buffer.concat(lines);
