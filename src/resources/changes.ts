import type { Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import { compare, type GroupChange, wordsOf } from './group-list.ts';
import type { ResourceState } from './state.ts';

/** Of files that were read before anything could be asked, more are not remembered. */
const DEPARTING_MAX = 1000;

/**
 * A changed haresources, from its reading to the moment at which nothing moves here: only then it takes effect. What is
 * gone from it is stopped by the definition that it was started with; what is new is asked for its status, since it may
 * run already; everything else goes on as it is.
 */
export class Changes {
  readonly #state: ResourceState;
  #pending: readonly ResourceGroup[] | undefined;

  constructor(state: ResourceState) {
    this.#state = state;
  }

  /** The newest reading counts. */
  read(groups: readonly ResourceGroup[]): void {
    this.#pending = groups;
  }

  get waiting(): boolean {
    return this.#pending !== undefined;
  }

  /**
   * Before anything was asked: the new groups take the place of the old ones. What an earlier life has left running, it
   * has started by the old ones, as far as anybody knows, and so these are asked for as well.
   */
  applyAtOnce(): void {
    const change = this.#next();
    if (change === undefined) return;
    const { elsewhere, ownership, work } = this.#state;
    this.#tell(change);
    elsewhere.fileChanges(change);
    ownership.replace(change.removed, change.added);
    this.#state.groups = change.listed;
    const known = new Set(change.listed.map((group) => group.id));
    const back = this.#state.departing.filter((group) => known.has(group.id));
    // Should we die before we have asked, our journal says so.
    for (const old of [...change.changed, ...change.removed, ...back])
      work.started.leftBehind(work.definition(old), work.started.named(old));
    this.#state.departing = [...this.#state.departing, ...change.removed].filter((group) => !known.has(group.id)).slice(-DEPARTING_MAX);
  }

  /**
   * false: there is nothing to do. `keeps` says of a new group whether it may stay where it runs here. `finished` is
   * called when all scripts have ended.
   */
  apply(now: Now, keeps: (group: ResourceGroup) => boolean, finished: (now: Now) => void): boolean {
    const { departing, groups, ownership, port, work } = this.#state;
    const change = this.#next() ?? (departing.length === 0 ? undefined : { listed: groups, added: [], removed: [], changed: [] });
    if (change === undefined) return false;
    this.#tell(change);
    this.#state.elsewhere.fileChanges(change);
    ownership.replace(change.removed, change.added);
    this.#state.groups = change.listed;
    const stays = this.#rename([...departing, ...change.removed], change.listed, keeps);
    // Gone in an earlier reading, and here again: it goes on as what it was.
    const back = new Set(change.listed.filter(keeps).map(({ id }) => id));
    const out = [...departing, ...change.removed].filter((group) => !stays.has(group) && !back.has(group.id));
    const gone = out.filter((group) => work.mayRun(group));
    for (const group of out) if (!work.mayRun(group)) work.forget(group);
    for (const group of gone) port.note('groupRemoved', { key: group.key });
    this.#leaveShared(gone);
    this.#state.departing = gone;
    work.give(now, gone, (later) => {
      for (const group of gone) work.forget(group);
      this.#state.departing = [];
      const unknown = change.added.filter((group) => work.state(group) === 'stopped');
      work.probe(later, unknown, (probed) => this.#giveStrays(probed, unknown, keeps, finished));
    });
    return true;
  }

  /** What a twin, which goes on here, has as well: the address of two services, say. */
  #leaveShared(gone: readonly ResourceGroup[]): void {
    const { groups, work } = this.#state;
    for (const group of gone) {
      const twins = groups.filter(({ home, id, key }) => home === group.home && key === group.key && id !== group.id);
      const staying = new Set(twins.filter((twin) => work.state(twin) === 'running').flatMap((twin) => wordsOf(work.definition(twin))));
      const { resources, ...rest } = work.definition(group);
      work.started.begin({ ...rest, resources: resources.filter(({ word }) => !staying.has(word)) });
    }
  }

  #tell({ added, removed, changed }: GroupChange): void {
    if (added.length + removed.length + changed.length === 0) return;
    const keys = (groups: readonly ResourceGroup[]) => groups.map((group) => group.key).join(' ');
    this.#state.port.note('groupsChanged', { added: keys(added), removed: keys(removed), changed: keys(changed) });
  }

  #next(): GroupChange | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending === undefined ? undefined : compare(this.#state.groups, pending);
  }

  /** What runs here and only changed its home, and belongs here by the new one too, goes on without a stop. */
  #rename(
    removed: readonly ResourceGroup[],
    listed: readonly ResourceGroup[],
    keeps: (group: ResourceGroup) => boolean,
  ): Set<ResourceGroup> {
    const { work } = this.#state;
    const stays = new Set<ResourceGroup>();
    for (const group of listed) {
      if (work.mayRun(group) || !keeps(group)) continue;
      const old = removed.find((candidate) => candidate.key === group.key && !stays.has(candidate) && work.mayRun(candidate));
      if (old === undefined) continue;
      stays.add(old);
      work.rename(old, group);
    }
    return stays;
  }

  #giveStrays(now: Now, added: readonly ResourceGroup[], keeps: (group: ResourceGroup) => boolean, finished: (now: Now) => void): void {
    const { port, work } = this.#state;
    const strays = added.filter((group) => work.mayRun(group) && !keeps(group));
    for (const group of strays) port.note('groupNotOurs', { key: group.key });
    work.give(now, strays, finished);
  }
}
