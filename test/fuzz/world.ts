/** Two real daemons in a laboratory, each with a service, and a third host on their LAN that attacks and listens. */
import type { ChildProcess } from 'node:child_process';
import { configFiles, serviceCalls, serviceScript, startHeartbeat, untilResources } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import type { Tally } from './attack.ts';
import { type GridFigures, watchGrid } from './grid.ts';

export const KEEPALIVE_MS = 500;
export const WARNTIME_MS = 2000;
const ADDRESSES = { n1: '10.66.0.1', n2: '10.66.0.2', mallory: '10.66.0.9' } as const;
const SERVICES = { n1: 'web', n2: 'db' } as const;
const HACF = `logfile /var/log/ha-log
keepalive 500ms
warntime ${WARNTIME_MS / 1000}
deadtime 5
initdead 10
auto_failback on
realtime off
bcast eth0
node n1 n2
`;

export interface Memory {
  readonly rssBytes: number;
  /** After a collection; absent before the first. */
  readonly heapBytes?: number;
}

export class World {
  readonly #grids: ReturnType<typeof watchGrid>[] = [];
  readonly #pids = new Map<Host, string>();

  private constructor(
    readonly lab: Lab,
    readonly first: Host,
    readonly second: Host,
    readonly mallory: Host,
  ) {}

  /** Both run, and each holds its own group. `hacf`: further lines. `probe`: the heaps are measured, which costs them a pause. */
  static async open(options: { readonly hacf?: string; readonly probe: boolean; readonly lifeSeconds: number }): Promise<World> {
    const lab = await Lab.open({ lans: ['heart'], lifeSeconds: options.lifeSeconds });
    try {
      const host = (name: 'n1' | 'n2' | 'mallory', kind: 'heartbeatd' | 'plain'): Promise<Host> =>
        lab.host({ name, kind, nics: { eth0: { lan: 'heart', address: `${ADDRESSES[name]}/24` } } });
      const [first, second, mallory] = await Promise.all([host('n1', 'heartbeatd'), host('n2', 'heartbeatd'), host('mallory', 'plain')]);
      const world = new World(lab, first, second, mallory);
      const files = configFiles({
        hacf: HACF + (options.hacf ?? ''),
        haresources: `n1 ${SERVICES.n1}\nn2 ${SERVICES.n2}\n`,
        authkeys: 'auth 1\n1 sha1 labsecret\n',
      });
      await Promise.all(
        world.nodes.map(async (node) => {
          await node.write({ ...files, ...serviceScript(SERVICES.n1), ...serviceScript(SERVICES.n2) });
          if (options.probe)
            await node.must('NODE_OPTIONS="--import /opt/heartbeatd/test/fuzz/heap-probe.mjs" heartbeat', { limitMs: 30_000 });
          else await startHeartbeat(node);
        }),
      );
      for (const node of world.nodes) {
        await untilResources(node, 'local', 40_000);
        world.#pids.set(node, await world.pid(node));
      }
      return world;
    } catch (fault) {
      await lab.close();
      throw fault;
    }
  }

  get nodes(): readonly [Host, Host] {
    return [this.first, this.second];
  }

  /** Heartbeats count from now on. */
  listen(): void {
    for (const address of [ADDRESSES.n1, ADDRESSES.n2]) this.#grids.push(watchGrid(this.mallory, 'eth0', address, KEEPALIVE_MS));
  }

  get beats(): readonly GridFigures[] {
    return this.#grids.map(({ grid }) => grid.figures);
  }

  async pid(node: Host): Promise<string> {
    return (await node.read('/run/heartbeat.pid')).trim();
  }

  async memory(node: Host): Promise<Memory> {
    const pid = this.#pids.get(node) ?? '';
    const text = await node.read(`/proc/${pid}/status`);
    const rssBytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
    try {
      const heap = JSON.parse(await node.read(`/run/heap.${pid}`)) as { heapUsed: number; external: number };
      return { rssBytes, heapBytes: heap.heapUsed + heap.external };
    } catch {
      return { rssBytes };
    }
  }

  /** Everything that is not as it was when the world was opened, one sentence each. */
  async faults(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const node of this.nodes) {
      const { name } = node;
      const told = (text: string): number => found.push(`${name}: ${text}`);
      const before = this.#pids.get(node);
      if ((await this.pid(node)) !== before || !(await this.alive(node))) told('the daemon is not the one that was started');
      const held = (await node.exec('cl_status rscstatus', { limitMs: 8000 })).stdout.trim();
      if (held !== 'local') told(`holds "${held}"`);
      const own = SERVICES[name === 'n1' ? 'n1' : 'n2'];
      const calls = (await serviceCalls(node)).join(', ');
      if (calls !== `${own} start`) told(`its services were called: ${calls}`);
      const bad = /late heartbeat|is dead|is up\.$|Status update for node .* dead|internal error|restart|EMERG|CRIT/i;
      const lines = (await node.read('/var/log/ha-log')).split('\n').filter((line) => bad.test(line) && !STARTING.test(line));
      for (const line of lines.slice(0, 10)) told(`log: ${line}`);
    }
    return found;
  }

  async alive(node: Host): Promise<boolean> {
    return (await node.exec(['kill', '-0', this.#pids.get(node) ?? '0'])).status === 0;
  }

  async logBytes(node: Host): Promise<number> {
    return Number((await node.exec(['stat', '-c', '%s', '/var/log/ha-log'])).stdout);
  }

  async close(): Promise<void> {
    for (const { child } of this.#grids) child.kill('SIGKILL');
    await this.lab.close();
  }
}

/** An attacker (`attack-main.ts`) on a host; it ends by itself. `told` is called with all that it has done so far. */
export function startAttack(host: Host, door: string, seed: number, seconds: number, told: (tally: Tally) => void): ChildProcess {
  const loader = '/opt/heartbeatd/node_modules/tsx/dist/loader.mjs';
  const argv = [process.execPath, '--import', loader, '/opt/heartbeatd/test/fuzz/attack-main.ts', door, String(seed), String(seconds)];
  return host.program(argv, (line) => told(JSON.parse(line) as Tally));
}

/** Said once, while the two find each other. */
const STARTING = /Link \S+ is up\.|Link \S+:\S+ up\./;
