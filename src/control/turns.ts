/**
 * Shares the loop between callers that bring more than a turn's worth of work: a few pieces per turn, everybody's turn
 * in order, and timers and sockets of the rest of the process between the turns.
 */
const PIECES_PER_TURN = 16;

export interface Worker {
  /** Does one piece. false: nothing is left, and it is not asked again until it is queued again. */
  work(): boolean;
}

export class Turns {
  readonly #waiting = new Set<Worker>();
  #planned = false;

  /** Does what can be done at once, and the rest in later turns. */
  queue(worker: Worker): void {
    if (this.#waiting.has(worker)) return;
    this.#waiting.add(worker);
    this.#plan();
  }

  leave(worker: Worker): void {
    this.#waiting.delete(worker);
  }

  #plan(): void {
    if (this.#planned || this.#waiting.size === 0) return;
    this.#planned = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#planned = false;
    for (let piece = 0; piece < PIECES_PER_TURN; piece += 1) {
      const [worker] = this.#waiting;
      if (worker === undefined) return;
      // To the end of the row, so that nobody's flood keeps others waiting.
      this.#waiting.delete(worker);
      if (worker.work()) this.#waiting.add(worker);
    }
    this.#plan();
  }
}
