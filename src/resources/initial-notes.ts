import type { ResourceState } from './state.ts';

/** The lines of a start that administrators wait for, each once in a life (wire-protocol 7.2). */
export class InitialNotes {
  readonly #state: ResourceState;
  #initialTold = false;
  #localTold = false;

  constructor(state: ResourceState) {
    this.#state = state;
  }

  localAcquired(): void {
    const { groups, port, self } = this.#state;
    if (groups.some((group) => group.home === self)) port.note('localAcquired');
    else port.note('noLocalResources', { node: self });
  }

  /** Both questions, own groups and the peer's, are settled; `reason` is the word of the log line. */
  settled(reason: string): void {
    if (!this.#localTold) this.#state.port.note('localTransitionDone');
    this.#localTold = true;
    if (!this.#initialTold) this.#state.port.note('initialAcquisition', { reason });
    this.#initialTold = true;
  }
}
