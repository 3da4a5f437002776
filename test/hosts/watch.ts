/** Who holds the virtual address, over time, and what is allowed to happen to it. */
import type { ChildProcess } from 'node:child_process';
import type { Host } from './host.ts';
import { monotonicMs, onLines, sleep } from './run.ts';
import { startSampler } from './sampler.ts';

/** From `at` on (milliseconds, monotonic) exactly these hosts hold the address. */
export interface Span {
  readonly at: number;
  readonly to: number;
  readonly holders: readonly string[];
}

export interface Event {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** 'none': nobody may hold the address meanwhile; 'both': several may, since the nodes cannot hear each other. */
  readonly allows: 'none' | 'both' | 'any';
}

const periodMs = 4;

export class Watch {
  readonly #changes: { at: number; holders: string[] }[] = [];
  readonly events: Event[] = [];
  readonly #child: ChildProcess;
  readonly #hosts: readonly Host[];
  readonly #pids = new Map<string, number>();
  #summary: { count: number; worstMs: number; late: number } | undefined;
  #endAt: number | undefined;

  constructor(
    readonly address: string,
    hosts: readonly Host[],
  ) {
    this.#hosts = hosts;
    this.#child = startSampler(periodMs, [address], hosts[0]?.lab.way === 'root');
    onLines(this.#child, (line) => this.#take(line));
    this.refresh();
    this.#child.stdin?.write('go\n');
  }

  #take(line: string): void {
    const [word, first = '', second = '', third = ''] = line.split(' ');
    if (word === 'key') this.#changes.push({ at: Number(first), holders: third === '' ? [] : third.split(',') });
    if (word === 'samples') this.#summary = { count: Number(first), worstMs: Number(second), late: Number(third) };
  }

  /** Tells the sampler about hosts that booted or lost power since. */
  refresh(): void {
    for (const host of this.#hosts) {
      if (this.#pids.get(host.name) === host.pid) continue;
      this.#pids.set(host.name, host.pid);
      this.#child.stdin?.write(`host ${host.name} ${host.pid}\n`);
    }
  }

  get holders(): readonly string[] {
    return this.#changes.at(-1)?.holders ?? [];
  }

  /** Waits until exactly these hosts hold the address; resolves with the time since when. */
  async until(holders: readonly string[], limitMs: number): Promise<number> {
    const wanted = holders.join(',');
    const end = monotonicMs() + limitMs;
    for (;;) {
      this.refresh();
      const last = this.#changes.at(-1);
      if (last !== undefined && last.holders.join(',') === wanted) return last.at;
      if (monotonicMs() > end) throw new Error(`${this.address}: held by [${this.holders}] and not by [${wanted}] after ${limitMs} ms`);
      await sleep(4);
    }
  }

  /** Does something during which the address may be gone or held twice, and notes the window under a name. */
  async during<T>(name: string, allows: Event['allows'], act: () => Promise<T>): Promise<T> {
    const from = monotonicMs();
    try {
      return await act();
    } finally {
      this.refresh();
      // What the last sample before now saw counts to the event.
      await sleep(2 * periodMs);
      this.events.push({ name, from, to: monotonicMs(), allows });
    }
  }

  spans(from = 0, to = Number.POSITIVE_INFINITY): Span[] {
    const end = this.#endAt ?? monotonicMs();
    return this.#changes
      .map((change, index) => ({
        at: Math.max(change.at, from),
        to: Math.min(this.#changes[index + 1]?.at ?? end, to),
        holders: change.holders,
      }))
      .filter((span) => span.to > span.at);
  }

  /** How long nobody (or several) held the address inside a window, in milliseconds. */
  length(kind: 'none' | 'both', from: number, to: number): number {
    return this.spans(from, to)
      .filter((span) => (kind === 'none' ? span.holders.length === 0 : span.holders.length > 1))
      .reduce((sum, span) => sum + span.to - span.at, 0);
  }

  /** What happened outside of every event that allows it, from the first event on, as sentences; empty when all is well. */
  faults(): string[] {
    const faults: string[] = [];
    for (const span of this.spans(this.events[0]?.from ?? Number.POSITIVE_INFINITY)) {
      if (span.holders.length === 1) continue;
      const kind = span.holders.length === 0 ? 'none' : 'both';
      const what = kind === 'none' ? 'nobody' : span.holders.join(' and ');
      for (const { from, to } of this.#outside(span, kind)) {
        faults.push(`${what} held ${this.address} for ${(to - from).toFixed(1)} ms${this.#near(from)}`);
      }
    }
    return faults;
  }

  /** The parts of a span that no event covers which allows what it shows. */
  #outside(span: Span, kind: 'none' | 'both'): { from: number; to: number }[] {
    let parts = [{ from: span.at, to: span.to }];
    for (const event of this.events) {
      if (event.allows !== kind && event.allows !== 'any') continue;
      // Between two events that follow each other lies the moment of writing them down.
      const end = event.to + 5 * periodMs;
      parts = parts.flatMap((part) =>
        [
          { from: part.from, to: Math.min(part.to, event.from) },
          { from: Math.max(part.from, end), to: part.to },
        ].filter((rest) => rest.to > rest.from),
      );
    }
    return parts;
  }

  #near(at: number): string {
    const event = this.events.findLast((each) => each.from <= at);
    return event === undefined ? ' before the first event' : `, ${(at - event.from).toFixed(0)} ms after "${event.name}" began`;
  }

  /** One line per event: how long the address was gone or held twice. */
  report(): string[] {
    return this.events.map((event) => {
      const none = this.length('none', event.from, event.to).toFixed(0);
      const both = this.length('both', event.from, event.to).toFixed(0);
      return `${event.name}: nobody ${none} ms, both ${both} ms, of ${(event.to - event.from).toFixed(0)} ms`;
    });
  }

  /** Ends the sampling; tells how well it was sampled. */
  async stop(): Promise<{ count: number; worstMs: number; late: number }> {
    if (this.#summary === undefined) {
      const gone = new Promise((resolve) => this.#child.once('close', resolve));
      this.#endAt = monotonicMs();
      this.#child.stdin?.write('quit\n');
      await gone;
    }
    return this.#summary ?? { count: 0, worstMs: Number.POSITIVE_INFINITY, late: 0 };
  }
}
