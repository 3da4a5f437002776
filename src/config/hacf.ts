/** ha.cf, line by line, top to bottom; an error does not end the reading (directives 1). */
import type { SourceLine } from '../contracts/basics.ts';
import type { ConfigFile, HostFacts } from '../contracts/config.ts';
import type { Directive } from './directive.ts';
import type { DirectiveTable } from './directives.ts';
import type { Draft, LineContext } from './draft.ts';
import { type Above, hintForUnknown, looksLikePlaceholder } from './hints.ts';
import {
  FILE_CHARACTERS_MAX,
  NUL_BYTE,
  OLD_LINE_BYTES_MAX,
  splitLines,
  splitValues,
  splitWords,
  type TextLine,
  trimBlanks,
  withoutRemark,
} from './lines.ts';
import { type Problems, plainPath, shown } from './problems.ts';

/** More words than any directive can use. */
const WORDS_PER_LINE_MAX = 1000;

interface Reading {
  readonly file: ConfigFile;
  readonly table: DirectiveTable;
  readonly host: HostFacts;
  readonly draft: Draft;
  readonly problems: Problems;
}

export function readHaCf(reading: Reading): void {
  const { file, problems } = reading;
  const whole: SourceLine = { file: plainPath(file.path), line: 0 };
  if (file.text === undefined) {
    const why = file.fault === undefined ? '' : ` (${file.fault})`;
    problems.error(
      whole,
      `Cannot open config file [${file.path}]${why}. An annotated sample is in the documentation: copy it to ${file.path}, read it, customize it, and try again.`,
    );
    return;
  }
  const { lines, byteOrderMark, tooLong, nulLine } = splitLines(file);
  if (tooLong) problems.error(whole, `longer than ${FILE_CHARACTERS_MAX} bytes: not a configuration file`);
  if (byteOrderMark) {
    problems.error({ ...whole, line: 1 }, `Illegal directive [byte order mark] in ${file.path}: save the file without a byte order mark`);
  }
  if (nulLine !== undefined) problems.warning({ ...whole, line: nulLine }, NUL_BYTE);
  let above: Above = 'other';
  for (const line of lines) {
    readLine(line, above, reading);
    if (trimBlanks(line.text).endsWith('\\')) above = 'backslash';
    else above = line.text.includes('#') ? 'remark' : 'other';
  }
}

function readLine(line: TextLine, above: Above, { file, table, host, draft, problems }: Reading): void {
  const at: SourceLine = { file: plainPath(file.path), line: line.number };
  if (line.text.length > OLD_LINE_BYTES_MAX) {
    problems.warning(at, `longer than ${OLD_LINE_BYTES_MAX} bytes: Heartbeat 3.0.6 would read the rest as lines of their own`);
  }
  const lineText = trimBlanks(withoutRemark(line.text));
  if (lineText === '') return;
  // The name ends at a blank; only the values may also be parted by commas.
  const word = /^[^ \t\r\n\f]+/.exec(lineText)?.[0] ?? lineText;
  const directive = table.find(word);
  if (directive === undefined) {
    problems.error(at, `Illegal directive [${shown(word)}] in ${file.path}: ${hintForUnknown(word, table.words, above)}`);
    return;
  }
  const rest = lineText.slice(word.length);
  const words = directive.form === 'list' ? splitValues(rest) : splitWords(rest);
  const context: LineContext = { draft, at, path: file.path, lineText, words, host, problems };
  if (words.length > WORDS_PER_LINE_MAX) {
    draft.refused.add(directive.word);
    problems.error(at, `${directive.word}: ${words.length} words, expected at most ${WORDS_PER_LINE_MAX}`);
    return;
  }
  if (word !== directive.word && word === 'udp') problems.warning(at, "WARNING: directive 'udp' replaced by 'bcast'");
  // A list directive without a value is ignored (directives 1).
  if (directive.form === 'list' && words.length === 0) {
    problems.warning(at, `${word}: no value, so the line has no effect; expected \`${directive.syntax}\``);
    return;
  }
  const errorsBefore = problems.errorCount;
  apply(directive, words, context);
  warnOfPlaceholder(words, context);
  if (problems.errorCount > errorsBefore) return;
  if (directive.form === 'list') draft.raw.set(directive.word, words.at(-1) ?? '');
  else draft.raw.set(directive.word, words.join(' '));
  warnOfStatus(directive, words, context);
}

function apply(directive: Directive, words: readonly string[], context: LineContext): void {
  if (directive.form === 'wholeLine') directive.apply(words, context);
  else for (const value of words) directive.apply(value, context);
}

function warnOfPlaceholder(words: readonly string[], { at, problems }: LineContext): void {
  const standIn = words.find(looksLikePlaceholder);
  if (standIn !== undefined) {
    problems.warning(at, `${shown(standIn)}: looks like a word left over from a sample; write the real value`);
  }
}

/** Says what has no effect; what guards the cluster goes to the standing complaints too. */
function warnOfStatus(directive: Directive, words: readonly string[], context: LineContext): void {
  const { word, status, unguarded } = directive;
  if (status === 'implemented' || directive.inert?.(words, context) === true) return;
  const read = shown(context.lineText);
  if (status === 'accepted') {
    context.problems.warning(context.at, `${word} is not implemented in this version: \`${read}\` is accepted and has no effect`);
    return;
  }
  const text = `\`${read}\` is not implemented in this version and has no effect, so ${unguarded ?? 'it protects nothing'}`;
  context.problems.warning(context.at, text);
  context.draft.unmet.push({ word, text });
}
