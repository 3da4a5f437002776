/** The pair of one scenario on its two hosts, and what can be done to it. */
import { readFileSync } from 'node:fs';
import { configFiles, serviceScript, startHeartbeat, stopHeartbeat } from '../hosts/cluster.ts';
import type { Host, HostKind } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { sleep } from '../hosts/run.ts';
import { type Configuration, pairings } from './dimensions.ts';
import type { Act, Side, Who } from './events.ts';
import { filesOf, heldThings, names, scriptsOf } from './files.ts';
import { Holders } from './holders.ts';
import type { Scenario } from './scenarios.ts';

const CAPTURE = '/var/tmp/capture';
/** The daemon's own process and its children, each by its number. */
const DAEMON = 'm=$(cat /run/heartbeat.pid) && set -- $m $(ps -o pid= --ppid $m)';

export class Stage {
  #boots = 0;
  private constructor(
    readonly lab: Lab,
    readonly configuration: Configuration,
    readonly hosts: Readonly<Record<Side, Host>>,
    readonly holders: Holders,
  ) {}

  static async open({ pairing, configuration, event }: Scenario): Promise<Stage> {
    const lab = await Lab.open({ lans: ['public', 'heart'], heartbeat3: true, lifeSeconds: event.seconds * 4 + 120 });
    try {
      const kinds = pairings[pairing];
      const host = (side: Side, number: number, kind: HostKind): Promise<Host> =>
        lab.host({
          name: names[side],
          kind,
          nics: { eth0: { lan: 'public', address: `10.78.0.${number}/24` }, eth1: { lan: 'heart', address: `10.77.1.${number}/24` } },
        });
      const [first, second] = await Promise.all([host('first', 1, kinds[0]), host('second', 2, kinds[1])]);
      const hosts = { first, second };
      for (const each of [first, second]) await each.write({ ...configFiles(filesOf(configuration)), ...scriptsOf(configuration) });
      const stage = new Stage(lab, configuration, hosts, new Holders(heldThings(configuration), hosts));
      for (const each of [first, second]) stage.#capture(each);
      return stage;
    } catch (fault) {
      await lab.close();
      throw fault;
    }
  }

  sides(who: Who): Side[] {
    return who === 'both' ? ['first', 'second'] : [who];
  }

  each(who: Who, act: (host: Host, side: Side) => Promise<unknown>): Promise<unknown> {
    return Promise.all(this.sides(who).map((side) => act(this.hosts[side], side)));
  }

  get alive(): Host[] {
    return [this.hosts.first, this.hosts.second].filter((host) => host.pid !== 0);
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
    const { hosts } = this;
    switch (act.do) {
      case 'start':
        await this.each(act.on, async (host) => {
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
        await this.each(act.on, (host) => host.must(`${DAEMON}; kill -9 "$@"`));
        return;
      case 'standby':
      case 'takeover':
        await hosts[act.on].must(`hb_${act.do} ${act.what}`);
        return;
      case 'cut':
        return hosts.first.pull('eth1');
      case 'heal':
        return hosts.first.plug('eth1');
      case 'silence':
        await hosts.first.deafen('eth1');
        await sleep(act.ms);
        return hosts.first.undeafen('eth1');
      case 'wait':
        return sleep(act.ms);
      case 'lose':
        return this.#lose(act.percent, act.ms);
      case 'freeze':
        await hosts[act.on].must(`${DAEMON}; kill -STOP "$@"; sleep ${act.ms / 1000}; kill -CONT "$@"`, { limitMs: act.ms + 10_000 });
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
      case 'add-node':
      case 'delete-node':
        // A refusal is an answer too.
        await hosts[act.on].exec(`hb_${act.do === 'add-node' ? 'addnode' : 'delnode'} n3`);
        return;
      case 'spoil':
        return this.#spoil(hosts[act.on], act.word);
    }
  }

  async #lose(percent: number, ms: number): Promise<void> {
    const rules = `add table inet loss; add chain inet loss in { type filter hook input priority 0; }; add rule inet loss in udp dport 694 numgen random mod 100 < ${percent} drop`;
    await this.each('both', (host) => host.must(['nft', rules]));
    await sleep(ms);
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
