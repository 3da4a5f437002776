import type { Clock } from '../../src/contracts/basics.ts';
import type { Hands } from './hands.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** So many events of one instant mean that somebody turns in circles. */
const EVENTS_MAX = 10_000;

/** One time for a whole simulated world: a heap of due events, ms from 0. Events of one instant run in the order they were made. */
export class Timeline {
  now = 0;
  #order = 0;
  readonly #heap: Event[] = [];

  at(at: number, run: () => void): () => void {
    let wanted = true;
    this.#order += 1;
    this.#push({ at: Math.max(at, this.now), order: this.#order, run: () => wanted && run() });
    return () => {
      wanted = false;
    };
  }

  /** Events that are still to come, cancelled ones too. */
  get waiting(): number {
    return this.#heap.length;
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.now + delayMs, run);
  }

  /** Runs everything due until `until`, calling `each` after every event. */
  runUntil(until: number, each: () => void): void {
    let here = 0;
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      here = next.at === this.now ? here + 1 : 0;
      if (here > EVENTS_MAX) throw new Error(`time stands still at ${this.now} ms`);
      this.now = next.at;
      next.run();
      each();
    }
    this.now = until;
  }

  /** A node's clock, read from its hands. */
  clock(hands: Hands): Clock {
    return {
      now: () => {
        const { at, bootAt, wallMs } = hands.read(this.now);
        return { at, bootAt, wallMs, unixSeconds: Math.floor(wallMs / 1000), load: '0.00 0.00 0.00 1/99 1' };
      },
      alarm: (at, ring) => this.#ring(hands, at, ring),
    };
  }

  /** Asked again when the hands were moved meanwhile. */
  #ring(hands: Hands, at: number, ring: () => void): () => void {
    let cancel: () => void = () => undefined;
    const wait = () => {
      const due = hands.due(at);
      if (due <= this.now) ring();
      else cancel = this.at(due, wait);
    };
    cancel = this.at(hands.due(at), wait);
    return () => cancel();
  }

  #before(a: Event, b: Event): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    heap.push(event);
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !this.#before(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && this.#before(right, left)) child += 1;
      const least = heap[child];
      if (least === undefined || !this.#before(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}
