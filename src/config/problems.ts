import type { Problem, SourceLine } from '../contracts/basics.ts';

/** More complaints than this help nobody; the rest is counted. */
export const PROBLEMS_MAX = 500;
/** Longest piece of a file that a message repeats. */
const SHOWN_CHARACTERS_MAX = 160;

/**
 * A piece of a file made fit for one line of a log: control characters visible, length bounded. The text of
 * the files has one character per byte; bytes above 127 pass as they are.
 */
export function shown(text: string, charactersMax = SHOWN_CHARACTERS_MAX): string {
  const cut = text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text;
  let visible = '';
  for (const character of cut) {
    const code = character.charCodeAt(0);
    if (character === '\n') visible += '\\n';
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) visible += `\\x${code.toString(16).padStart(2, '0')}`;
    else visible += character;
  }
  return visible;
}

/** The path of a problem: without the double slash that the texts of 3.0.6 carry. */
export function plainPath(path: string): string {
  return path.replace(/\/\/+/g, '/');
}

/** Collects what is wrong in the files, in the order of the lines of each file. */
export class Problems {
  readonly #list: Problem[] = [];
  #errors = 0;
  #dropped = 0;

  error(at: SourceLine, text: string): void {
    this.#errors += 1;
    this.#add({ file: at.file, line: at.line, severity: 'error', text });
  }

  warning(at: SourceLine, text: string): void {
    this.#add({ file: at.file, line: at.line, severity: 'warning', text });
  }

  get errorCount(): number {
    return this.#errors;
  }

  /** File by file in the order given; inside a file by line, complaints about the whole file last. */
  inOrder(files: readonly string[]): readonly Problem[] {
    const rank = (problem: Problem) => files.indexOf(problem.file);
    const line = (problem: Problem) => (problem.line === 0 ? Number.MAX_SAFE_INTEGER : problem.line);
    const sorted = [...this.#list].sort((a, b) => rank(a) - rank(b) || line(a) - line(b));
    if (this.#dropped > 0) {
      const severity = this.#errors > 0 ? 'error' : 'warning';
      sorted.push({ file: files[0] ?? '', line: 0, severity, text: `${this.#dropped} more problems are not shown` });
    }
    return sorted;
  }

  #add(problem: Problem): void {
    if (this.#list.length < PROBLEMS_MAX) this.#list.push(problem);
    else this.#dropped += 1;
  }
}

/** `file:line: text`, or `file: text` when the whole file is meant. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}`;
  return `${place}: ${problem.text}`;
}
