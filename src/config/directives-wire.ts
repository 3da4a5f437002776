/** Directives about how nodes know each other and how their messages are packed (directives 2, wire-protocol 1.4, 9). */
import type { Config } from '../contracts/config.ts';
import type { Directive, ListDirective } from './directive.ts';
import { applyBoolean, refuse } from './directive.ts';
import type { Draft, LineContext } from './draft.ts';
import { leadingInteger } from './integers.ts';
import { shown } from './problems.ts';

interface Choice<Word extends string> {
  readonly word: string;
  readonly words: readonly [Word, ...Word[]];
  readonly help: string;
  /** What 3.0.6 says about any other word. */
  readonly known: (value: string) => string;
  readonly use: (draft: Draft, value: Word) => void;
}

/** One of a few words, in lower case as they stand; the first is the default. */
function choice<Word extends string>({ word, words, help, known, use }: Choice<Word>): ListDirective {
  return {
    word,
    form: 'list',
    syntax: `${word} ${words.join('|')}`,
    help,
    status: 'implemented',
    fallback: words[0],
    apply(value, line) {
      const chosen = words.find((each) => each === value);
      if (chosen === undefined) refuse(line, word, value, words.join(' or '), known(shown(value)));
      else use(line.draft, chosen);
    },
  };
}

function applyAutojoin(value: string, line: LineContext): void {
  const mode = (['none', 'other', 'any'] as const).find((each) => each === value.toLowerCase());
  if (mode === undefined) refuse(line, 'autojoin', value, 'none', `Invalid autojoin directive [${shown(value)}]`);
  else line.draft.autojoin = { value: mode, at: line.at };
}

function useCompression(value: Config['compression'], line: LineContext): void {
  line.draft.compression = value;
  if (line.host.hasCompression?.(value) === false) {
    line.problems.warning(
      line.at,
      `compression ${value}: the library for it is not on this host (bz2 needs libbz2): nothing is sent compressed, and what a peer compresses so cannot be read; install it, or write \`compression zlib\` on all nodes`,
    );
  }
}

/** Far beyond the largest message; a higher number says the same. */
const THRESHOLD_KB_MAX = 1_000_000;

export const WIRE_DIRECTIVES: readonly Directive[] = [
  choice({
    word: 'hbgenmethod',
    words: ['file', 'time'],
    help: 'Where the generation number of a start comes from: one more than in the file, or the clock.',
    known: (value) => `Illegal hb generation method [${value}]`,
    use: (draft, value) => {
      draft.hbgenmethod = value;
    },
  }),
  choice({
    word: 'uuidfrom',
    words: ['file', 'nodename'],
    help: "Where the node's UUID comes from: the file hb_uuid, or made of its name as 3.0.6 makes it.",
    known: (value) => `Invalid uuidfrom directive [${value}]`,
    use: (draft, value) => {
      draft.uuidfrom = value;
    },
  }),
  {
    word: 'autojoin',
    form: 'list',
    syntax: 'autojoin none|other|any',
    help: 'Whether nodes that ha.cf does not list may join.',
    status: 'implemented',
    fallback: 'none',
    apply: applyAutojoin,
  },
  {
    word: 'compression',
    form: 'list',
    syntax: 'compression zlib|bz2',
    help: 'How long messages are compressed.',
    status: 'implemented',
    fallback: 'zlib',
    apply(value, line) {
      if (value === 'zlib' || value === 'bz2') useCompression(value, line);
      else refuse(line, 'compression', value, 'zlib or bz2', `Compression module(${shown(value)}) not found`);
    },
  },
  {
    word: 'compression_threshold',
    form: 'list',
    syntax: 'compression_threshold KB',
    help: 'Messages longer than this are compressed.',
    status: 'implemented',
    fallback: '2',
    apply(value, line) {
      const amount = leadingInteger(value);
      if (amount === undefined || amount <= 0) {
        const known = `set_compression_threshold: compress_threshhold(${shown(value)}) invalid`;
        refuse(line, 'compression_threshold', value, 'a number of KB above 0', known);
      } else line.draft.compressionThresholdKb = Math.min(amount, THRESHOLD_KB_MAX);
    },
  },
  {
    word: 'traditional_compression',
    form: 'list',
    syntax: 'traditional_compression BOOL',
    help: 'Compress whole messages, not only fields that ask for it.',
    status: 'implemented',
    fallback: 'no',
    apply(value, line) {
      const known = `set_traditional_compression:Invalid directive value ${shown(value)}`;
      const use = (on: boolean) => {
        line.draft.traditionalCompression = on;
      };
      applyBoolean(line, 'traditional_compression', value, use, known);
    },
  },
];
