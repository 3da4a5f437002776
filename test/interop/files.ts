/** The files of a pair for one configuration; the same text on both nodes. */
import { type ClusterFiles, serviceScript } from '../hosts/cluster.ts';
import type { FileSpec } from '../hosts/host.ts';
import type { Configuration } from './dimensions.ts';
import type { Seat, Side } from './events.ts';

export const names: Readonly<Record<Seat, string>> = { first: 'n1', second: 'n2', third: 'n3' };
/** warntime lies between `silence` and one missed beat, deadtime between the short and the long freeze. */
export const times = { keepaliveMs: 500, warnMs: 1500, deadMs: 3000, initdeadMs: 10_000 } as const;

/** What is held: an address or the mark of a running service. */
export interface Held {
  readonly key: string;
  readonly kind: 'address' | 'service';
  readonly home: Side;
}

const media: Readonly<Record<Configuration['media'], readonly string[]>> = {
  bcast: ['bcast eth1'],
  // A node leaves out its own address.
  ucast: ['ucast eth1 10.77.1.1', 'ucast eth1 10.77.1.2'],
  mcast: ['mcast eth1 225.0.0.1 694 1 0'],
  two: ['bcast eth1', 'bcast eth0'],
};

const keys: Readonly<Record<Configuration['auth'], string>> = {
  sha1: '1 sha1 a shared secret\n',
  md5: '1 md5 another secret\n',
  crc: '1 crc\n',
};

export function heldThings({ groups }: Configuration): Held[] {
  const group = (home: Side, address: string, services: readonly string[]): Held[] => [
    { key: address, kind: 'address', home },
    ...services.map((key) => ({ key, kind: 'service' as const, home })),
  ];
  const nine = Array.from({ length: 9 }, (_, index) => `service${index}`);
  return [
    ...group('first', '10.78.0.100', groups === 'ten' ? nine : ['service0']),
    ...(groups === 'two' ? group('second', '10.78.0.101', ['other0']) : []),
  ];
}

export function filesOf(configuration: Configuration, third = false): ClusterFiles {
  const { msgfmt, compression, failback } = configuration;
  const groupOf = (home: Side): string =>
    heldThings(configuration)
      .filter((held) => held.home === home)
      .map(({ key, kind }) => (kind === 'address' ? `IPaddr::${key}/24/eth0` : key))
      .join(' ');
  const lines = (['first', 'second'] as const).filter((home) => groupOf(home) !== '').map((home) => `${names[home]} ${groupOf(home)}\n`);
  return {
    hacf: [
      'debugfile /var/log/ha-debug',
      'logfile /var/log/ha-log',
      `keepalive ${times.keepaliveMs}ms`,
      `warntime ${times.warnMs}ms`,
      `deadtime ${times.deadMs}ms`,
      `initdead ${times.initdeadMs}ms`,
      'udpport 694',
      ...(msgfmt === 'netstring' ? ['msgfmt netstring'] : []),
      ...(compression === 'zlib' ? ['compression zlib', 'compression_threshold 1'] : []),
      ...media[configuration.media],
      `auto_failback ${failback}`,
      'node n1',
      'node n2',
      ...(third ? ['node n3'] : []),
      '',
    ].join('\n'),
    haresources: lines.join(''),
    authkeys: `auth 1\n${keys[configuration.auth]}`,
  };
}

export function scriptsOf(configuration: Configuration): Record<string, FileSpec> {
  const services = heldThings(configuration).filter(({ kind }) => kind === 'service');
  return Object.assign({}, ...services.map(({ key }) => serviceScript(key)));
}
