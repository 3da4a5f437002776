import { resolve } from 'node:path';
import { DEFAULT_PLACES } from '../base/places.ts';

export type Words =
  | { readonly ok: true; readonly runDir: string; readonly json: boolean; readonly words: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/**
 * Takes `--run-dir DIR` (or `--run-dir=DIR`) and `--json` out of a command line, wherever they stand, so that the rest is
 * what 3.0.6 would have been given.
 */
export function takeCommonWords(argv: readonly string[]): Words {
  const words: string[] = [];
  let runDir = DEFAULT_PLACES.runDir;
  let json = false;
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--json') json = true;
    else if (word.startsWith('--run-dir=')) runDir = word.slice('--run-dir='.length);
    else if (word === '--run-dir') {
      const value = argv[at + 1];
      if (value === undefined) return { ok: false, reason: '--run-dir needs a folder' };
      runDir = value;
      at += 1;
    } else words.push(word);
  }
  return { ok: true, runDir: resolve(runDir), json, words };
}
