/** More packets than this do not wait in a socket. */
const FRAMES_MAX = 200;
/** So many are read in one pass over the sockets. */
const FRAMES_PER_PASS = 32;

/**
 * Stands between a daemon and its world. While it is shut (SIGSTOP, a machine that is paused) nothing reaches the
 * daemon; when it opens, one pass over what has queued comes first, then the overdue timers, then the rest: the clock
 * lets everything readable be read before it rings late, and one pass may not be enough.
 */
export class Gate {
  #shut = false;
  #timers: (() => void)[] = [];
  #events: { readonly frame: boolean; readonly run: () => void }[] = [];

  get isShut(): boolean {
    return this.#shut;
  }

  timer(ring: () => void): void {
    if (this.#shut) this.#timers.push(ring);
    else ring();
  }

  frame(run: () => void): void {
    if (!this.#shut) run();
    else if (this.#events.length < FRAMES_MAX) this.#events.push({ frame: true, run });
  }

  /** What is never lost: the end of a script, a signal. */
  event(run: () => void): void {
    if (this.#shut) this.#events.push({ frame: false, run });
    else run();
  }

  shut(): void {
    this.#shut = true;
  }

  /** `keepFrames`: they waited in the socket; otherwise the network did not reach the machine either. */
  open(keepFrames: boolean): void {
    this.#shut = false;
    const queued = this.#events.filter(({ frame }) => keepFrames || !frame).map(({ run }) => run);
    const due = [...queued.slice(0, FRAMES_PER_PASS), ...this.#timers, ...queued.slice(FRAMES_PER_PASS)];
    this.#timers = [];
    this.#events = [];
    for (const run of due) run();
  }
}
