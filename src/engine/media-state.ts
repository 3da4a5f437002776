import type { Fault, MediumId } from '../contracts/basics.ts';
import type { Config, MediumSpec } from '../contracts/config.ts';
import type { Notes } from './notes.ts';

/** Which media there are and which of them carry, for the log. */
export class MediaState {
  readonly #notes: Notes;
  readonly #down = new Set<MediumId>();
  #media: readonly MediumSpec[];

  constructor(config: Config, notes: Notes) {
    this.#media = config.media;
    this.#notes = notes;
  }

  configure(config: Config): void {
    this.#media = config.media;
    for (const id of [...this.#down]) if (this.find(id) === undefined) this.#down.delete(id);
  }

  /** Nothing for one that a reload has taken away. */
  find(id: MediumId): MediumSpec | undefined {
    return this.#media.find((medium) => medium.id === id);
  }

  opened(id: MediumId): void {
    if (this.#down.delete(id)) this.#notes.note('mediumReopened', { medium: id });
  }

  failed(id: MediumId, fault: Fault): void {
    if (this.find(id) === undefined) return;
    this.#notes.note('mediumFailed', { medium: id, detail: fault.detail });
    this.#down.add(id);
    if (this.#down.size === this.#media.length) this.#notes.note('noMediaLeft');
  }
}
