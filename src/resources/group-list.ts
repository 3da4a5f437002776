import type { ResourceGroup } from '../contracts/config.ts';

/**
 * The groups of one reading of haresources, each with the identity that outlasts a change of the file: home and key.
 * Who share both are told apart by their resources, where the reading before had the same, and else by their order. Line
 * numbers move when somebody adds a line; these do not.
 */
export function identified(groups: readonly ResourceGroup[], before: readonly ResourceGroup[] = []): ResourceGroup[] {
  const free = new Map<string, ResourceGroup[]>();
  for (const group of before) free.set(nameOf(group), [...(free.get(nameOf(group)) ?? []), group]);
  const taken = new Set<string>();
  const claim = (group: ResourceGroup, fits: (old: ResourceGroup) => boolean): string | undefined => {
    const old = free.get(nameOf(group))?.find((candidate) => !taken.has(candidate.id) && fits(candidate));
    if (old !== undefined) taken.add(old.id);
    return old?.id;
  };
  const unchanged = groups.map((group) => claim(group, (old) => sameWords(old, group)));
  const known = groups.map((group, at) => unchanged[at] ?? claim(group, () => true));
  return groups.map((group, at) => {
    const name = nameOf(group);
    let id = known[at] ?? name;
    for (let twin = 2; known[at] === undefined && taken.has(id); twin += 1) id = `${name} #${twin}`;
    taken.add(id);
    return { ...group, id };
  });
}

function nameOf({ home, key }: ResourceGroup): string {
  return `${home} ${key}`;
}

export function wordsOf(group: ResourceGroup): string[] {
  return group.resources.map((resource) => resource.word);
}

export function sameWords(a: ResourceGroup, b: ResourceGroup): boolean {
  return a.resources.length === b.resources.length && a.resources.every((resource, index) => resource.word === b.resources[index]?.word);
}

export interface GroupChange {
  /** All groups of the new file, in its order. */
  readonly listed: readonly ResourceGroup[];
  /** Not in the old file under this identity. */
  readonly added: readonly ResourceGroup[];
  /** Not in the new file any more, as the old one had them. */
  readonly removed: readonly ResourceGroup[];
  /** In both, with other resources, as the old file had them. */
  readonly changed: readonly ResourceGroup[];
}

/** What is different between the groups at work and a new reading of the file; undefined when nothing is. */
export function compare(running: readonly ResourceGroup[], file: readonly ResourceGroup[]): GroupChange | undefined {
  const listed = identified(file, running);
  const before = new Map(running.map((group) => [group.id, group]));
  const after = new Map(listed.map((group) => [group.id, group]));
  const added = listed.filter((group) => !before.has(group.id));
  const removed = running.filter((group) => !after.has(group.id));
  const changed = running.filter((group) => {
    const now = after.get(group.id);
    return now !== undefined && !sameWords(group, now);
  });
  const moved = listed.some((group, index) => group.id !== running[index]?.id);
  if (added.length + removed.length + changed.length === 0 && !moved) return undefined;
  return { listed, added, removed, changed };
}

/** A short mark of a text, 32 bits in hex (FNV-1a): to compare what two nodes have, not to keep anybody out. */
export function mark(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/** The mark of a whole list: two nodes with the same one have the same groups, resources and homes. */
export function groupsMark(groups: readonly ResourceGroup[]): string {
  const text = groups.map((group) => `${group.home} ${wordsOf(group).join(' ')}`).join('\n');
  return `${mark(text)}.${mark(`${text}\n`)}`;
}

/** Resources that stand in several groups of one file. */
export function sharedWords(groups: readonly ResourceGroup[]): ReadonlySet<string> {
  const owner = new Map<string, string>();
  const shared = new Set<string>();
  for (const group of groups) {
    for (const word of wordsOf(group)) {
      if (owner.has(word) && owner.get(word) !== group.id) shared.add(word);
      owner.set(word, group.id);
    }
  }
  return shared;
}
