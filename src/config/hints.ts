/** What people usually meant when a line of ha.cf cannot be read (directives 6). */
import { shown } from './problems.ts';

const WORD_LENGTH_MAX = 40;
const PLACEHOLDER = /^(?:<.*>|\{.*\}|peer-?ip|your[-_.].*|eth[xn]|my[-_](?:ip|node|interface)|x+\.x+\.x+\.x+|.*_here)$/i;

/** A word that was left over from a sample. */
export function looksLikePlaceholder(word: string): boolean {
  return word.length <= WORD_LENGTH_MAX && PLACEHOLDER.test(word);
}

/** What the line above ends with. */
export type Above = 'backslash' | 'remark' | 'other';

/** A sentence that says what to write instead of an unknown directive. */
export function hintForUnknown(word: string, known: readonly string[], above: Above): string {
  const wrapped = above === 'remark' ? '; if the remark above goes on here, begin this line with # as well' : '';
  return `${hintFor(word, known, above)}${wrapped}`;
}

function hintFor(word: string, known: readonly string[], above: Above): string {
  if (above === 'backslash') return 'ha.cf has no continuation lines: write the whole directive on one line';
  if (word.startsWith('//') || word.startsWith(';') || word.startsWith('--')) return 'remarks begin with #';
  const lower = word.toLowerCase();
  if (known.includes(lower)) return `directives are written in lower case: \`${lower}\``;
  const bare = /^([a-z_0-9]+)[=:]/.exec(lower)?.[1];
  if (bare !== undefined && known.includes(bare)) return `write a blank after \`${bare}\``;
  const near = nearest(lower, known);
  if (near !== undefined) return `perhaps \`${near}\` was meant`;
  return `expected a directive, or # before a remark (on each of its lines); \`${shown(word)}\` is neither`;
}

/** The known word at most two edits away. */
function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > WORD_LENGTH_MAX || word.length < 4) return undefined;
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
