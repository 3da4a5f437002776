/** Two nodes and a client before them, watched all the time; the steps every installation walks. */
import assert from 'node:assert/strict';
import {
  type ClusterFiles,
  configFiles,
  nginxFiles,
  resources,
  severeLines,
  startHeartbeat,
  stopHeartbeat,
  untilResources,
} from '../hosts/cluster.ts';
import type { FileSpec, Host, HostKind, Nic } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { Probe } from '../hosts/probe.ts';
import { monotonicMs, sleep, until } from '../hosts/run.ts';
import { type Event, Watch } from '../hosts/watch.ts';

export interface NodeSpec {
  readonly name: string;
  readonly kind: HostKind;
  readonly nics: Readonly<Record<string, Nic>>;
  readonly files: ClusterFiles;
}

export interface PairSpec {
  readonly lans: readonly string[];
  /** The first is the primary: it is named first on the haresources line. */
  readonly nodes: readonly [NodeSpec, NodeSpec];
  readonly client: { readonly lan: string; readonly address: string };
  /** A LAN on which the client has an interface without address, to listen. */
  readonly listener?: string;
  readonly vip: string;
  readonly deadtimeMs: number;
  readonly initdeadMs: number;
  /** More files for both nodes, service scripts for example. */
  readonly files?: Readonly<Record<string, string | FileSpec>>;
  /** Waits for anything a healthy cluster does last this long at most; default 8 s, more with 3.0.6 in the pair. */
  readonly patienceMs?: number;
}

export class Pair {
  readonly #patienceMs: number;

  private constructor(
    readonly spec: PairSpec,
    readonly lab: Lab,
    readonly first: Host,
    readonly second: Host,
    readonly client: Host,
    readonly watch: Watch,
    readonly probe: Probe,
  ) {
    this.#patienceMs = spec.patienceMs ?? 8000;
  }

  static async open(spec: PairSpec): Promise<Pair> {
    const lab = await Lab.open({ lans: spec.lans, heartbeat3: spec.nodes.some((node) => node.kind === 'heartbeat3'), lifeSeconds: 600 });
    try {
      const [first, second, client] = await Promise.all([
        ...spec.nodes.map((node) => lab.host({ name: node.name, kind: node.kind, nics: node.nics })),
        lab.host({
          name: 'client',
          kind: 'plain',
          nics: { eth0: spec.client, ...(spec.listener === undefined ? {} : { eth1: { lan: spec.listener } }) },
        }),
      ]);
      assert.ok(first && second && client);
      for (const [host, node] of [
        [first, spec.nodes[0]],
        [second, spec.nodes[1]],
      ] as const) {
        await host.write({ ...configFiles(node.files), ...nginxFiles(host), ...spec.files });
      }
      return new Pair(spec, lab, first, second, client, new Watch(spec.vip, [first, second]), new Probe(client, spec.vip));
    } catch (fault) {
      await lab.close();
      throw fault;
    }
  }

  other(host: Host): Host {
    return host === this.first ? this.second : this.first;
  }

  /** Waits until `host` alone holds the address and its page answers the client. */
  async served(host: Host, limitMs: number, since: number): Promise<void> {
    await this.watch.until([host.name], limitMs);
    await this.probe.until(host.name, limitMs, since);
  }

  /** Waits until cl_status tells these for first and second ('' for a node that is off or stopped). */
  async settled(first: string, second: string, limitMs = this.#patienceMs): Promise<void> {
    for (const [host, wanted] of [
      [this.first, first],
      [this.second, second],
    ] as const) {
      if (wanted !== '') await untilResources(host, wanted, limitMs);
    }
  }

  /** A move from one holder to `to`: nobody may hold the address meanwhile, never both. */
  move(name: string, to: Host, act: () => Promise<unknown>, limitMs = this.#patienceMs): Promise<void> {
    return this.window(name, 'none', async () => {
      const since = monotonicMs();
      await act();
      await this.served(to, limitMs, since);
    });
  }

  window(name: string, allows: Event['allows'], act: () => Promise<void>): Promise<void> {
    return this.watch.during(name, allows, act);
  }

  /** Nothing may move for this long. */
  async quiet(host: Host, ms: number): Promise<void> {
    const from = monotonicMs();
    await sleep(ms);
    const spans = this.watch.spans(from, monotonicMs());
    assert.deepEqual(
      spans.map((span) => span.holders),
      [[host.name]],
      'the address moved although nothing was asked',
    );
  }

  async startAlone(): Promise<void> {
    await this.move('start of the primary alone', this.first, () => startHeartbeat(this.first), this.spec.initdeadMs + this.#patienceMs);
    await this.settled('all', '', this.#patienceMs + 12_000);
  }

  async startBoth(): Promise<void> {
    const both = (): Promise<unknown> => Promise.all([startHeartbeat(this.first), startHeartbeat(this.second)]);
    await this.move('start of both', this.first, both, this.spec.initdeadMs + this.#patienceMs);
    await this.settled('local', 'local', this.#patienceMs + 12_000);
  }

  async idleJoin(): Promise<void> {
    await startHeartbeat(this.second);
    await this.settled('local', 'local');
    await this.quiet(this.first, 500);
  }

  async standby(): Promise<void> {
    await this.move('hb_standby on the primary', this.second, () => this.first.must('hb_standby'));
    await this.settled('none', 'all');
  }

  async takeover(): Promise<void> {
    await this.move('hb_takeover on the primary', this.first, () => this.first.must('hb_takeover'));
    await this.settled('all', 'none');
  }

  async gracefulStop(): Promise<void> {
    await this.move('graceful stop of the primary', this.second, () => stopHeartbeat(this.first));
    await this.settled('', 'all');
  }

  async comeBack(): Promise<void> {
    await this.move('return of the primary', this.first, () => startHeartbeat(this.first));
    await this.settled('local', 'local');
  }

  /** The idle node stops: nothing moves, and it comes back. */
  async stopOfIdle(): Promise<void> {
    const from = monotonicMs();
    await stopHeartbeat(this.second);
    await this.settled('all', '');
    await startHeartbeat(this.second);
    await this.settled('local', 'local');
    assert.equal(this.watch.length('none', from, monotonicMs()), 0, 'the address went away while only the idle node stopped');
  }

  async powerOff(): Promise<void> {
    await this.move('power-off of the primary', this.second, () => this.first.powerOff(), this.spec.deadtimeMs + this.#patienceMs);
    await this.settled('', 'all');
    await this.first.boot();
  }

  /** All heartbeat cables between the nodes are cut for a while: both may hold the address, and one is left at the end. */
  async cutAll(cut: () => Promise<unknown>, heal: () => Promise<unknown>): Promise<void> {
    const { watch, spec } = this;
    const cutAt = monotonicMs();
    await this.window('all heartbeat cables cut', 'both', async () => {
      await cut();
      await watch.until([this.first.name, this.second.name], spec.deadtimeMs + this.#patienceMs);
      await sleep(500);
    });
    const split = watch.spans(cutAt, monotonicMs()).find((span) => span.holders.length > 1);
    assert.ok(split !== undefined && split.at - cutAt > spec.deadtimeMs - 1000, 'the second node did not wait for deadtime');
    await this.window('heartbeat cables healed', 'any', async () => {
      await heal();
      await this.oneOwner(10_000);
    });
    await this.quiet(this.holder(), 1500);
  }

  /** One of two heartbeat cables: nothing moves; the log tells of the link. */
  async cutOne(cable: string): Promise<void> {
    const limitMs = this.spec.deadtimeMs + this.#patienceMs;
    const told = async (word: string): Promise<number> =>
      (await this.first.read('/var/log/ha-log')).split(`Link ${this.second.name}:${cable} ${word}.`).length;
    const more = (word: string, before: number): Promise<true> =>
      until(
        `the log tells that the link over ${cable} is ${word}`,
        limitMs,
        async () => ((await told(word)) > before ? true : undefined),
        50,
      );
    const dead = await told('dead');
    await this.first.pull(cable);
    await more('dead', dead);
    await this.quiet(this.first, 500);
    const up = await told('up');
    await this.first.plug(cable);
    await more('up', up);
    await this.quiet(this.first, 500);
  }

  holder(): Host {
    return this.watch.holders[0] === this.second.name ? this.second : this.first;
  }

  /** Waits until one node holds the address, the same for a second, and both agree about it. */
  async oneOwner(limitMs: number): Promise<void> {
    const end = monotonicMs() + limitMs;
    let since = monotonicMs();
    let before = '';
    for (;;) {
      const now = this.watch.holders.join(',');
      if (now !== before || this.watch.holders.length !== 1) since = monotonicMs();
      before = now;
      if (monotonicMs() - since > 1000) {
        const states = await Promise.all([resources(this.first), resources(this.second)]);
        if (!states.some((state) => state === 'transition' || state === '')) return;
      }
      assert.ok(monotonicMs() < end, `after the heal: held by [${now}] for too long`);
      await sleep(20);
    }
  }

  /** Ends everything; prints what was measured; fails on anything the watch saw outside of the listed events. */
  async close(print: (line: string) => void): Promise<void> {
    try {
      const { count, worstMs, late } = await this.watch.stop();
      for (const event of this.watch.events) {
        const silence = this.probe.longestSilence(event.from, event.to);
        const none = this.watch.length('none', event.from, event.to);
        const both = this.watch.length('both', event.from, event.to);
        print(
          `${event.name}: address gone ${none.toFixed(0)} ms, held twice ${both.toFixed(0)} ms, longest time without a page ${silence.ms.toFixed(0)} ms`,
        );
      }
      print(
        `${count} samples, ${late} of them more than 20 ms after the one before, worst ${worstMs.toFixed(1)} ms; ${this.probe.answers.length} pages`,
      );
      assert.deepEqual(this.watch.faults(), []);
      // Only root may put the watch before other work; a machine that is itself held up may cost a few samples.
      if (this.lab.way === 'root') assert.ok(late <= count / 50, `sampled too coarsely: ${late} of ${count} samples late`);
    } finally {
      this.probe.stop();
      await this.lab.close();
    }
  }

  /** What a node of the real Heartbeat complained about. */
  async complaints(): Promise<string[]> {
    const hosts = [this.first, this.second].filter((host) => host.spec.kind === 'heartbeat3' && host.pid !== 0);
    return (await Promise.all(hosts.map(severeLines))).flat();
  }

  /** The end of both logs, for the report of a failed step. */
  async logs(): Promise<string> {
    const parts: string[] = [];
    for (const host of [this.first, this.second]) {
      if (host.pid === 0) continue;
      const text = (
        await host.exec('tail -n 60 /var/log/ha-log; cat /var/log/start-output; ip -4 -o addr; cat /var/log/reboot-calls 2>/dev/null')
      ).stdout;
      parts.push(`----- ${host.name}\n${text}`);
    }
    return parts.join('\n');
  }
}
