/** The pair of one scenario on its two hosts, and what can be done to it. */
import { readFileSync } from 'node:fs';
import { configFiles, resources, serviceScript, startHeartbeat, stopHeartbeat } from '../hosts/cluster.ts';
import type { Host, HostKind } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { sleep } from '../hosts/run.ts';
import { type Configuration, pairings, thirds } from './dimensions.ts';
import type { Act, Seat, Who } from './events.ts';
import { filesOf, heldThings, names, scriptsOf } from './files.ts';
import { Holders } from './holders.ts';
import type { Scenario } from './scenarios.ts';

const MINUTE_MS = 60_000;
const CAPTURE = '/var/tmp/capture';
/** The daemon's own process and its children, each by its number. */
const DAEMON = 'm=$(cat /run/heartbeat.pid) && set -- $m $(ps -o pid= --ppid $m)';
/** Where a daemon has a guardian, a node is dead only without it: it would start the daemon again. */
const GUARDIAN = '[ ! -e /run/heartbeat/guardian ] || set -- $(cat /run/heartbeat/guardian) "$@"';

export class Stage {
  #boots = 0;
  private constructor(
    readonly lab: Lab,
    readonly configuration: Configuration,
    readonly hosts: ReadonlyMap<Seat, Host>,
    readonly holders: Holders,
  ) {}

  static async open({ pairing, configuration, event }: Scenario): Promise<Stage> {
    const lab = await Lab.open({ lans: ['public', 'heart'], heartbeat3: true, lifeSeconds: event.seconds * 4 + 120 });
    try {
      const [one, two] = pairings[pairing];
      const third = event.third === true;
      const kinds: readonly (readonly [Seat, HostKind])[] = [
        ['first', one],
        ['second', two],
        ...(third ? [['third', thirds[pairing]] as const] : []),
      ];
      const hosts = await Promise.all(
        kinds.map(async ([seat, kind], index) => {
          const nics = {
            eth0: { lan: 'public', address: `10.78.0.${index + 1}/24` },
            eth1: { lan: 'heart', address: `10.77.1.${index + 1}/24` },
          };
          const host = await lab.host({ name: names[seat], kind, nics });
          await host.write({ ...configFiles(filesOf(configuration, third)), ...scriptsOf(configuration) });
          return [seat, host] as const;
        }),
      );
      const seats = new Map(hosts);
      const stage = new Stage(lab, configuration, seats, new Holders(heldThings(configuration), seats));
      for (const host of seats.values()) stage.#capture(host);
      return stage;
    } catch (fault) {
      await lab.close();
      throw fault;
    }
  }

  seats(who: Who): Seat[] {
    if (who === 'both') return ['first', 'second'];
    return who === 'three' ? ['first', 'second', 'third'] : [who];
  }

  host(seat: Seat): Host {
    const host = this.hosts.get(seat);
    if (host === undefined) throw new Error(`this scenario has no ${seat} node`);
    return host;
  }

  each(who: Who, act: (host: Host, seat: Seat) => Promise<unknown>): Promise<unknown> {
    return Promise.all(this.seats(who).map((seat) => act(this.host(seat), seat)));
  }

  get alive(): Host[] {
    return [...this.hosts.values()].filter((host) => host.pid !== 0);
  }

  /** A file for each life of a host, kept over its power-off. */
  #capture(host: Host): void {
    this.#boots += 1;
    host.program(
      ['tcpdump', '-Z', 'root', '-i', 'eth1', '-U', '-s', '2048', '-w', `${CAPTURE}.${this.#boots}`, 'udp port 694'],
      () => undefined,
    );
  }

  async do(act: Act): Promise<void> {
    switch (act.do) {
      case 'start':
        await this.each(act.on, async (host, seat) => {
          this.starts.set(seat, (this.starts.get(seat) ?? 0) + 1);
          if (host.pid === 0) {
            await host.boot();
            this.#capture(host);
            this.holders.refresh();
          }
          await startHeartbeat(host);
        });
        return;
      case 'stop':
        await this.each(act.on, stopHeartbeat);
        return;
      case 'power-off':
        await this.each(act.on, (host) => {
          const gone = host.powerOff();
          this.holders.refresh();
          return gone;
        });
        return;
      case 'kill':
        await this.each(act.on, (host) => host.must(`${DAEMON}; ${GUARDIAN}; kill -9 "$@"`));
        return;
      case 'standby':
      case 'takeover':
        await this.host(act.on).must(`hb_${act.do} ${act.what}`);
        return;
      case 'cut':
        return this.host('first').pull('eth1');
      case 'heal':
        return this.host('first').plug('eth1');
      case 'silence':
        await this.host('first').deafen('eth1');
        await sleep(act.ms);
        return this.host('first').undeafen('eth1');
      case 'wait':
        return sleep(act.ms);
      case 'lose':
        return this.#lose(act.percent, act.ms);
      case 'freeze':
        await this.host(act.on).must(`${DAEMON}; kill -STOP "$@"; sleep ${act.ms / 1000}; kill -CONT "$@"`, { limitMs: act.ms + 10_000 });
        return;
      case 'reload':
        // A key is added and nothing signed with it, a time is changed that nobody else sees.
        await this.each(act.on, (host) => {
          const edit =
            act.file === 'authkeys'
              ? "sed -i '$a 2 sha1 a second secret' /etc/ha.d/authkeys"
              : "sed -i 's/^warntime .*/warntime 1400ms/' /etc/ha.d/ha.cf";
          return host.must(`${edit} && heartbeat -r`);
        });
        return;
      case 'rekey':
        await this.each('both', (host) =>
          host.must(
            "printf '2 sha1 a newer secret\\n' >>/etc/ha.d/authkeys && sed -i 's/^auth .*/auth 2/' /etc/ha.d/authkeys && heartbeat -r",
          ),
        );
        return;
      case 'add-node':
      case 'delete-node':
        // A refusal is an answer too.
        await this.host(act.on).exec(`hb_${act.do === 'add-node' ? 'addnode' : 'delnode'} n3`);
        return;
      case 'spoil':
        return this.#spoil(this.host(act.on), act.word);
    }
  }

  /** Once a minute of a long loss. */
  readonly memory: number[] = [];
  /** How often each daemon was started. */
  readonly starts = new Map<Seat, number>();

  async #lose(percent: number, ms: number): Promise<void> {
    const rules = `add table inet loss; add chain inet loss in { type filter hook input priority 0; }; add rule inet loss in udp dport 694 numgen random mod 100 < ${percent} drop`;
    await this.each('both', (host) => host.must(['nft', rules]));
    for (let left = ms; left > 0; left -= MINUTE_MS) {
      await sleep(Math.min(left, MINUTE_MS));
      const kib = await this.memoryKib();
      if (kib !== undefined) this.memory.push(kib);
    }
    await this.each('both', (host) => host.must(['nft', 'delete table inet loss']));
  }

  async #spoil(host: Host, word: 'start' | 'stop'): Promise<void> {
    const [path, script] = Object.entries(serviceScript('service0'))[0] ?? ['', { text: '' }];
    const text = script.text.replace(/^ {2}stop\)|^ {2}start\)/gm, (branch) =>
      branch.trim() === `${word})` ? `${branch} exit 1 ;;\n  never)` : branch,
    );
    await host.write({ [path]: { text, mode: '755' } });
  }

  /** Packets sent over the heartbeat cable so far, by node. */
  sent(): Record<string, number> {
    return Object.fromEntries(
      this.alive.map((host) => {
        const line = /^\s*eth1:(.*)$/m.exec(readFileSync(`/proc/${host.pid}/net/dev`, 'latin1'))?.[1] ?? '';
        return [host.name, Number(line.trim().split(/\s+/)[9] ?? 0)];
      }),
    );
  }

  /** The log of a host that runs. */
  log(host: Host): Promise<string> {
    return host.read('/var/log/ha-log');
  }

  /** `cl_status rscstatus` of each, `off` without its machine. */
  words(): Promise<string> {
    return this.#tell(async (host) => (await resources(host)) || 'stopped');
  }

  /** How each sees all, where there are three; '' with two. */
  async seen(): Promise<string> {
    if (this.hosts.size === 2) return '';
    return this.#tell(async (host) =>
      (await host.exec('for n in n1 n2 n3; do cl_status nodestatus $n; done')).stdout.trim().replace(/\s+/g, ','),
    );
  }

  async #tell(ask: (host: Host) => Promise<string>): Promise<string> {
    return (await Promise.all([...this.hosts.values()].map((host) => (host.pid === 0 ? 'off' : ask(host))))).join('/');
  }

  /** Resident memory of our daemon, in KiB; undefined where none runs. */
  async memoryKib(): Promise<number | undefined> {
    const ours = this.alive.find((host) => host.spec.kind === 'heartbeatd');
    const line = ours === undefined ? '' : (await ours.exec('read -r pid </run/heartbeat.pid; grep VmRSS /proc/$pid/status')).stdout;
    return line === '' ? undefined : Number(line.replace(/\D/g, ''));
  }

  /** What tells how it came about: by file name. The captures are the bytes tcpdump wrote. */
  async evidence(): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    for (const host of this.alive) {
      const state = await host.exec(
        'ip -4 -o addr; ls /run/*.mark; cl_status rscstatus; cat /var/log/start-output /var/log/reboot-calls /var/log/services',
      );
      found.set(`${host.name}-state`, Buffer.from(state.stdout + state.stderr, 'latin1'));
      for (const file of ['/var/log/ha-log', '/var/log/ha-debug']) {
        found.set(`${host.name}-${file.replace('/var/log/', '')}`, Buffer.from(await host.read(file), 'latin1'));
      }
      for (const path of (await host.exec(`ls ${CAPTURE}.* 2>/dev/null`)).stdout.split('\n').filter((each) => each !== '')) {
        found.set(`${host.name}-${path.replace('/var/tmp/', '')}.pcap`, Buffer.from((await host.exec(['cat', path])).stdout, 'latin1'));
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.holders.stop();
    await this.lab.close();
  }
}
