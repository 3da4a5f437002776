/** More packets than this do not wait in a socket. */
const FRAMES_MAX = 200;

/**
 * Stands between a daemon and its world. While it is shut (SIGSTOP, a machine that is paused) nothing reaches the
 * daemon; when it opens, overdue timers ring first and what has queued comes after them, as in Node's event loop.
 */
export class Gate {
  #shut = false;
  #timers: (() => void)[] = [];
  #frames: (() => void)[] = [];

  get isShut(): boolean {
    return this.#shut;
  }

  timer(ring: () => void): void {
    if (this.#shut) this.#timers.push(ring);
    else ring();
  }

  event(run: () => void): void {
    if (!this.#shut) run();
    else if (this.#frames.length < FRAMES_MAX) this.#frames.push(run);
  }

  shut(): void {
    this.#shut = true;
  }

  /** `keepFrames`: they waited in the socket; otherwise the network did not reach the machine either. */
  open(keepFrames: boolean): void {
    this.#shut = false;
    const due = [...this.#timers, ...(keepFrames ? this.#frames : [])];
    this.#timers = [];
    this.#frames = [];
    for (const run of due) run();
  }
}
