/** When a node was last heard on the heartbeat LAN: the kernel's time stamps of a listener that takes no part. */
import type { ChildProcess } from 'node:child_process';
import type { Host } from '../hosts/host.ts';
import { monotonicMs } from '../hosts/run.ts';

/** Which packets are heartbeats. */
export interface BeatSpec {
  /** A filter of tcpdump. */
  readonly filter: string;
  /** A line that only a heartbeat has in it; without it every packet is one. */
  readonly line?: RegExp;
}

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

  /** `address` is that of the node on the LAN of `nic`. */
  constructor(listener: Host, nic: string, address: string, spec: BeatSpec) {
    // Once before it counts: the first call of each clock takes its time.
    wallOffsetMs();
    const offset = wallOffsetMs();
    const filter = `${spec.filter} and src host ${address}`;
    const argv = ['tcpdump', '-Z', 'root', '-l', '-tt', '-n', '-A', '--immediate-mode', '-i', nic, filter];
    let at = Number.NaN;
    this.#child = listener.program(argv, (line) => {
      const stamp = /^(\d+\.\d+) IP /.exec(line)?.[1];
      if (stamp !== undefined) at = Number(stamp) * 1000 - offset;
      if (spec.line === undefined ? stamp !== undefined : spec.line.test(line)) this.lastAt = at;
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
