import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceMessage } from './control.ts';
import { mark, wordsOf } from './group-list.ts';

/** Marks in one list, at most: with all three lists some 2700 bytes of a packet. A group beyond is not lent. */
export const LOANS_MAX = 100;

const marksOf = new WeakMap<ResourceGroup, string>();

/** The same on both nodes for the same line of haresources. */
export function groupMark(group: ResourceGroup): string {
  const known = marksOf.get(group);
  if (known !== undefined) return known;
  const made = mark(`${group.home} ${wordsOf(group).join(' ')}`);
  marksOf.set(group, made);
  return made;
}

/**
 * Resources that stand in several groups of one home. These always run on one node, so that such a group cannot go away
 * alone: its part that another group uses would run twice.
 */
function tiedWords(groups: readonly ResourceGroup[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const tied = new Set<string>();
  for (const group of groups) {
    for (const word of new Set(wordsOf(group))) {
      const place = `${group.home} ${word}`;
      if (seen.has(place)) tied.add(place);
      seen.add(place);
    }
  }
  return tied;
}

/** Which groups can be served by another node than the rest of their set. */
export class Ties {
  #known: { readonly groups: readonly ResourceGroup[]; readonly words: ReadonlySet<string> } | undefined;

  isFree(groups: readonly ResourceGroup[], group: ResourceGroup): boolean {
    if (this.#known?.groups !== groups) this.#known = { groups, words: tiedWords(groups) };
    const { words } = this.#known;
    return group.resources.length > 0 && (words.size === 0 || group.resources.every(({ word }) => !words.has(`${group.home} ${word}`)));
  }
}

/** What the peer says of groups that do not follow their set, and how far it has heard what we say. */
export class Heard {
  /** It has failed to start them in this life, and does not run them. */
  failed: ReadonlySet<string> = new Set();
  /** Of the sets that it holds: it does not run them and will not, as long as we may. */
  yields: ReadonlySet<string> = new Set();
  /** It runs them, or may, although their set is not its own. */
  guests: ReadonlySet<string> = new Set();
  /** The name of its last list of `yields`, to be quoted. */
  turn: string | undefined;
  /** The name of our last list that it has heard. */
  quotes: string | undefined;
  /** It speaks of these things. */
  able = false;
  #seq = 0;

  /** A list that names too much is cut: what is beyond is not lent. */
  hear(message: ResourceMessage): void {
    if (message.seq < this.#seq) return;
    if (message.type !== 'resource' && message.get('info') !== 'done') return;
    this.#seq = message.seq;
    if (message.type !== 'resource') {
      this.guests = marks(message.get('hbd_guest'));
      return;
    }
    this.able = message.get('hbd_v') !== undefined;
    this.failed = marks(message.get('hbd_failed'));
    this.yields = marks(message.get('hbd_yield'));
    this.guests = marks(message.get('hbd_guest'));
    this.turn = message.get('hbd_turn')?.slice(0, 32);
    this.quotes = message.get('hbd_quote');
  }

  /** A new life of the peer's: what the old one ran may run there still, until it says otherwise. */
  restarted(): void {
    const { guests } = this;
    this.gone();
    this.guests = guests;
  }

  /** Dead, or on its way out. */
  gone(): void {
    this.failed = new Set();
    this.yields = new Set();
    this.guests = new Set();
    this.turn = undefined;
    this.quotes = undefined;
    this.#seq = 0;
  }
}

export function listed(found: Iterable<string>): string {
  return [...new Set(found)].slice(0, LOANS_MAX).join(' ');
}

export function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function marks(list: string | undefined): ReadonlySet<string> {
  if (list === undefined) return new Set();
  const words = list.slice(0, LOANS_MAX * 9).split(' ');
  return new Set(words.filter((word) => word !== '').slice(0, LOANS_MAX));
}
