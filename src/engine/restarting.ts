import type { Instant, Now } from '../contracts/basics.ts';
import type { Effect } from '../contracts/engine.ts';
import type { ResourceControl } from '../resources/control.ts';
import type { Notes } from './notes.ts';

/** What keeps a restart waiting is told at this pace. */
const TELL_AGAIN_MS = 60_000;

/** Programs of ha.cf: the next life starts its own. */
interface Ending {
  stop(now: Now): void;
  readonly idle: boolean;
}

/**
 * A restart in place (wire-protocol 7.7, its end): it waits until nothing moves, for as long as that takes, and then
 * says nothing at all, but that its programs are to end. To the peer it looks like a short silence and a new life (6.7).
 */
export class Restarting {
  readonly #notes: Notes;
  readonly #effects: (effect: Effect) => void;
  readonly #programs: Ending;
  #asked = false;
  #tellAt: Instant | undefined;
  done = false;

  constructor(notes: Notes, programs: Ending, effects: (effect: Effect) => void) {
    this.#notes = notes;
    this.#programs = programs;
    this.#effects = effects;
  }

  ask(): void {
    this.#asked = true;
  }

  /** A stop wins. */
  cancel(): void {
    this.#asked = false;
    this.#tellAt = undefined;
  }

  /** Looked at in every step. `opened`: the generation of this life is on the disk, the next one counts from it. */
  look(now: Now, resources: ResourceControl | undefined, opened: boolean): void {
    if (!this.#asked || this.done || !opened) return;
    if (resources === undefined || resources.atRest) {
      this.#tellAt = undefined;
      this.#programs.stop(now);
      // Their ends, and the alarms of their end, ask again.
      if (!this.#programs.idle) return;
      this.done = true;
      const { set, running } = resources?.held ?? { set: 'none', running: [] };
      this.#effects({ kind: 'restart', held: set, running });
      return;
    }
    if (this.#tellAt !== undefined && now.at < this.#tellAt) return;
    this.#tellAt = now.at + TELL_AGAIN_MS;
    this.#notes.note('restartDelayed');
  }

  nextAlarm(): Instant | undefined {
    return this.#tellAt;
  }
}
