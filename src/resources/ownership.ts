import type { NodeName } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceSetWord } from '../contracts/status.ts';

/** Groups whose home is this node, or any other (haresources 2), always seen from here. */
export type Side = 'local' | 'foreign';

/** A set of sides. On the wire it is `none` `local` `foreign` `all`, from the sender's viewpoint. */
export interface SideSet {
  readonly local: boolean;
  readonly foreign: boolean;
}

export const NOTHING: SideSet = { local: false, foreign: false };
export const EVERYTHING: SideSet = { local: true, foreign: true };

export function toWord(set: SideSet): ResourceSetWord {
  if (set.local) return set.foreign ? 'all' : 'local';
  return set.foreign ? 'foreign' : 'none';
}

export function fromWord(word: string | undefined): SideSet | undefined {
  switch (word) {
    case 'none':
      return NOTHING;
    case 'local':
      return { local: true, foreign: false };
    case 'foreign':
      return { local: false, foreign: true };
    case 'all':
      return EVERYTHING;
    default:
      return undefined;
  }
}

/** The same groups seen from the other of two nodes: its foreign is our local. */
export function mirrored(set: SideSet): SideSet {
  return { local: set.foreign, foreign: set.local };
}

export function union(a: SideSet, b: SideSet): SideSet {
  return { local: a.local || b.local, foreign: a.foreign || b.foreign };
}

export function without(a: SideSet, b: SideSet): SideSet {
  return { local: a.local && !b.local, foreign: a.foreign && !b.foreign };
}

export function common(a: SideSet, b: SideSet): SideSet {
  return { local: a.local && b.local, foreign: a.foreign && b.foreign };
}

export function isEmpty(set: SideSet): boolean {
  return !set.local && !set.foreign;
}

/** Hears of each group that becomes ours, or is ours no more. */
export interface OwnershipObserver {
  gained(group: ResourceGroup): void;
  lost(group: ResourceGroup): void;
}

const UNOBSERVED: OwnershipObserver = { gained: () => undefined, lost: () => undefined };

/**
 * Which groups this node owns, group by group; the sets on the wire are the projection. A node may have no
 * group of its own and still say `local`, so each side also carries an entry for itself.
 */
export class Ownership {
  readonly #self: NodeName;
  readonly #sides = { local: false, foreign: false };
  readonly #owned = new Set<string>();
  readonly #observer: OwnershipObserver;

  constructor(self: NodeName, observer: OwnershipObserver = UNOBSERVED) {
    this.#self = self;
    this.#observer = observer;
  }

  sideOf(group: ResourceGroup): Side {
    return group.home === this.#self ? 'local' : 'foreign';
  }

  inSet(group: ResourceGroup, set: SideSet): boolean {
    return set[this.sideOf(group)];
  }

  owns(group: ResourceGroup): boolean {
    return this.#owned.has(group.id);
  }

  claim(set: SideSet, groups: readonly ResourceGroup[]): void {
    this.#sides.local ||= set.local;
    this.#sides.foreign ||= set.foreign;
    for (const group of groups) if (this.inSet(group, set)) this.#gain(group);
  }

  drop(set: SideSet, groups: readonly ResourceGroup[]): void {
    this.#sides.local &&= !set.local;
    this.#sides.foreign &&= !set.foreign;
    for (const group of groups) if (this.inSet(group, set)) this.#lose(group);
  }

  /** Single groups, and so their sides. */
  claimGroups(groups: readonly ResourceGroup[]): void {
    for (const group of groups) {
      this.#sides[this.sideOf(group)] = true;
      this.#gain(group);
    }
  }

  /** Single groups. A side is claimed as long as one of its groups is owned; `all` are those there are. */
  dropGroups(dropped: readonly ResourceGroup[], all: readonly ResourceGroup[]): void {
    for (const group of dropped) this.#lose(group);
    for (const side of new Set(dropped.map((group) => this.sideOf(group)))) {
      this.#sides[side] &&= all.some((group) => this.sideOf(group) === side && this.owns(group));
    }
  }

  /** The file has changed: a new group belongs to whoever owns the set of its home, and what it has not any more to nobody. */
  replace(removed: readonly ResourceGroup[], added: readonly ResourceGroup[]): void {
    for (const group of removed) this.#lose(group);
    for (const group of added) if (this.#sides[this.sideOf(group)]) this.#gain(group);
  }

  #gain(group: ResourceGroup): void {
    if (this.#owned.has(group.id)) return;
    this.#owned.add(group.id);
    this.#observer.gained(group);
  }

  #lose(group: ResourceGroup): void {
    if (this.#owned.delete(group.id)) this.#observer.lost(group);
  }

  /** What `rsc_hold` says. */
  get claimed(): SideSet {
    return { ...this.#sides };
  }
}
