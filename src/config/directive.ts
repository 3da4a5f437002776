import { BOOLEAN_FORMS, parseBoolean } from './booleans.ts';
import type { LineContext } from './draft.ts';
import { parseInteger } from './integers.ts';
import { shown } from './problems.ts';

/**
 * `implemented`: does what it says. `accepted`: read and checked as far as needed to load the file, then
 * without effect, which a warning says. `protects`: the same, but a cluster without it is less safe, so it is
 * named at every start and in the status as well.
 */
export type DirectiveStatus = 'implemented' | 'accepted' | 'protects';

interface DirectiveBase {
  readonly word: string;
  readonly aliases?: readonly string[];
  /** As an operator writes it. */
  readonly syntax: string;
  readonly help: string;
  readonly status: DirectiveStatus;
  /** Text of the value that holds when ha.cf has none. */
  readonly fallback?: string;
  /** false: not among the parameters that scripts and `cl_status hbparameter` see. */
  readonly recorded?: boolean;
  /** What goes unguarded while a directive that protects has no effect. */
  readonly unguarded?: string;
  /** true: with these words nothing is lost by the directive having no effect. */
  inert?(words: readonly string[], line: LineContext): boolean;
}

/** Every value on the line is applied in turn (directives 1). */
export interface ListDirective extends DirectiveBase {
  readonly form: 'list';
  apply(value: string, line: LineContext): void;
}

/** The rest of the line belongs together. */
export interface WholeLineDirective extends DirectiveBase {
  readonly form: 'wholeLine';
  apply(words: readonly string[], line: LineContext): void;
}

export type Directive = ListDirective | WholeLineDirective;

/** Refuses the value: what was read, what was expected; `known` is the text 3.0.6 has for it. */
export function refuse(line: LineContext, word: string, value: string, expected: string, known?: string): void {
  line.draft.refused.add(word);
  const read = value === '' ? word : `${word} ${shown(value)}`;
  const remark = value.startsWith('//') ? '; remarks begin with #, not with //' : '';
  const text = known === undefined ? `${read}: expected ${expected}` : `${known}: read \`${read}\`, expected ${expected}`;
  line.problems.error(line.at, text + remark);
}

/** Says which number a word stands for when it is not just a number; 3.0.6 takes it without a word. */
export function warnOfLenientNumber(line: LineContext, word: string, value: string, read: number): void {
  if (parseInteger(value) === undefined) line.problems.warning(line.at, `${word} ${shown(value)}: not a whole number; taken as ${read}`);
}

/** Hands a switch to `use`, or refuses the word. */
export function applyBoolean(line: LineContext, word: string, value: string, use: (on: boolean) => void = () => {}, known?: string): void {
  const on = parseBoolean(value);
  if (on === undefined) refuse(line, word, value, BOOLEAN_FORMS, known);
  else use(on);
}

/** Whether a value says the same as the default. */
export function sameValue(value: string, fallback: string): boolean {
  const a = parseBoolean(value);
  const b = parseBoolean(fallback);
  if (a !== undefined && b !== undefined) return a === b;
  return value.toLowerCase() === fallback.toLowerCase();
}
