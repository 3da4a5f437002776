/**
 * A laboratory: its own namespaces with the switches (one bridge per LAN) and, under them, test hosts.
 * Nothing of it appears in the machine's own network namespace, and all of it ends with this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Host, type HostSpec } from './host.ts';
import { type Ended, onLines, run } from './run.ts';
import { cache, checkout, support, type Way } from './support.ts';

export interface LabSpec {
  /** LAN names, in the order of their numbers (used in MAC addresses). */
  readonly lans: readonly string[];
  /** Holds the tree of Heartbeat 3.0.6 ready, for hosts of kind 'heartbeat3'. */
  readonly heartbeat3?: boolean;
  /** The laboratory ends itself after this many seconds; default 1800. */
  readonly lifeSeconds?: number;
}

/** Removed from everything that runs on a host: what would reach the machine itself. */
export const forbidden = '-sys_boot,-sys_module,-sys_time,-sys_rawio';

const open = new Set<Lab>();
process.on('exit', () => {
  for (const lab of open) lab.kill();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

export class Lab {
  readonly hosts = new Map<string, Host>();
  readonly #child: ChildProcess;
  readonly #helpers = new Set<ChildProcess>();

  private constructor(
    readonly pid: number,
    readonly way: Way,
    readonly dir: string,
    readonly spec: LabSpec,
    child: ChildProcess,
  ) {
    this.#child = child;
  }

  static async open(spec: LabSpec): Promise<Lab> {
    const { way, reason } = support();
    if (way === undefined) throw new Error(`no test hosts here: ${reason}`);
    const dir = checkout.startsWith('/mnt/') ? '/srv' : '/mnt';
    const trees = spec.heartbeat3 ? ['tools', 'heartbeat3'] : ['tools'];
    const args = [...(way === 'user' ? ['-U', '-r'] : []), '-m', '-n', '-p', '-i', '-u', '--fork', '--kill-child=SIGKILL'];
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LAB_DIR: dir,
      LAB_LIFE: String(spec.lifeSeconds ?? 1800),
      TREES: trees.map((tree) => join(cache, tree)).join(' '),
    };
    const child = spawn('unshare', [...args, 'bash', join(checkout, 'test/hosts/lab-init.sh')], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const pid = await ready(child, 'the laboratory');
    const lab = new Lab(pid, way, dir, spec, child);
    open.add(lab);
    const batch = spec.lans.flatMap((lan, index) => [
      `link add ${lan} address 02:00:00:${hex(index)}:ff:01 type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      `link set ${lan} up`,
    ]);
    await lab.ip(batch);
    return lab;
  }

  /** Makes a host and boots it. */
  async host(spec: HostSpec): Promise<Host> {
    const host = new Host(this, spec, this.hosts.size + 1);
    this.hosts.set(spec.name, host);
    await host.boot();
    return host;
  }

  /** How to enter namespaces of a process of this laboratory: `-U` must come along in a user namespace. */
  enter(pid: number, spaces: readonly string[]): string[] {
    const user = this.way === 'user' ? ['-U', '--preserve-credentials'] : [];
    return ['nsenter', '-t', String(pid), ...user, ...spaces, '--'];
  }

  /** `ip -batch` on the switch side. */
  async ip(lines: readonly string[]): Promise<void> {
    const ended = await run([...this.enter(this.pid, ['-n']), 'ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
    if (ended.status !== 0) throw new Error(`ip failed: ${ended.stderr}\n${lines.join('\n')}`);
  }

  /** A command on the switch side (`bridge`, `nft`, `tcpdump` ...), in the switches' network namespace only. */
  onSwitch(argv: readonly string[]): Promise<Ended> {
    return run([...this.enter(this.pid, ['-n']), ...argv]);
  }

  /**
   * A program beside the hosts, in the network namespace of `pid`; it sees the machine's files. It ends with the
   * laboratory or with this process.
   */
  helper(pid: number, argv: readonly string[]): ChildProcess {
    const all = [...this.enter(pid, ['-n']), 'setpriv', '--pdeathsig', 'KILL', ...argv];
    const [file = '', ...args] = all;
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.on('error', () => undefined);
    this.#helpers.add(child);
    child.on('exit', () => this.#helpers.delete(child));
    return child;
  }

  /** Starts the host's first process; resolves with its pid as this process knows it. */
  async startHost(env: Record<string, string>): Promise<{ pid: number; child: ChildProcess }> {
    const [file = '', ...args] = [
      ...this.enter(this.pid, ['-m', '-p', '-n']),
      ...['unshare', '-m', '-p', '-n', '-u', '-i', '--fork', '--kill-child=SIGKILL'],
      ...['bash', join(checkout, 'test/hosts/host-init.sh')],
    ];
    const child = spawn(file, args, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    return { pid: await ready(child, env.HOST_NAME ?? 'host'), child };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    for (const helper of this.#helpers) helper.kill('SIGKILL');
  }

  /** Ends every host at once and waits until they are gone. */
  async close(): Promise<void> {
    open.delete(this);
    const gone =
      this.#child.exitCode !== null || this.#child.signalCode !== null
        ? undefined
        : new Promise((resolve) => this.#child.once('exit', resolve));
    this.kill();
    await gone;
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function ready(child: ChildProcess, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let errors = '';
    const timer = setTimeout(() => reject(new Error(`${what} did not get ready: ${errors}`)), 20_000);
    child.stderr?.on('data', (data: Buffer) => {
      errors += data.toString('latin1').slice(0, 4000);
    });
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`${what} ended at once: ${errors}`)));
    onLines(child, (line) => {
      if (!line.startsWith('ready ')) return;
      clearTimeout(timer);
      resolve(Number(line.slice(6)));
    });
  });
}
