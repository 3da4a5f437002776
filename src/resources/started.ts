import type { ResourceGroup } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';
import { wordsOf } from './group-list.ts';

/**
 * By which definition each group was started here, and which resources run, or may. The file may say something else
 * by now: what was started by a definition is stopped by it.
 */
export class Started {
  readonly #definitions = new Map<string, ResourceGroup>();
  readonly #words = new Set<string>();
  /** Of a life before this one, until the scripts have been asked. `named`: which of them each is asked for; else the first alone. */
  readonly #left = new Map<string, { readonly words: readonly string[]; readonly named: boolean }>();
  /** Counts changes, for whoever keeps a record of this. */
  changes = 0;

  /** The definition it runs by, or the one given where it does not run. */
  definition(group: ResourceGroup): ResourceGroup {
    return this.#definitions.get(group.id) ?? group;
  }

  knows(group: ResourceGroup): boolean {
    return this.#definitions.has(group.id);
  }

  /** Its start begins. */
  begin(group: ResourceGroup): void {
    this.changes += 1;
    this.#definitions.set(group.id, group);
  }

  /** A life before this one has left these resources of it running, or any of it. */
  leftBehind(group: ResourceGroup, words: readonly string[] | undefined): void {
    this.begin(group);
    this.#left.set(group.id, { words: words ?? wordsOf(group), named: words !== undefined });
  }

  /** Those of its resources that a journal names; undefined where none does. */
  named(group: ResourceGroup): readonly string[] | undefined {
    const left = this.#left.get(group.id);
    return left?.named === true ? left.words : undefined;
  }

  /** It was found running; which of its resources is not known yet, unless `words` tells. */
  found(group: ResourceGroup, words: readonly string[] = wordsOf(group)): void {
    this.begin(group);
    this.#left.delete(group.id);
    for (const word of words) this.#words.add(word);
  }

  /** All of it was stopped. */
  end(group: ResourceGroup): void {
    this.changes += 1;
    this.#definitions.delete(group.id);
    this.#left.delete(group.id);
  }

  /** The same group, known under another identity from now on. */
  rename(from: ResourceGroup, to: ResourceGroup): void {
    const definition = this.definition(from);
    const left = this.#left.get(from.id);
    this.end(from);
    this.begin({ ...definition, id: to.id, home: to.home });
    if (left !== undefined) this.#left.set(to.id, left);
  }

  up(word: string): void {
    this.changes += 1;
    this.#words.add(word);
  }

  down(word: string): void {
    this.changes += 1;
    this.#words.delete(word);
  }

  runs(word: string): boolean {
    return this.#words.has(word);
  }

  /** For the journal: every group of which something runs, or may, and what, in the order of their starts. */
  get record(): Required<Pick<HeldResources, 'running' | 'words'>> {
    const running: ResourceGroup[] = [];
    const words: string[][] = [];
    for (const group of this.#definitions.values()) {
      const left = this.#left.get(group.id)?.words ?? [];
      const up = wordsOf(group).filter((word) => this.#words.has(word) || left.includes(word));
      if (up.length === 0) continue;
      running.push(group);
      words.push(up);
    }
    return { running, words };
  }
}
