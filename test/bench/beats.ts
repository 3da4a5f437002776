/** When a node was last heard on the heartbeat LAN: the kernel's time stamps of a listener that takes no part. */
import type { ChildProcess } from 'node:child_process';
import type { Host } from '../hosts/host.ts';
import { monotonicMs } from '../hosts/run.ts';

/** Wall time minus CLOCK_MONOTONIC in milliseconds, to a few microseconds: read just as the wall clock's millisecond turns. */
function wallOffsetMs(): number {
  const before = Date.now();
  for (;;) {
    const wall = Date.now();
    if (wall !== before) return wall - monotonicMs();
  }
}

export class Beats {
  /** Milliseconds, CLOCK_MONOTONIC. */
  lastAt = Number.NaN;
  readonly #child: ChildProcess;

  /** `what` is a filter of tcpdump, such as `udp port 694 and src host 10.0.0.1`. */
  constructor(listener: Host, nic: string, what: string) {
    const offset = wallOffsetMs();
    const argv = ['tcpdump', '-Z', 'root', '-l', '-tt', '-n', '--immediate-mode', '-i', nic, what];
    this.#child = listener.program(argv, (line) => {
      const at = Number.parseFloat(line) * 1000 - offset;
      if (Number.isFinite(at)) this.lastAt = at;
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
