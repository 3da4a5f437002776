import { NODES, type SimCluster } from '../cluster.ts';

interface Cause {
  readonly name: string;
  readonly holds: () => boolean;
  /** While it held last. */
  at: number;
}

/**
 * What may keep two nodes from agreeing on who holds what. Seen from outside, after every event: none of this is
 * asked of the daemons, but that one has declared the other dead, which it says in its log.
 */
export class Causes {
  readonly #cluster: SimCluster;
  readonly #all: Cause[] = [];
  /** The longest script of late: one that is under way keeps the pace it began with. */
  slowestMs = 0;
  #lookedAt = -1;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    const { network } = cluster;
    const [a, b] = NODES;
    const [one, other] = [cluster.host(a), cluster.host(b)];
    this.#add('they do not hear each other', () => !network.carries(a, b, cluster.links) || !network.carries(b, a, cluster.links));
    for (const name of NODES) {
      this.#add(`${name} has no daemon`, () => !cluster.daemonAlive(name));
      this.#add(`the daemon of ${name} stands still`, () => cluster.isFrozen(name));
    }
    this.#add('packets are lost', () => network.weather.loss > 0 || network.weather.corrupt > 0);
    this.#add('scripts hang', () => one.hanging || other.hanging || cluster.timeline.now < cluster.scriptsHungUntil + 100);
    this.#add('a stop fails', () => one.failingStops.size > 0 || other.failingStops.size > 0);
    this.#add('a status is a lie', () => one.lies.size > 0 || other.lies.size > 0);
  }

  #add(name: string, holds: () => boolean): void {
    this.#all.push({ name, holds, at: Number.NEGATIVE_INFINITY });
  }

  look(): void {
    const { now } = this.#cluster.timeline;
    for (const cause of this.#all) if (cause.holds()) cause.at = now;
    if (now === this.#lookedAt) return;
    this.#lookedAt = now;
    for (const { pace } of this.#cluster.hosts) if (pace.spread > this.slowestMs) this.slowestMs = pace.spread;
  }

  /** The last of them, and when it ended; the present when it has not. */
  latest(): { readonly name: string; readonly at: number } {
    const { splitAt } = this.#cluster;
    let latest = { name: 'a node has started, gone on, or declared the other dead', at: splitAt };
    for (const { name, at } of this.#all) if (at >= latest.at) latest = { name, at };
    return latest;
  }
}
