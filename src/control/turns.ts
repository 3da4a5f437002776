/**
 * Shares the loop between callers that bring more than a turn's worth of work: a few pieces per turn, everybody in order, and
 * air between the turns, for timers and sockets of this process and, since it may run before all others, for the host.
 */
const PIECES_PER_TURN = 32;
const TURN_MS = 2;
const AIR_MS = 1;

export interface Worker {
  /** Does one piece. false: nothing is left, and it is not asked again until it is queued again. */
  work(): boolean;
}

export class Turns {
  readonly #waiting = new Set<Worker>();
  #planned = false;

  /** The first turn comes at once, with all that the loop has read. */
  queue(worker: Worker): void {
    this.#waiting.add(worker);
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => this.#turn());
  }

  leave(worker: Worker): void {
    this.#waiting.delete(worker);
  }

  #turn(): void {
    const until = performance.now() + TURN_MS;
    for (let piece = 0; piece < PIECES_PER_TURN && performance.now() < until; piece += 1) {
      const [worker] = this.#waiting;
      if (worker === undefined) break;
      // To the end of the row, so that nobody's flood keeps others waiting.
      this.#waiting.delete(worker);
      if (worker.work()) this.#waiting.add(worker);
    }
    this.#planned = this.#waiting.size > 0;
    if (this.#planned) setTimeout(() => this.#turn(), AIR_MS);
  }
}
