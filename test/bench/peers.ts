/** Whom heartbeatd is measured against: the same address, the same LANs, each as its own manual sets it up. */
import { configFiles, startHeartbeat, stopHeartbeat, untilResources } from '../hosts/cluster.ts';
import type { FileSpec, Host, HostKind } from '../hosts/host.ts';
import { until } from '../hosts/run.ts';
import type { BeatSpec } from './beats.ts';

export const vip = '192.168.171.100';
export const heartbeatAddress = (number: number): string => `10.77.1.${number}`;

export interface Peer {
  readonly word: string;
  readonly title: string;
  readonly kind: HostKind;
  /** Silence after which its node counts as dead, in milliseconds: what a power-off cannot be faster than. */
  readonly silenceMs: number;
  readonly beats: BeatSpec;
  readonly patienceMs: number;
  /** A node that has started less than this ago counts as dead later than it will from then on. */
  readonly ripeMs: number;
  files(primary: boolean): Record<string, string | FileSpec>;
  start(host: Host): Promise<unknown>;
  stop(host: Host): Promise<unknown>;
  /** Waits until a pair in which `holder` serves has come to rest. */
  settled(pair: Settled): Promise<void>;
  /** Moves the address away from a healthy holder, and back; undefined where there is no command for it. */
  readonly move?: { away(host: Host): Promise<unknown>; back(host: Host): Promise<unknown> };
}

/** Where the address is; undefined stands for a node that does not run. */
export interface Settled {
  readonly first: Host | undefined;
  readonly second: Host | undefined;
  readonly holder: Host;
  /** Moved by command: the group is not at home although its node runs. */
  readonly moved?: boolean;
}

function heartbeat(word: string, title: string, kind: HostKind, patienceMs: number, ripeMs: number): Peer {
  const hacf = `logfile /var/log/ha-log
keepalive 200ms
warntime 600ms
deadtime 1
initdead 10
udpport 694
bcast eth1
auto_failback on
node n1
node n2
`;
  return {
    word,
    title,
    kind,
    silenceMs: 1000,
    // Other messages come in between, and do not count as a sign of life (wire-protocol 6).
    beats: { filter: 'udp port 694', line: /(^|\(0\))t=status(,|$)/ },
    patienceMs,
    ripeMs,
    files: () => configFiles({ hacf, haresources: `n1 ${vip}/24/eth0:0\n`, authkeys: 'auth 1\n1 sha1 a shared secret\n' }),
    start: startHeartbeat,
    stop: stopHeartbeat,
    async settled({ first, second, holder, moved = false }) {
      const both = first !== undefined && second !== undefined;
      for (const host of [first, second]) {
        if (host === undefined) continue;
        const atHome = both && !moved;
        await untilResources(host, atHome ? 'local' : host === holder ? 'all' : 'none', patienceMs);
      }
    },
    move: { away: (host) => host.must('hb_standby'), back: (host) => host.must('hb_takeover') },
  };
}

const priority = { primary: 150, backup: 100 };
const advertMs = 200;

const keepalived: Peer = {
  word: 'keepalived',
  title: 'keepalived',
  kind: 'plain',
  // RFC 5798 6.1: three adverts, and a skew by which the higher priority comes first.
  silenceMs: 3 * advertMs + ((256 - priority.backup) * advertMs) / 256,
  beats: { filter: 'ip proto 112' },
  patienceMs: 10_000,
  ripeMs: 0,
  files: (primary) => ({
    '/etc/keepalived/keepalived.conf': `global_defs {
  vrrp_version 3
}
vrrp_instance bench {
  state ${primary ? 'MASTER' : 'BACKUP'}
  interface eth1
  virtual_router_id 51
  priority ${primary ? priority.primary : priority.backup}
  advert_int ${advertMs / 1000}
  virtual_ipaddress {
    ${vip}/24 dev eth0 label eth0:0
  }
}
`,
  }),
  start: (host) => host.must('keepalived'),
  stop: async (host) => {
    await host.must('kill $(cat /run/keepalived.pid)');
    await until(
      `keepalived ends on ${host.name}`,
      10_000,
      async () => ((await host.exec('test -e /run/keepalived.pid')).status === 0 ? undefined : true),
      50,
    );
  },
  settled: async () => undefined,
};

export const peers: readonly Peer[] = [
  heartbeat('heartbeatd', 'heartbeatd', 'heartbeatd', 15_000, 0),
  // For 5 s from its start it announces 2 s more (wire-protocol 6.2).
  heartbeat('heartbeat3', 'Heartbeat 3.0.6', 'heartbeat3', 40_000, 6000),
  keepalived,
];
