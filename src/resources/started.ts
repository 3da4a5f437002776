import type { ResourceGroup } from '../contracts/config.ts';
import { wordsOf } from './group-list.ts';

/**
 * By which definition each group was started here, and which resources run, or may. The file may say something else
 * by now: what was started by a definition is stopped by it.
 */
export class Started {
  readonly #definitions = new Map<string, ResourceGroup>();
  readonly #words = new Set<string>();

  /** The definition it runs by, or the one given where it does not run. */
  definition(group: ResourceGroup): ResourceGroup {
    return this.#definitions.get(group.id) ?? group;
  }

  knows(group: ResourceGroup): boolean {
    return this.#definitions.has(group.id);
  }

  /** Its start begins. */
  begin(group: ResourceGroup): void {
    this.#definitions.set(group.id, group);
  }

  /** It was found running; which of its resources is not known yet. */
  found(group: ResourceGroup): void {
    this.begin(group);
    for (const word of wordsOf(group)) this.#words.add(word);
  }

  /** All of it was stopped. */
  end(group: ResourceGroup): void {
    this.#definitions.delete(group.id);
  }

  /** The same group, known under another identity from now on. */
  rename(from: ResourceGroup, to: ResourceGroup): void {
    const definition = this.definition(from);
    this.end(from);
    this.begin({ ...definition, id: to.id, home: to.home });
  }

  up(word: string): void {
    this.#words.add(word);
  }

  down(word: string): void {
    this.#words.delete(word);
  }

  runs(word: string): boolean {
    return this.#words.has(word);
  }
}
