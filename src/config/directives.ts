import type { MediumType } from '../contracts/media.ts';
import type { Directive, DirectiveStatus } from './directive.ts';
import { DIRECTIVE_WORDS, type DirectiveWords } from './directive-words.ts';
import { CLIENT_DIRECTIVES } from './directives-clients.ts';
import { CLUSTER_DIRECTIVES } from './directives-cluster.ts';
import { GUARD_DIRECTIVES } from './directives-guard.ts';
import { LATER_DIRECTIVES } from './directives-later.ts';
import { LOG_DIRECTIVES } from './directives-log.ts';
import { mediaDirectives } from './directives-media.ts';
import { WIRE_DIRECTIVES } from './directives-wire.ts';

export type { DirectiveStatus };

/** Every word ha.cf may begin a line with, and what it does. */
export class DirectiveTable {
  readonly all: readonly Directive[];
  readonly #byWord = new Map<string, Directive>();

  constructor(media: Readonly<Record<string, MediumType>>) {
    this.all = [
      ...CLUSTER_DIRECTIVES,
      ...mediaDirectives(Object.values(media)),
      ...LOG_DIRECTIVES,
      ...WIRE_DIRECTIVES,
      ...CLIENT_DIRECTIVES,
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

/** One directive as tables and the reference page show it. */
export interface DirectiveRow extends DirectiveWords {
  readonly word: string;
  readonly aliases: readonly string[];
  readonly form: Directive['form'];
  readonly syntax: string;
  readonly help: string;
  readonly status: DirectiveStatus;
  /** Text of the value that holds when ha.cf has none; absent when there is none or it depends on others. */
  readonly fallback?: string;
}

/** All directives with their words: those that 3.0.6 lists first, in its order. */
export function describeDirectives(media: Readonly<Record<string, MediumType>>): readonly DirectiveRow[] {
  const order = Object.keys(DIRECTIVE_WORDS);
  const place = ({ word }: Directive) => (order.includes(word) ? order.indexOf(word) : order.length);
  const sorted = [...new DirectiveTable(media).all].sort((a, b) => place(a) - place(b));
  return sorted.map(({ word, aliases = [], form, syntax, help, status, fallback }) => ({
    word,
    aliases,
    form,
    syntax,
    help,
    status,
    ...(fallback === undefined ? {} : { fallback }),
    ...(DIRECTIVE_WORDS[word] ?? { limits: '-' }),
  }));
}
