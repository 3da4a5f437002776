import type { Instant } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import { wordsOf } from './group-list.ts';

/** A group that failed on every node is tried again this long after its first failure here; each further one doubles it. */
export const RETRY_MS = 60_000;
/** After so many failures in a row a record ends by an operator's word alone, so that the moves of a group are counted. */
export const FAILURES_MAX = 5;

export interface Failure {
  /** The resource whose start failed. */
  readonly resource: string;
  readonly at: Instant;
  /** In a row, without a start between them that went well. */
  readonly times: number;
}

interface Entry extends Failure {
  /** The definition that failed. */
  readonly words: string;
  /** Over, but for the count. */
  readonly lifted: boolean;
}

/** What failed to start on this node in this life of the daemon, group by group. */
export class Failures {
  readonly #entries = new Map<string, Entry>();

  add(at: Instant, group: ResourceGroup, resource: string): Failure {
    const times = (this.#entries.get(group.id)?.times ?? 0) + 1;
    const entry = { resource, at, times, words: wordsOf(group).join(' '), lifted: false };
    this.#entries.set(group.id, entry);
    return entry;
  }

  get none(): boolean {
    return this.#entries.size === 0;
  }

  /** The record that stands. */
  of(group: ResourceGroup): Failure | undefined {
    const entry = this.#entries.get(group.id);
    return entry === undefined || entry.lifted ? undefined : entry;
  }

  /** The group may be tried again, and a next failure counts on. */
  lift(group: ResourceGroup): void {
    const entry = this.#entries.get(group.id);
    if (entry !== undefined) this.#entries.set(group.id, { ...entry, lifted: true });
  }

  /** Nothing is known against the group any more. */
  forget(id: string): void {
    this.#entries.delete(id);
  }

  /** The groups may have changed: who has another definition now, or is in no file any more. */
  outdated(groups: readonly ResourceGroup[]): string[] {
    if (this.none) return [];
    const now = new Map(groups.map((group) => [group.id, wordsOf(group).join(' ')]));
    return [...this.#entries].filter(([id, { words }]) => now.get(id) !== words).map(([id]) => id);
  }

  /** Started well since its record was lifted: what was is forgotten. */
  recovered(runs: (id: string) => boolean): void {
    for (const [id, { lifted }] of this.#entries) if (lifted && runs(id)) this.#entries.delete(id);
  }
}

/**
 * When a record ends by itself; undefined: it does not. `everywhere`: no node that is up could serve the group meanwhile.
 * `timeoutMs` 0: records do not end with time; what nobody serves is tried again all the same.
 */
export function endOf({ at, times }: Failure, everywhere: boolean, timeoutMs: number): Instant | undefined {
  if (times >= FAILURES_MAX) return undefined;
  const factor = 2 ** (times - 1);
  const expires = timeoutMs > 0 ? at + timeoutMs * factor : undefined;
  if (!everywhere) return expires;
  const retry = at + RETRY_MS * factor;
  return expires === undefined ? retry : Math.min(retry, expires);
}
