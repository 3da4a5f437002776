// The network that the tests of IPaddr start from.
import { after, before, beforeEach } from 'node:test';
import { type Held, Net } from './net.ts';

/** What the host itself has. */
export const OWN: Held = { device: 'eth0', address: '10.77.0.3', prefix: 24, broadcast: '10.77.0.255', label: 'eth0' };

/** A network of its own for each group of tests; eth0 carries 10.77.0.3/24, eth1 no address. */
export function eachWith(names: readonly string[]): () => Net {
  let net: Net | undefined;
  const get = (): Net => {
    if (net === undefined) throw new Error('not ready');
    return net;
  };
  before(async () => {
    net = await Net.make(...names);
  });
  beforeEach(() => {
    get().ok('for i in eth0 eth1 lo; do ip -4 address flush dev $i 2>/dev/null; done; ip address add 127.0.0.1/8 dev lo');
    get().ok('ip address add 10.77.0.3/24 brd + dev eth0; echo 0 > /proc/sys/net/ipv4/conf/eth0/promote_secondaries');
  });
  after(() => net?.close());
  return get;
}
