import type { MediumType } from '../contracts/media.ts';
import type { Directive, DirectiveStatus } from './directive.ts';
import { CLUSTER_DIRECTIVES } from './directives-cluster.ts';
import { GUARD_DIRECTIVES } from './directives-guard.ts';
import { LATER_DIRECTIVES } from './directives-later.ts';
import { LOG_DIRECTIVES } from './directives-log.ts';
import { mediaDirectives } from './directives-media.ts';

/** Every word ha.cf may begin a line with, and what it does. */
export class DirectiveTable {
  readonly all: readonly Directive[];
  readonly #byWord = new Map<string, Directive>();

  constructor(media: Readonly<Record<string, MediumType>>) {
    this.all = [
      ...CLUSTER_DIRECTIVES,
      ...mediaDirectives(Object.values(media)),
      ...LOG_DIRECTIVES,
      ...GUARD_DIRECTIVES,
      ...LATER_DIRECTIVES,
    ];
    for (const directive of this.all) {
      for (const word of [directive.word, ...(directive.aliases ?? [])]) this.#byWord.set(word, directive);
    }
  }

  /** Names are case-sensitive (directives 1). */
  find(word: string): Directive | undefined {
    return this.#byWord.get(word);
  }

  get words(): readonly string[] {
    return [...this.#byWord.keys()];
  }
}

/** One row of a reference page. */
export interface DirectiveRow {
  readonly word: string;
  readonly aliases: readonly string[];
  readonly syntax: string;
  readonly help: string;
  readonly status: DirectiveStatus;
  /** Text of the value that holds when ha.cf has none; absent when there is none or it depends on others. */
  readonly fallback?: string;
}

/** All directives with their words, for a reference page. */
export function describeDirectives(media: Readonly<Record<string, MediumType>>): readonly DirectiveRow[] {
  return new DirectiveTable(media).all.map(({ word, aliases = [], syntax, help, status, fallback }) => ({
    word,
    aliases,
    syntax,
    help,
    status,
    ...(fallback === undefined ? {} : { fallback }),
  }));
}
