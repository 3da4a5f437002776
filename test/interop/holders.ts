/** Who holds each address and service of a pair, over time. */
import type { ChildProcess } from 'node:child_process';
import type { Host } from '../hosts/host.ts';
import { monotonicMs, onLines, sleep } from '../hosts/run.ts';
import { startSampler } from '../hosts/sampler.ts';
import type { Placement, Seat } from './events.ts';
import type { Held } from './files.ts';
import { type Change, expected } from './judge.ts';

const PERIOD_MS = 10;

export interface Sampling {
  readonly count: number;
  readonly worstMs: number;
  readonly late: number;
}

export class Holders {
  readonly changes = new Map<string, Change[]>();
  readonly #child: ChildProcess;
  readonly #pids = new Map<Seat, number>();
  #summary: Sampling | undefined;

  constructor(
    readonly things: readonly Held[],
    readonly hosts: ReadonlyMap<Seat, Host>,
  ) {
    this.#child = startSampler(
      PERIOD_MS,
      things.map(({ key }) => key),
      true,
    );
    onLines(this.#child, (line) => this.#take(line));
    this.refresh();
    this.#child.stdin?.write('go\n');
  }

  #take(line: string): void {
    const [word, first = '', second = '', third = ''] = line.split(' ');
    if (word === 'samples') this.#summary = { count: Number(first), worstMs: Number(second), late: Number(third) };
    if (word !== 'key') return;
    const holders = third.split(',').filter((each): each is Seat => each === 'first' || each === 'second' || each === 'third');
    const list = this.changes.get(second) ?? [];
    list.push({ at: Number(first), holders });
    this.changes.set(second, list);
  }

  /** Tells the sampler about hosts that booted or lost power since. */
  refresh(): void {
    for (const [seat, { pid }] of this.hosts) {
      if (this.#pids.get(seat) === pid) continue;
      this.#pids.set(seat, pid);
      this.#child.stdin?.write(`host ${seat} ${pid}\n`);
    }
  }

  now(key: string): readonly Seat[] | undefined {
    return this.changes.get(key)?.at(-1)?.holders;
  }

  as(placement: Placement): boolean {
    return this.things.every(({ key, home }) => {
      const wanted = expected(placement, home);
      return wanted === undefined || this.now(key)?.join() === wanted.join();
    });
  }

  /** Waits until all is held as told, and stays so for `steadyMs`; false when that is not reached in time. */
  async until(placement: Placement, limitMs: number, steadyMs: number): Promise<boolean> {
    const end = monotonicMs() + limitMs;
    let since: number | undefined;
    for (;;) {
      this.refresh();
      if (!this.as(placement)) since = undefined;
      else since ??= monotonicMs();
      if (since !== undefined && monotonicMs() - since >= steadyMs) return true;
      if (monotonicMs() > end) return false;
      await sleep(10);
    }
  }

  toString(): string {
    return this.things.map(({ key }) => `${key}: ${this.now(key)?.join(' and ') || 'nobody'}`).join('; ');
  }

  /** Ends the sampling; tells how well it was sampled. */
  async stop(): Promise<Sampling> {
    if (this.#summary === undefined && this.#child.exitCode === null) {
      const gone = new Promise((resolve) => this.#child.once('close', resolve));
      this.#child.stdin?.write('quit\n');
      await gone;
    }
    return this.#summary ?? { count: 0, worstMs: Number.POSITIVE_INFINITY, late: 0 };
  }
}
