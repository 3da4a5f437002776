/** More packets than this do not wait in a socket. */
const FRAMES_MAX = 200;
/** So many are read in one pass over the sockets. */
const FRAMES_PER_PASS = 32;

/**
 * Stands between a daemon and its world. While it is shut (SIGSTOP, a machine that is paused) nothing reaches the
 * daemon; when it opens, one pass over what has queued comes first, then the overdue timers, then the rest, a pass in each
 * turn of the loop: one may not be enough, and it is for the driver to let an alarm wait for them.
 */
export class Gate {
  #shut = false;
  #timers: (() => void)[] = [];
  #waiting: { readonly frame: boolean; readonly run: () => void }[] = [];
  #events: { readonly frame: boolean; readonly run: () => void }[] = [];

  get isShut(): boolean {
    return this.#shut;
  }

  timer(ring: () => void): void {
    if (this.#shut) this.#timers.push(ring);
    else ring();
  }

  frame(run: () => void): void {
    if (!this.#shut && this.#waiting.length > 0) this.#waiting.push({ frame: true, run });
    else if (!this.#shut) run();
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

  /** Packets wait in the socket. */
  get waiting(): boolean {
    return this.#waiting.some(({ frame }) => frame);
  }

  /**
   * `keepFrames`: they waited in the socket; otherwise the network did not reach the machine either. `later`: in the next
   * turn of the loop.
   */
  open(keepFrames: boolean, later: (turn: () => void) => void): void {
    this.#shut = false;
    this.#waiting = this.#events.filter(({ frame }) => keepFrames || !frame);
    this.#events = [];
    const timers = this.#timers;
    this.#timers = [];
    const pass = (): void => {
      for (const { run } of this.#waiting.splice(0, FRAMES_PER_PASS)) run();
      for (const ring of timers.splice(0)) ring();
      // A packet that arrives now comes after those that wait.
      if (this.#waiting.length > 0) later(pass);
    };
    pass();
  }
}
