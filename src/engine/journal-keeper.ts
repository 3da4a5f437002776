import type { Effect } from '../contracts/engine.ts';
import type { ResourceSetWord } from '../contracts/status.ts';
import { toWord } from '../resources/ownership.ts';
import type { ResourceState } from '../resources/state.ts';

/**
 * Has the journal follow what runs here. Looked at before each script and at the end of each step, so that no start is ahead of
 * it; where nothing has changed that costs a comparison.
 */
export class JournalKeeper {
  readonly #effects: (effect: Effect) => void;
  #state: ResourceState | undefined;
  #changes = -1;
  #set: ResourceSetWord | undefined;
  #phase: ResourceState['phase'] | undefined;

  constructor(effects: (effect: Effect) => void) {
    this.#effects = effects;
  }

  watch(state: ResourceState): void {
    this.#state = state;
  }

  look(): void {
    const state = this.#state;
    if (state === undefined) return;
    const { changes } = state.work.started;
    const set = toWord(state.claimed);
    if (changes === this.#changes && set === this.#set && state.phase === this.#phase) return;
    this.#changes = changes;
    this.#set = set;
    this.#phase = state.phase;
    this.#effects({ kind: 'journal', held: state.record });
  }
}
