/** authkeys: which key signs, and all the keys (directives 3, 4, 6). */

import { textToBytes } from '../base/bytes.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { SourceLine } from '../contracts/basics.ts';
import type { AuthConfig, AuthKey, ConfigFile } from '../contracts/config.ts';
import { parseInteger } from './integers.ts';
import { FILE_CHARACTERS_MAX, NUL_BYTE, splitLines, splitWords, type TextLine, trimBlanks } from './lines.ts';
import { type Problems, plainPath, shown } from './problems.ts';

/** Read bits of group and others: the only ones 3.0.6 looks at (directives 3). */
const READ_BY_OTHERS = 0o044;
const KEY_NUMBER_MAX = 15;
const LIKE_A_METHOD = /^(?:sha|md|crc|hmac|aes|blake|none)[-_]?[0-9]*$/i;
const AUTHENTICATION_ERROR = 'Authentication configuration error.';

class KeyReader {
  readonly #file: ConfigFile;
  readonly #catalog: AuthCatalog;
  readonly #problems: Problems;
  readonly #keys = new Map<number, AuthKey>();
  /** Key lines that were read wrong: a key that is missing for that reason is not complained about again. */
  readonly #refused = new Set<number>();
  /** The last `auth` line. */
  #named: { readonly index: number; readonly at: SourceLine } | undefined;
  /** The last key line with the number of the `auth` line above it: that is the key which signs. */
  #signing: number | undefined;

  constructor(file: ConfigFile, catalog: AuthCatalog, problems: Problems) {
    this.#file = file;
    this.#catalog = catalog;
    this.#problems = problems;
  }

  line(line: TextLine): void {
    const text = trimBlanks(line.text);
    if (text === '' || text.startsWith('#')) return;
    const at: SourceLine = { file: plainPath(this.#file.path), line: line.number };
    const auth = /^auth[ \t]*([+-]?[0-9]+)/.exec(text)?.[1];
    if (auth !== undefined) {
      this.#named = { index: parseInteger(auth) ?? -1, at };
      return;
    }
    if (text.startsWith('auth')) {
      const end = line.ended ? '\n' : '';
      this.#problems.error(at, `Invalid auth line [${shown(this.#masked(text) + end)}] in ${this.#file.path}: expected \`auth N\``);
      return;
    }
    const number = /^[+-]?[0-9]+/.exec(text)?.[0];
    const [method, key, ...more] = number === undefined ? [] : splitWords(text.slice(number.length));
    if (number === undefined || method === undefined) {
      const end = line.ended ? '\n' : '';
      this.#problems.error(
        at,
        `Auth line [${shown(this.#masked(text) + end)}] is invalid.: expected \`auth N\` or \`N METHOD [KEY]\`, and # before a remark`,
      );
      return;
    }
    this.#key(parseInteger(number) ?? -1, method, key, more.length > 0, at);
  }

  #key(index: number, method: string, key: string | undefined, hasMore: boolean, at: SourceLine): void {
    const refuse = (text: string) => {
      this.#refused.add(index);
      this.#problems.error(at, text);
    };
    if (index < 0 || index > KEY_NUMBER_MAX) {
      refuse(`Invalid authnum [${index}] in ${this.#file.path}: expected a number from 0 to ${KEY_NUMBER_MAX}`);
      return;
    }
    const type = this.#catalog.find(method);
    if (type === undefined) {
      // With the method forgotten the word is the key itself: only what looks like a method is repeated.
      const named = key !== undefined || LIKE_A_METHOD.test(method) ? shown(method) : '***';
      refuse(`Invalid authtype [${named}]: expected one of ${this.#catalog.names.join(' ')}`);
      return;
    }
    if (type.key === 'required' && key === undefined) {
      refuse(`Auth method [${type.name}] requires a key: expected \`${index} ${type.name} KEY\``);
      return;
    }
    if (type.key === 'unused' && key !== undefined) {
      refuse(
        `Auth method [${type.name}] doesn't use a key; Auth Key [${index}] not found in keyfile [${this.#file.path}]. ${AUTHENTICATION_ERROR} ` +
          `Expected \`${index} ${type.name}\` alone; a remark needs a line of its own`,
      );
      return;
    }
    if (key?.startsWith('#')) {
      this.#problems.warning(at, `key ${index} begins with #, which begins no remark here: write a remark on a line of its own`);
    } else if (hasMore) {
      this.#problems.warning(
        at,
        `key ${index}: only the first word is the key, the rest is passed over: write a remark on a line of its own`,
      );
    }
    if (this.#keys.has(index)) this.#problems.warning(at, `key ${index} is listed twice: the last one counts`);
    this.#keys.set(index, { index, method: type.name, key: textToBytes(key ?? '') });
    if (this.#named?.index === index) this.#signing = index;
  }

  end(whole: SourceLine): AuthConfig | undefined {
    const named = this.#named;
    if (named === undefined) {
      this.#problems.error(whole, `Missing auth directive in keyfile [${this.#file.path}]: expected \`auth N\` above the keys`);
      return undefined;
    }
    const { index, at } = named;
    const what = this.#keys.has(index)
      ? `the line \`auth ${index}\` must stand above the line of key ${index}`
      : `expected a line \`${index} METHOD [KEY]\` below`;
    if (this.#signing === undefined) {
      if (!this.#refused.has(index)) this.#problems.error(at, `Auth Key [${index}] not found in keyfile [${this.#file.path}]: ${what}`);
      return undefined;
    }
    if (this.#signing !== index && !this.#refused.has(index)) {
      this.#problems.warning(at, `auth ${index}: key ${this.#signing} signs, as an earlier \`auth\` line says: ${what}`);
    }
    return { signing: this.#signing, keys: [...this.#keys.values()].sort((a, b) => a.index - b.index) };
  }

  /** A line whose number was forgotten holds a secret: what follows the method is not repeated. */
  #masked(text: string): string {
    const words = splitWords(text);
    const method = words.findIndex((word) => this.#catalog.find(word) !== undefined);
    return method >= 0 && method < words.length - 1 ? `${words.slice(0, method + 1).join(' ')} ***` : trimBlanks(text);
  }
}

/** The keys, or `undefined` when the file is refused. No key ever stands in a message. */
export function readAuthKeys(file: ConfigFile, catalog: AuthCatalog, problems: Problems): AuthConfig | undefined {
  const whole: SourceLine = { file: plainPath(file.path), line: 0 };
  const before = problems.errorCount;
  if (file.text === undefined) {
    const why = file.fault === undefined ? '' : ` (${file.fault})`;
    problems.error(
      whole,
      `Cannot open keyfile [${file.path}].  Stop.${why} ${AUTHENTICATION_ERROR} Expected a file of mode 600 with \`auth N\` and its key`,
    );
    return undefined;
  }
  if (file.mode !== undefined && (file.mode & READ_BY_OTHERS) !== 0) {
    const mode = (file.mode & 0o777).toString(8).padStart(3, '0');
    problems.error(
      whole,
      `Bad permissions on keyfile [${file.path}], 600 recommended. ${AUTHENTICATION_ERROR} Read mode ${mode}, expected no read permission for group and others`,
    );
  }
  const { lines, byteOrderMark, tooLong, nulLine } = splitLines(file);
  if (tooLong) problems.error(whole, `longer than ${FILE_CHARACTERS_MAX} bytes: not a key file`);
  if (byteOrderMark) {
    problems.error({ ...whole, line: 1 }, 'Auth line [byte order mark] is invalid.: save the file without a byte order mark');
  }
  if (nulLine !== undefined) problems.warning({ ...whole, line: nulLine }, NUL_BYTE);
  const reader = new KeyReader(file, catalog, problems);
  for (const line of lines) reader.line(line);
  const auth = reader.end(whole);
  return problems.errorCount > before ? undefined : auth;
}
