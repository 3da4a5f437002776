import type { ConfigFile } from '../contracts/config.ts';

/** 3.0.6 reads lines into a buffer of this size; the rest of a longer line is a line of its own to it (directives 1). */
export const OLD_LINE_BYTES_MAX = 5119;
/** A configuration file is a page or two; anything far beyond is not one. */
export const FILE_CHARACTERS_MAX = 1_048_576;

const BYTE_ORDER_MARKS = ['\u00ef\u00bb\u00bf', '\ufeff'];

export interface TextLine {
  /** 1 for the first. */
  readonly number: number;
  /** Without the line end: neither LF nor the CR before it. */
  readonly text: string;
  /** false for a last line without LF. */
  readonly ended: boolean;
}

export interface TextLines {
  readonly lines: readonly TextLine[];
  readonly byteOrderMark: boolean;
  /** The file was longer than FILE_CHARACTERS_MAX and is not looked at. */
  readonly tooLong: boolean;
  /** The first line with a NUL byte. Such a line ends there, as it does in C; no path, word or variable may hold one. */
  readonly nulLine?: number;
}

export const NUL_BYTE = 'a NUL byte: the rest of such a line is not read (was the file saved as UTF-16?)';

/** Physical lines of a file with their numbers. An unreadable file has none. */
export function splitLines(file: ConfigFile): TextLines {
  let text = file.text ?? '';
  if (text.length > FILE_CHARACTERS_MAX) return { lines: [], byteOrderMark: false, tooLong: true };
  const mark = BYTE_ORDER_MARKS.find((candidate) => text.startsWith(candidate));
  if (mark !== undefined) text = text.slice(mark.length);
  const parts = text.split('\n');
  const lastEnded = parts.at(-1) === '';
  if (lastEnded) parts.pop();
  const nulIndex = parts.findIndex((part) => part.includes('\0'));
  const lines = parts.map((part, index) => ({
    number: index + 1,
    text: lineText(part),
    ended: index < parts.length - 1 || lastEnded,
  }));
  return { lines, byteOrderMark: mark !== undefined, tooLong: false, ...(nulIndex < 0 ? {} : { nulLine: nulIndex + 1 }) };
}

function lineText(part: string): string {
  const nul = part.indexOf('\0');
  if (nul >= 0) return part.slice(0, nul);
  return part.endsWith('\r') ? part.slice(0, -1) : part;
}

/** What stands before the first `#`: no quoting exists (directives 1, haresources 1). */
export function withoutRemark(text: string): string {
  const hash = text.indexOf('#');
  return hash < 0 ? text : text.slice(0, hash);
}

const BLANKS = ' \t\r\n\f';

/** Without outer blanks. A loop, since a pattern for trailing blanks takes quadratic time on hostile lines. */
export function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && BLANKS.includes(text.charAt(from))) from += 1;
  while (to > from && BLANKS.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** Words between blanks. */
export function splitWords(text: string): readonly string[] {
  return text.split(/[ \t\r\n\f]+/).filter((word) => word !== '');
}

/** Values of an ordinary directive: between blanks or commas (directives 1). */
export function splitValues(text: string): readonly string[] {
  return text.split(/[ \t\r\n\f,]+/).filter((word) => word !== '');
}
