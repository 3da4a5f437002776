/** The heartbeats of one node as the network shows them: the time stamps of a listener that takes no part. */
import type { ChildProcess } from 'node:child_process';
import type { Host } from '../hosts/host.ts';

export interface GridFigures {
  readonly beats: number;
  /** The longest time between two heartbeats, less the keepalive. */
  readonly latestMs: number;
}

/** Takes the lines that tcpdump prints for one node. A heartbeat that is sent again is no new one: its number is not higher. */
export class Grid {
  readonly #keepaliveMs: number;
  #stampMs = Number.NaN;
  #highest = 0;
  #lastMs: number | undefined;
  #beats = 0;
  #latestMs = 0;

  constructor(keepaliveMs: number) {
    this.#keepaliveMs = keepaliveMs;
  }

  get figures(): GridFigures {
    return { beats: this.#beats, latestMs: this.#latestMs };
  }

  line(line: string): void {
    const stamp = /^(\d+\.\d+) IP /.exec(line)?.[1];
    if (stamp !== undefined) this.#stampMs = Number(stamp) * 1000;
    if (!line.includes('(0)t=status,')) return;
    const seq = Number.parseInt(/\(0\)seq=([0-9a-f]+),/.exec(line)?.[1] ?? '', 16);
    if (!(seq > this.#highest)) return;
    this.#highest = seq;
    this.#beats += 1;
    if (this.#lastMs !== undefined) this.#latestMs = Math.max(this.#latestMs, this.#stampMs - this.#lastMs - this.#keepaliveMs);
    this.#lastMs = this.#stampMs;
  }
}

/** Watches the node with this address from another host on the same LAN until the child is ended. */
export function watchGrid(
  listener: Host,
  nic: string,
  address: string,
  keepaliveMs: number,
): { readonly grid: Grid; readonly child: ChildProcess } {
  const grid = new Grid(keepaliveMs);
  const filter = `udp port 694 and src host ${address}`;
  // In a user namespace tcpdump cannot give up its rights, and ends: there the stamps are those of a program.
  const argv =
    listener.lab.way === 'user'
      ? [process.execPath, '/opt/heartbeatd/test/fuzz/ear.mjs', '694', address]
      : ['tcpdump', '-Z', 'root', '-l', '-tt', '-n', '-A', '-s', '600', '--immediate-mode', '-i', nic, filter];
  return { grid, child: listener.program(argv, (line) => grid.line(line)) };
}
