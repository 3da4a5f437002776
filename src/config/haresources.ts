/** haresources: one group of resources a line (haresources 1, 2, 10). */

import type { SourceLine } from '../contracts/basics.ts';
import type { ConfigFile, Resource, ResourceGroup } from '../contracts/config.ts';
import { FILE_CHARACTERS_MAX, NUL_BYTE, splitLines, splitWords, type TextLine, withoutRemark } from './lines.ts';
import { foldNodeName } from './names.ts';
import { type Problems, plainPath, shown } from './problems.ts';

const GROUPS_MAX = 1000;
const RESOURCES_PER_GROUP_MAX = 1000;

interface LogicalLine {
  readonly number: number;
  readonly text: string;
}

/**
 * The groups in file order. `nodes` are the names of ha.cf, in lower case; when it is empty the names are not
 * checked, since ha.cf has been complained about.
 */
export function readHaresources(file: ConfigFile, nodes: readonly string[], problems: Problems): readonly ResourceGroup[] {
  const name = plainPath(file.path);
  const whole: SourceLine = { file: name, line: 0 };
  if (file.text === undefined) {
    const why = file.fault === undefined ? '' : ` (${file.fault})`;
    problems.error(whole, `Cannot open resources file [${file.path}]${why}: expected a file, which may be empty`);
    return [];
  }
  const { lines, byteOrderMark, tooLong, nulLine } = splitLines(file);
  if (tooLong) problems.error(whole, `longer than ${FILE_CHARACTERS_MAX} bytes: not a configuration file`);
  if (byteOrderMark)
    problems.error({ file: name, line: 1 }, `Bad nodename in ${file.path} [byte order mark]: save the file without a byte order mark`);
  if (nulLine !== undefined) problems.warning({ file: name, line: nulLine }, NUL_BYTE);
  const groups: ResourceGroup[] = [];
  const seen = new Map<string, number>();
  for (const line of joinLines(lines, name, problems)) {
    const group = readGroup(line, file, nodes, seen, problems);
    if (group === undefined) continue;
    if (groups.length >= GROUPS_MAX) {
      problems.error({ file: name, line: line.number }, `more than ${GROUPS_MAX} groups`);
      break;
    }
    const taken = groups.some((other) => other.id === group.key);
    groups.push(taken ? { ...group, id: `${group.key}#${line.number}` } : group);
  }
  return groups;
}

/** A backslash as the very last character joins the next line, with nothing in between (haresources 1). */
function joinLines(lines: readonly TextLine[], file: string, problems: Problems): readonly LogicalLine[] {
  const joined: LogicalLine[] = [];
  let parts: string[] = [];
  let first = 0;
  for (const { number, text } of lines) {
    const plain = withoutRemark(text);
    const at = { file, line: number };
    if (parts.length === 0) first = number;
    else if (plain.length < text.length) {
      problems.warning(at, 'a remark on a continued line: Heartbeat 3.0.6 would take its words as resources; put it above the group');
    }
    if (plain.endsWith('\\')) {
      parts.push(plain.slice(0, -1));
      continue;
    }
    if (/\\[ \t]+$/.test(plain.slice(-80))) {
      problems.warning(at, 'a blank after the backslash: the line is not continued; the backslash must be the very last character');
    }
    joined.push({ number: first, text: parts.length === 0 ? plain : parts.join('') + plain });
    parts = [];
  }
  if (parts.length > 0) joined.push({ number: first, text: parts.join('') });
  return joined;
}

function readGroup(
  { number, text }: LogicalLine,
  { path }: ConfigFile,
  nodes: readonly string[],
  seen: Map<string, number>,
  problems: Problems,
): ResourceGroup | undefined {
  const [node, ...words] = splitWords(text);
  if (node === undefined) return undefined;
  const at: SourceLine = { file: plainPath(path), line: number };
  const home = foldNodeName(node);
  if (nodes.length > 0 && !nodes.includes(home)) {
    problems.error(at, `Bad nodename in ${path} [${shown(node)}]: ${hintForNode(node, words.length === 0, nodes)}`);
    return undefined;
  }
  if (words.length > RESOURCES_PER_GROUP_MAX) {
    problems.error(at, `${words.length} resources in a group, expected at most ${RESOURCES_PER_GROUP_MAX}`);
    return undefined;
  }
  const resources: Resource[] = [];
  for (const word of words) {
    const before = seen.get(word);
    if (before !== undefined) {
      problems.warning(at, `${shown(word)}: stands in line ${before} as well; a resource belongs into one group`);
    } else seen.set(word, number);
    const resource = parseResource(word);
    if (resource === undefined) problems.warning(at, `${shown(word)}: names no script; left out`);
    else resources.push(resource);
  }
  const key = resources[0]?.word;
  if (key === undefined) {
    problems.warning(at, `${shown(node)}: no resources; expected \`NODE RESOURCE [RESOURCE ...]\``);
    return undefined;
  }
  if (/[*$[]/.test(key)) {
    problems.warning(at, `${shown(key)}: Heartbeat 3.0.6 never starts a group whose first word holds * $ or [`);
  }
  return { key, id: key, home, resources };
}

/**
 * One word of a group: `SCRIPT::ARG::ARG`, or an address, which is short for the script IPaddr with the whole
 * word as its argument. Empty arguments vanish and a backslash gives way to the character after it
 * (haresources 1). `undefined` when nothing is left.
 */
export function parseResource(word: string): Resource | undefined {
  if (isAddress(word)) return { word, script: 'IPaddr', args: [word] };
  const [script, ...args] = word
    .split('::')
    .map((part) => part.replace(/\\(.?)/g, '$1'))
    .filter((part) => part !== '');
  return script === undefined ? undefined : { word, script, args };
}

/** Begins with four parts that each begin with a digit, and has no `::`. */
function isAddress(word: string): boolean {
  return /^[0-9]/.test(word) && !word.includes('::') && (word.match(/\.[0-9]/g)?.length ?? 0) >= 3;
}

function hintForNode(word: string, alone: boolean, nodes: readonly string[]): string {
  if (word.startsWith('//')) return 'remarks begin with #';
  const known = `expected a node of ha.cf (${shown(nodes.join(', '))})`;
  const short = word.toLowerCase().split('.')[0];
  const near = nodes.find((node) => node.split('.')[0] === short);
  if (near !== undefined) return `${known}; ha.cf spells it ${shown(near)}`;
  if (alone || isAddress(word) || word.includes('::') || word === 'IPaddr') {
    return `${known} as the first word; all resources of a group stand on one line, or end the line above with a blank and a backslash`;
  }
  return `${known} as the first word of a line`;
}
