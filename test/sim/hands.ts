/** Wall time at the beginning of each run, Unix ms. */
const EPOCH_MS = 1_700_000_000_000;

/** What a host's three clocks show, and what can be done to them. */
export class Hands {
  readonly #offsetMs: number;
  /** How fast its monotonic time goes: 1.001 gains a millisecond in each second. */
  #rate = 1;
  /** Where the present rate began, on the timeline and on this clock. */
  #from = 0;
  #base: number;
  #bootAheadMs = 0;
  #wallAheadMs = 0;

  /** Its monotonic time began at some other moment than ours. */
  constructor(offsetMs: number) {
    this.#offsetMs = offsetMs;
    this.#base = offsetMs;
  }

  read(now: number): { readonly at: number; readonly bootAt: number; readonly wallMs: number } {
    const at = this.#base + (now - this.#from) * this.#rate;
    return { at, bootAt: at + this.#bootAheadMs, wallMs: EPOCH_MS + at - this.#offsetMs + this.#wallAheadMs };
  }

  /** When it shows this, on the timeline. */
  due(at: number): number {
    let due = this.#from + (at - this.#base) / this.#rate;
    // A little later rather than a rounding error too early.
    while (this.read(due).at < at) due += 1e-6;
    return due;
  }

  drift(now: number, rate: number): void {
    this.#base = this.read(now).at;
    this.#from = now;
    this.#rate = rate;
  }

  stepWall(ms: number): void {
    this.#wallAheadMs += ms;
  }

  /** The machine stood still for so long, and goes on now. Which of its clocks show it? */
  stoodStill(now: number, ms: number, shown: { readonly boot: boolean; readonly wall: boolean }): void {
    this.#base = this.read(now).at - ms * this.#rate;
    this.#from = now;
    if (shown.boot) this.#bootAheadMs += ms;
    if (shown.wall) this.#wallAheadMs += ms;
  }
}
