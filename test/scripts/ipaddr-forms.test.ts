// IPaddr, word by word: every way to write the address, and what it refuses, against the kernel's own list of addresses
// (haresources 1, agents 3).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eachWith, OWN } from './ipaddr-network.ts';
import { type Held, namespaceObstacle, RESOURCE_DIR } from './net.ts';

const skip = namespaceObstacle();

interface Form {
  readonly spec: string;
  readonly want: Omit<Held, 'address'> & { readonly address?: string };
  /** Needs a default route. */
  readonly route?: string;
}

const FORMS: readonly Form[] = [
  { spec: '10.77.0.150', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/24', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/eth0', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/eth1', want: { device: 'eth1', prefix: 24, broadcast: '10.77.0.255', label: 'eth1:0' } },
  { spec: '10.77.0.150/24/eth0:0', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/eth0:5', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:5' } },
  { spec: '10.77.0.150/24/eth0:web', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:web' } },
  { spec: '10.77.0.150/24/eth0:much-too-long', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/10.77.0.255', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/10.77.0.254', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.254', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/eth0/10.77.0.127', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.127', label: 'eth0:0' } },
  { spec: '10.77.0.150/24/eth0:3/10.77.0.127', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.127', label: 'eth0:3' } },
  { spec: '10.77.0.150/255.255.255.0/eth0', want: { device: 'eth0', prefix: 24, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/255.255.224.0', want: { device: 'eth0', prefix: 19, broadcast: '10.77.31.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/25/eth0:0', want: { device: 'eth0', prefix: 25, broadcast: '10.77.0.255', label: 'eth0:0' } },
  { spec: '10.77.0.150/32', want: { device: 'eth0', prefix: 32, broadcast: '10.77.0.150', label: 'eth0:0' } },
  { spec: '10.77.0.150/32/eth1', want: { device: 'eth1', prefix: 32, broadcast: '10.77.0.150', label: 'eth1:0' } },
  // The how-to of hello and web: mask 255.255.224.0, broadcast 192.168.31.255 by default.
  {
    spec: '192.168.8.240/19',
    route: 'default via 10.77.0.1',
    want: { device: 'eth0', address: '192.168.8.240', prefix: 19, broadcast: '192.168.31.255', label: 'eth0:0' },
  },
  {
    spec: '192.168.8.240/19/192.168.31.255',
    route: 'default via 10.77.0.1',
    want: { device: 'eth0', address: '192.168.8.240', prefix: 19, broadcast: '192.168.31.255', label: 'eth0:0' },
  },
  {
    spec: '192.168.8.240/19/eth0/192.168.31.251',
    want: { device: 'eth0', address: '192.168.8.240', prefix: 19, broadcast: '192.168.31.251', label: 'eth0:0' },
  },
  // The most specific route decides, not the first one, and not one without an interface.
  {
    spec: '172.16.70.11',
    route: '172.16.0.0/12 dev eth0; ip route add 172.16.70.0/24 dev eth1; ip route add unreachable 172.16.70.0/26',
    want: { device: 'eth1', address: '172.16.70.11', prefix: 24, broadcast: '172.16.70.255', label: 'eth1:0' },
  },
];

describe('IPaddr: every way to write the address', { skip }, () => {
  const net = eachWith(['eth0', 'eth1']);
  for (const form of FORMS) {
    it(form.spec, () => {
      const n = net();
      if (form.route !== undefined) n.ok(`ip route add ${form.route}`);
      assert.deepEqual(n.ipaddr(form.spec, 'status'), { status: 7, stdout: 'INFO:  Resource is stopped\n', stderr: '' });
      const want: Held = { address: '10.77.0.150', ...form.want };
      for (const round of ['first', 'again']) {
        const start = n.ipaddr(form.spec, 'start');
        assert.deepEqual([start.status, start.stdout], [0, 'INFO:  Success\n'], `${round} start: ${start.stderr}`);
        assert.deepEqual(
          n.addresses(),
          [OWN, want].sort((a, b) => a.device.localeCompare(b.device)),
        );
      }
      assert.deepEqual(n.ipaddr(form.spec, 'status'), { status: 0, stdout: 'INFO:  Running OK\n', stderr: '' });
      for (const round of ['first', 'again']) {
        assert.deepEqual(n.ipaddr(form.spec, 'stop'), { status: 0, stdout: 'INFO:  Success\n', stderr: '' }, `${round} stop`);
        assert.deepEqual(n.addresses(), [OWN]);
      }
      assert.equal(n.ipaddr(form.spec, 'status').status, 7);
      if (form.route !== undefined) n.ok('ip route flush table main; ip route add 10.77.0.0/24 dev eth0');
    });
  }
});

const REFUSED: readonly [spec: string, reason: RegExp][] = [
  ['10.99.0.1', /no route to 10\.99\.0\.1: name the interface/],
  ['10.99.0.1/24', /no route to 10\.99\.0\.1: name the interface/],
  ['10.99.0.1//eth0', /no route to 10\.99\.0\.1 on eth0: give the netmask/],
  ['10.77.0.150/24/eth9', /eth9: unknown interface: No such device/],
  ['10.77.0.150/33', /Invalid netmask specification \[33\]/],
  ['10.77.0.150/-1', /Invalid netmask specification/],
  ['10.77.0.150/255.255.0.255', /Invalid netmask specification/],
  ['10.77.0.150/24/eth0/10.77.0.256', /Invalid broadcast address/],
  ['10.77.0.150/24/10.77.0.255/eth0', /after the broadcast address/],
  ['10.77.0.150/24/eth0/10.77.0.255/x', /too many parts/],
  ['10.77.0.256', /Invalid IP address/],
  ['10.77.0', /Invalid IP address/],
  ['10.77.0.1.5', /Invalid IP address/],
  ['010.77.0.1', /Invalid IP address/],
  ['', /Invalid IP address/],
  ['*', /Invalid IP address/],
  ['10.77.0.150/24/eth0;id', /Invalid interface/],
  ['10.77.0.150/24/$(id)', /Invalid interface/],
  ['10.77.0.150/24/eth0\nlink set lo down', /Invalid interface/],
  ['10.77.0.150/24/eth0:a b', /Invalid interface/],
  ['10.77.0.150/24/aninterfacenamethatistoolong', /longer than 15/],
];

describe('IPaddr: what it refuses', { skip }, () => {
  const net = eachWith(['eth0', 'eth1']);
  for (const [spec, reason] of REFUSED) {
    it(JSON.stringify(spec), () => {
      const n = net();
      const start = n.ipaddr(spec, 'start');
      assert.deepEqual([start.status, start.stdout], [1, 'ERROR:  Generic error\n']);
      assert.match(start.stderr, reason);
      assert.deepEqual(n.addresses(), [OWN]);
      assert.equal(n.ipaddr(spec, 'status').stdout, 'INFO:  Resource is stopped\n');
      assert.deepEqual(n.ipaddr(spec, 'stop'), { status: 0, stdout: 'INFO:  Success\n', stderr: '' });
    });
  }

  it('a default route without a netmask', () => {
    const n = net();
    n.ok('ip route add default via 10.77.0.1');
    const start = n.ipaddr('10.99.0.1', 'start');
    assert.equal(start.status, 1);
    assert.match(start.stderr, /ERROR: Cannot use default route w\/o netmask \[10\.99\.0\.1\]/);
    n.ok('ip route del default');
  });

  it('wrong use', () => {
    const n = net();
    const script = join(RESOURCE_DIR, 'IPaddr');
    for (const args of [[], ['10.77.0.150'], ['meta-data'], ['10.77.0.150', 'x', 'start']]) {
      const done = n.run(script, args);
      assert.equal(done.status, 1);
      assert.match(done.stdout, /^usage: .* \(start\|stop\|status\|usage\|meta-data\)\n$/);
    }
    const unknown = n.ipaddr('10.77.0.150', 'restart');
    assert.equal(unknown.status, 1);
    assert.match(unknown.stdout, /^ERROR: Unknown operation: restart\nusage: /);
    assert.equal(n.ipaddr('10.77.0.150', 'usage').status, 0);
    assert.match(n.ipaddr('10.77.0.150', 'meta-data').stdout, /<resource-agent name="IPaddr">/);
  });
});
