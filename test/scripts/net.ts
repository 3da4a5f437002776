// A throw-away network namespace for tests of resource scripts. Root makes a plain one, an ordinary user one inside a user namespace.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from '../remove.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const RESOURCE_DIR = join(ROOT, 'etc/ha.d/resource.d');
export const SHELLFUNCS = join(ROOT, 'etc/ha.d/shellfuncs');

/** No test host lives longer than this, whatever becomes of the test. */
const LIFE_S = 120;
const COMMAND_LIMIT_MS = 20_000;

const isRoot = process.getuid?.() === 0;
const unshareFlags = isRoot ? ['-n'] : ['-Urn'];

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One IPv4 address as `ip -j` tells it. */
export interface Held {
  readonly device: string;
  readonly address: string;
  readonly prefix: number;
  readonly broadcast: string | undefined;
  readonly label: string;
}

/** Why tests that need a network namespace cannot run here; false when they can. */
export function namespaceObstacle(): string | false {
  const tried = spawnSync('unshare', [...unshareFlags, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0p'], {
    encoding: 'utf8',
    timeout: COMMAND_LIMIT_MS,
  });
  if (tried.status === 0) return false;
  return `no network namespace with veth interfaces here: ${(tried.error?.message ?? tried.stderr).trim()}`;
}

export class Net {
  readonly temp = mkdtempSync(join(tmpdir(), 'hb-scripts-'));
  readonly rsctmp = join(this.temp, 'rsctmp');
  readonly #holder: ChildProcess;

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  /** lo up, and one veth pair `NAME`/`NAMEp` per name, both ends up. */
  static async make(...names: readonly string[]): Promise<Net> {
    const holder = spawn('unshare', [...unshareFlags, 'sh', '-c', `echo ready; exec sleep ${LIFE_S}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (holder.stdout === null) throw new Error('no stdout');
    await once(holder.stdout, 'data');
    const net = new Net(holder);
    net.ok('ip link set lo up');
    for (const [index, name] of names.entries()) {
      net.ok(`ip link add ${name} type veth peer name peer${index} && ip link set ${name} up && ip link set peer${index} up`);
    }
    return net;
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Outcome {
    const enter = isRoot ? ['-n'] : ['-U', '--preserve-credentials', '-n'];
    const done = spawnSync('nsenter', ['-t', String(this.pid), ...enter, command, ...args], {
      encoding: 'utf8',
      timeout: COMMAND_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
        HA_RSCTMP: this.rsctmp,
        HA_LOGFILE: join(this.temp, 'ha-log'),
        HA_ANNOUNCER: 'daemon',
        ...env,
      },
    });
    if (done.error !== undefined) throw done.error;
    return { status: done.status, stdout: done.stdout, stderr: done.stderr };
  }

  shell(text: string, env: Readonly<Record<string, string>> = {}): Outcome {
    return this.run('sh', ['-c', text], env);
  }

  /** A shell command of the test's own that must succeed. */
  ok(text: string): string {
    const done = this.shell(text);
    if (done.status !== 0) throw new Error(`${text}: ${done.stderr}`);
    return done.stdout;
  }

  ipaddr(spec: string, action: string, env: Readonly<Record<string, string>> = {}): Outcome {
    return this.run(join(RESOURCE_DIR, 'IPaddr'), [spec, action], env);
  }

  /** All IPv4 addresses but 127.0.0.1, in the kernel's order. */
  addresses(): Held[] {
    type Row = { ifname: string; addr_info: { local: string; prefixlen: number; broadcast?: string; label?: string }[] };
    const rows = JSON.parse(this.ok('ip -j -4 address show')) as Row[];
    return rows.flatMap((row) =>
      row.addr_info
        .filter((info) => info.local !== '127.0.0.1')
        .map((info) => ({
          device: row.ifname,
          address: info.local,
          prefix: info.prefixlen,
          broadcast: info.broadcast,
          label: info.label ?? '',
        })),
    );
  }

  /** The same as text, one per address: `eth0:0 10.0.0.1/24`. */
  held(): string[] {
    return this.addresses().map((held) => `${held.label} ${held.address}/${held.prefix}`);
  }

  close(): void {
    this.#holder.kill('SIGKILL');
    removeFolder(this.temp);
  }
}

/** Polls until `probe` answers something, at most `limitMs`. */
export async function eventually<T>(probe: () => T | undefined, what: string, limitMs = 3000): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = probe();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 10));
  }
}
