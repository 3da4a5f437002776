import type { Extent, Rank } from './keeper.ts';

/** Entries in one list, at most: about 5000 bytes of a packet. Who has more groups than this exchanges sets alone. */
export const ENTRIES_MAX = 250;
/** Longest entry and its blank. */
const ENTRY_CHARS_MAX = 8 + 1 + 8 + 1 + 5 + 1 + 8 + 1;
/** In place of a list that could not hold everything. */
export const INCOMPLETE = '+';
const NONE = '-';
const ENTRY = /^([0-9a-f]{1,8})\.([0-9a-f]{1,8})\.([012])(o?)([wp]?)(k?)\.([0-9a-f]{1,8})$/;

/** What a node tells of one group that it owns or runs. */
export interface GroupTerm {
  readonly epoch: number;
  readonly rank: Rank;
  /** It claims the group. Without it the group is on its way out there. */
  readonly owned: boolean;
  readonly runs: Extent;
  /** It has decided to keep what both hold, and will not give it up. */
  readonly keeps: boolean;
  /** How long it has held the group, whole seconds. */
  readonly seconds: number;
}

/** `MARK.EPOCH.FLAGS.SECONDS` per group: numbers in hex, the mark of the group's identity first. */
export function writeTerms(terms: ReadonlyMap<string, GroupTerm>): string {
  if (terms.size > ENTRIES_MAX) return INCOMPLETE;
  const entries = [...terms].map(([mark, { epoch, rank, owned, runs, keeps, seconds }]) => {
    const extent = runs === 'nothing' ? '' : runs === 'whole' ? 'w' : 'p';
    const age = Math.min(Math.max(0, Math.floor(seconds)), 0xffff_ffff);
    return `${mark}.${epoch.toString(16)}.${rank}${owned ? 'o' : ''}${extent}${keeps ? 'k' : ''}.${age.toString(16)}`;
  });
  return entries.join(' ') || NONE;
}

/** undefined: the sender could not tell everything, or tells nothing that can be read. */
export function readTerms(text: string | undefined): Map<string, GroupTerm> | undefined {
  if (text === undefined || text === INCOMPLETE || text.length > ENTRIES_MAX * ENTRY_CHARS_MAX) return undefined;
  const terms = new Map<string, GroupTerm>();
  if (text === NONE) return terms;
  for (const entry of text.split(' ')) {
    const [, mark, epoch, rank, owned, extent, keeps, seconds] = ENTRY.exec(entry) ?? [];
    if (mark === undefined || epoch === undefined || seconds === undefined || terms.size >= ENTRIES_MAX) return undefined;
    terms.set(mark, {
      epoch: Number.parseInt(epoch, 16),
      rank: rank === '2' ? 2 : rank === '1' ? 1 : 0,
      owned: owned === 'o',
      runs: extent === 'w' ? 'whole' : extent === 'p' ? 'partly' : 'nothing',
      keeps: keeps === 'k',
      seconds: Number.parseInt(seconds, 16),
    });
  }
  return terms;
}
