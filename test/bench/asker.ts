/** The virtual address as a client sees it, asked every millisecond with a datagram that the holder echoes. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Host } from '../hosts/host.ts';
import { monotonicMs, sleep } from '../hosts/run.ts';
import { checkout } from '../hosts/support.ts';

const port = 7007;
const periodMs = 1;
/** No answer can be later than this after it left the asker, which writes every 20 ms. */
const reportDelayMs = 40;

export interface Answer {
  /** Milliseconds, CLOCK_MONOTONIC. */
  readonly at: number;
  readonly who: string;
}

/** Starts what answers on a host. It is always there: whether it is reached is a matter of the address alone. */
export function startEcho(host: Host): void {
  host.program([process.execPath, '/opt/heartbeatd/test/bench/echo.mjs', host.name, String(port)], () => undefined);
}

export class Asker {
  readonly #answers: Answer[] = [];
  readonly #child: ChildProcess;

  constructor(client: Host, address: string) {
    const argv = [process.execPath, join(checkout, 'test/bench/asker.mjs'), address, String(port), String(periodMs)];
    // Ahead of all other work, so that a busy machine does not look like a gap.
    const first = ['sh', '-c', 'chrt -f 1 true 2>/dev/null && exec chrt -f 1 "$@"; exec "$@"', 'sh'];
    this.#child = client.helper([...first, ...argv], (line) => {
      const [at = '', who = ''] = line.split(' ');
      this.#answers.push({ at: Number(at), who });
    });
  }

  /** The first answer of `who` after `since`; throws when there is none within `limitMs`. */
  async firstOf(who: string, since: number, limitMs: number): Promise<Answer> {
    const end = monotonicMs() + limitMs;
    for (;;) {
      const answer = this.#answers.find((each) => each.at >= since && each.who === who);
      if (answer !== undefined) return answer;
      if (monotonicMs() > end) throw new Error(`no answer from ${who} within ${limitMs} ms`);
      await sleep(5);
    }
  }

  /** The longest time without any answer between `from` and now, in milliseconds. */
  async longestSilence(from: number): Promise<number> {
    const to = monotonicMs();
    await sleep(reportDelayMs);
    let longest = 0;
    let last = from;
    for (const { at } of this.#answers) {
      if (at < from) continue;
      if (at > to) break;
      longest = Math.max(longest, at - last);
      last = at;
    }
    return Math.max(longest, to - last);
  }

  /** Forgets what was answered so far: the next event starts with a short list. */
  forget(): void {
    this.#answers.length = 0;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
