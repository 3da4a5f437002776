import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, unlinkSync } from 'node:fs';
import { HELD_SETS } from '../base/held-sets.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { HeldResources } from '../contracts/engine.ts';

/** The first words of the file. */
export const JOURNAL_HEAD = 'heartbeatd-journal 1';

const JOURNAL_BYTES_MAX = 16 << 20;

export interface FoundJournal {
  readonly held: HeldResources;
  /** Words of resources that it names. */
  readonly words: readonly string[];
  /** Of each: its script and words, as `stop` would get them. */
  readonly commands: readonly (readonly string[])[];
  /** The life that wrote it was stopping. */
  readonly stop: boolean;
}

export type JournalFound = FoundJournal | 'none' | { readonly void: string };

/** This boot of the machine; empty where the kernel does not say. */
export function bootId(file = '/proc/sys/kernel/random/boot_id'): string {
  try {
    return readFileSync(file, 'latin1').trim();
  } catch {
    return '';
  }
}

/** What a life before this one has left in its journal. Reads a small file in memory; meant for the start, with the locks held. */
export function readJournal(file: string, boot: string): JournalFound {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : { void: String(error) };
  }
  try {
    const { size, uid } = fstatSync(fd);
    if (!fstatSync(fd).isFile() || uid !== process.geteuid?.()) return { void: 'it is not ours' };
    if (size > JOURNAL_BYTES_MAX) return { void: 'it is too long' };
    const bytes = Buffer.alloc(size);
    return parseJournal(bytes.toString('utf8', 0, readSync(fd, bytes, 0, size, 0)), boot);
  } catch (error) {
    return { void: error instanceof Error ? error.message : String(error) };
  } finally {
    closeSync(fd);
  }
}

/** A void one must not be carried out by a guardian either. */
export function discardJournal(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It went by itself.
  }
}

export function parseJournal(text: string, boot: string): JournalFound {
  const [head = '', ...lines] = text.split('\n');
  if (!head.startsWith(`${JOURNAL_HEAD} `)) return { void: 'it is in no form that this version knows' };
  if (head !== `${JOURNAL_HEAD} ${boot}`) return { void: 'it is of an earlier boot' };
  if (lines.pop() !== '') return { void: 'its end is missing' };
  let set: HeldResources['set'] = 'none';
  let stop = false;
  const running: ResourceGroup[] = [];
  const words: string[][] = [];
  for (const line of lines) {
    const [kind, first = '', second = ''] = line.split('\t');
    switch (kind) {
      case 'held':
        set = HELD_SETS.find((word) => word === first) ?? 'none';
        break;
      case 'stop':
        stop = true;
        break;
      case 'group': {
        const group: unknown = JSON.parse(first);
        if (!isGroup(group)) return { void: 'a group of it cannot be read' };
        running.push(group);
        words.push([]);
        break;
      }
      case 'address':
      case 'resource':
      case 'lost':
        words.at(-1)?.push(String(JSON.parse(second)));
        break;
    }
  }
  const resources = running.flatMap((group, at) => group.resources.filter(({ word }) => words[at]?.includes(word)));
  return {
    held: { set, running, words },
    words: resources.map(({ word }) => word),
    commands: resources.map(({ script, args }) => [script, ...args]),
    stop,
  };
}

function isGroup(value: unknown): value is ResourceGroup {
  const group = value as Partial<ResourceGroup> | null;
  if (typeof group !== 'object' || group === null || !Array.isArray(group.resources)) return false;
  const isText = (word: unknown): boolean => typeof word === 'string';
  const isResource = (one: Partial<ResourceGroup['resources'][number]> | null): boolean =>
    typeof one === 'object' && one !== null && isText(one.word) && isText(one.script) && Array.isArray(one.args) && one.args.every(isText);
  return [group.key, group.id, group.home].every(isText) && group.resources.every(isResource);
}
