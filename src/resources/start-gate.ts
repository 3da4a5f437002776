import type { Now } from '../contracts/basics.ts';

/** Holds the next start of a script up for as long as this node does not know whether another one has taken its place. */
export class StartGate {
  #shut = false;
  #waiting: ((now: Now) => void) | undefined;

  shut(): void {
    this.#shut = true;
  }

  open(now: Now): void {
    this.#shut = false;
    this.nudge(now);
  }

  /** true: it is asked again when the gate opens, or when something has changed. Scripts run one by one, so one waits at most. */
  keeps(go: (now: Now) => void): boolean {
    if (this.#shut) this.#waiting = go;
    return this.#shut;
  }

  /** What waits may not be wanted any more. */
  nudge(now: Now): void {
    const go = this.#waiting;
    this.#waiting = undefined;
    go?.(now);
  }
}
