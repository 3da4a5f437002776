import { resolve } from 'node:path';
import { DEFAULT_PLACES } from '../base/places.ts';

export type Words =
  | {
      readonly ok: true;
      readonly runDir: string;
      /** Absent when only `--run-dir` was given: then nobody knows where the state of that daemon lies. */
      readonly stateDir?: string;
      readonly json: boolean;
      readonly words: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Takes `--run-dir DIR` (or `--run-dir=DIR`), `--state-dir DIR` and `--json` out of a command line, wherever they stand, so that
 * the rest is what 3.0.6 would have been given.
 */
export function takeCommonWords(argv: readonly string[]): Words {
  const words: string[] = [];
  const folders = new Map<string, string>();
  let json = false;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    const [name = '', joined] = splitOnce(word);
    if (word === '--json') json = true;
    else if (name !== '--run-dir' && name !== '--state-dir') words.push(word);
    else {
      const value = joined ?? argv[at + 1];
      if (value === undefined) return { ok: false, reason: `${name} needs a folder` };
      if (joined === undefined) at += 1;
      folders.set(name, resolve(value));
    }
  }
  const runDir = folders.get('--run-dir');
  const stateDir = folders.get('--state-dir') ?? (runDir === undefined ? DEFAULT_PLACES.stateDir : undefined);
  return { ok: true, runDir: runDir ?? DEFAULT_PLACES.runDir, json, words, ...(stateDir === undefined ? {} : { stateDir }) };
}

function splitOnce(word: string): [string, string?] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
}
