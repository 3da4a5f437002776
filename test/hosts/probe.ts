/** The page behind the virtual address as a client sees it, asked every 2 ms over a new connection. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { monotonicMs, sleep } from './run.ts';
import { checkout } from './support.ts';

export interface Answer {
  /** Milliseconds, monotonic. */
  readonly sentAt: number;
  readonly at: number;
  /** First word of the page: which server answered. */
  readonly who: string;
}

export interface Silence {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

export class Probe {
  /** In order of arrival. */
  readonly answers: Answer[] = [];
  readonly #child: ChildProcess;

  constructor(client: Host, address: string, port = 80, periodMs = 2) {
    const argv = [process.execPath, join(checkout, 'test/hosts/prober.mjs'), address, String(port), String(periodMs)];
    const all = client.lab.way === 'root' ? ['nice', '-n', '-10', ...argv] : argv;
    this.#child = client.helper(all, (line) => {
      const [sent = '', at = '', who = ''] = line.split(' ');
      this.answers.push({ sentAt: Number(sent), at: Number(at), who });
    });
  }

  get last(): Answer | undefined {
    return this.answers.at(-1);
  }

  /** Waits for an answer of `who` that was asked for after `since`. */
  async until(who: string, limitMs: number, since = 0): Promise<Answer> {
    const end = monotonicMs() + limitMs;
    for (;;) {
      const answer = this.answers.findLast((each) => each.who === who && each.sentAt >= since);
      if (answer !== undefined) return this.answers.find((each) => each.who === who && each.sentAt >= since) ?? answer;
      if (monotonicMs() > end)
        throw new Error(`no page from ${who} after ${limitMs} ms; the last one came from ${this.last?.who ?? 'nobody'}`);
      await sleep(10);
    }
  }

  /** The longest time between two answers that follow each other, among those arriving within a window. */
  longestSilence(from: number, to: number): Silence {
    let best: Silence = { from, to: from, ms: 0 };
    let last = from;
    for (const answer of this.answers) {
      if (answer.at < from || answer.at > to) continue;
      if (answer.at - last > best.ms) best = { from: last, to: answer.at, ms: answer.at - last };
      last = answer.at;
    }
    return to - last > best.ms && Number.isFinite(to) ? { from: last, to, ms: to - last } : best;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
