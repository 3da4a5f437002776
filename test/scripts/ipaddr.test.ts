// IPaddr among other addresses: what it leaves alone, alias names, other interfaces, what it costs (agents 3).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eachWith, OWN } from './ipaddr-network.ts';
import { Net, namespaceObstacle, RESOURCE_DIR } from './net.ts';

const skip = namespaceObstacle();

describe('IPaddr: addresses beside it', { skip }, () => {
  const net = eachWith(['eth0', 'eth1']);
  const [A, B, C] = ['10.77.9.1/24/eth1:0', '10.77.9.2/24/eth1:1', '10.77.9.3/24/eth1'];

  it('the first of a subnet goes, the others stay (promote_secondaries is set)', () => {
    const n = net();
    for (const spec of [A, B, C]) assert.equal(n.ipaddr(spec, 'start').status, 0);
    assert.equal(n.ipaddr(A, 'stop').status, 0);
    assert.deepEqual(n.held(), ['eth0 10.77.0.3/24', 'eth1:1 10.77.9.2/24', 'eth1:2 10.77.9.3/24']);
    assert.equal(n.ok('cat /proc/sys/net/ipv4/conf/eth1/promote_secondaries').trim(), '1');
    assert.equal(n.ipaddr(B, 'stop').status, 0);
    assert.deepEqual(n.held(), ['eth0 10.77.0.3/24', 'eth1:2 10.77.9.3/24']);
    n.ok('echo 0 > /proc/sys/net/ipv4/conf/eth1/promote_secondaries');
  });

  it('the same where /proc/sys is read-only: they are put back, label and broadcast too', (t) => {
    const n = net();
    const readOnly = 'mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys';
    if (n.run('unshare', ['-m', 'sh', '-c', readOnly]).status !== 0) return t.skip('no read-only /proc/sys can be made here');
    for (const spec of [A, B, '10.77.9.3/24/eth1:vip/10.77.9.200']) assert.equal(n.ipaddr(spec, 'start').status, 0);
    const script = join(RESOURCE_DIR, 'IPaddr');
    const stop = n.run('unshare', ['-m', 'sh', '-c', `${readOnly} && exec ${script} ${A} stop`]);
    assert.deepEqual([stop.status, stop.stdout], [0, 'INFO:  Success\n'], stop.stderr);
    assert.equal(n.ok('cat /proc/sys/net/ipv4/conf/eth1/promote_secondaries').trim(), '0');
    assert.deepEqual(n.held(), ['eth0 10.77.0.3/24', 'eth1:1 10.77.9.2/24', 'eth1:vip 10.77.9.3/24']);
    assert.equal(n.addresses().at(-1)?.broadcast, '10.77.9.200');
  });

  it('an address of the host that came after the virtual one stays', () => {
    const n = net();
    assert.equal(n.ipaddr(A, 'start').status, 0);
    n.ok('ip address add 10.77.9.77/24 brd + dev eth1');
    assert.equal(n.ipaddr(A, 'stop').status, 0);
    assert.deepEqual(n.held(), ['eth0 10.77.0.3/24', 'eth1 10.77.9.77/24']);
  });

  it('the main address of an interface is never taken, and never served', () => {
    const n = net();
    for (const spec of ['10.77.0.3', '10.77.0.3/24/eth0:0']) {
      for (const action of ['start', 'stop', 'status']) {
        const done = n.ipaddr(spec, action);
        assert.deepEqual([done.status, done.stdout], [1, 'ERROR:  Generic error\n'], `${spec} ${action}`);
        assert.match(done.stderr, /10\.77\.0\.3 is the main address of eth0/);
      }
    }
    assert.deepEqual(n.addresses(), [OWN]);
  });

  it('an address put there by hand, without an alias name, is seen and taken away', () => {
    const n = net();
    n.ok('ip address add 10.77.0.150/24 dev eth0');
    assert.equal(n.ipaddr('10.77.0.150', 'status').stdout, 'INFO:  Running OK\n');
    assert.equal(n.ipaddr('10.77.0.150', 'start').status, 0);
    assert.equal(n.ipaddr('10.77.0.150', 'stop').status, 0);
    assert.deepEqual(n.addresses(), [OWN]);
  });
});

describe('IPaddr: alias names', { skip }, () => {
  const net = eachWith(['eth0', 'eth1', 'averylongname15']);

  it('taken: the next free number; freed: used again', () => {
    const n = net();
    for (const last of ['150', '151', '152']) assert.equal(n.ipaddr(`10.77.0.${last}/24/eth0:0`, 'start').status, 0);
    assert.deepEqual(n.held().slice(1), ['eth0:0 10.77.0.150/24', 'eth0:1 10.77.0.151/24', 'eth0:2 10.77.0.152/24']);
    assert.equal(n.ipaddr('10.77.0.151', 'stop').status, 0);
    assert.equal(n.ipaddr('10.77.0.153', 'start').status, 0);
    assert.deepEqual(n.held().slice(1), ['eth0:0 10.77.0.150/24', 'eth0:2 10.77.0.152/24', 'eth0:1 10.77.0.153/24']);
    // Another alias name in the configuration than the one it got: still the same resource.
    assert.equal(n.ipaddr('10.77.0.152/24/eth0:9', 'status').status, 0);
    assert.equal(n.ipaddr('10.77.0.152/24/eth0:9', 'stop').status, 0);
    assert.deepEqual(n.held().slice(1), ['eth0:0 10.77.0.150/24', 'eth0:1 10.77.0.153/24']);
  });

  it('ifconfig shows the alias', (t) => {
    const n = net();
    if (n.shell('command -v ifconfig').status !== 0) return t.skip('ifconfig (net-tools) is not installed');
    assert.equal(n.ipaddr('10.77.0.150/24/eth0:0', 'start').status, 0);
    assert.match(n.ok('ifconfig eth0:0'), /inet (addr:)?10\.77\.0\.150/);
    assert.equal(n.ipaddr('10.77.0.150/24/eth0:0', 'stop').status, 0);
  });

  it('an interface whose name leaves no room for one', () => {
    const n = net();
    const spec = '10.77.5.1/24/averylongname15';
    assert.equal(n.ipaddr(spec, 'start').status, 0);
    assert.deepEqual(n.held()[1], 'averylongname15 10.77.5.1/24');
    assert.equal(n.ipaddr(spec, 'start').status, 0);
    assert.equal(n.ipaddr(spec, 'status').status, 0);
    assert.equal(n.ipaddr(spec, 'stop').status, 0);
    assert.deepEqual(n.addresses(), [OWN]);
  });
});

describe('IPaddr: the address on another interface', { skip }, () => {
  const net = eachWith(['eth0', 'eth1']);

  it('start fails and adds nothing; status is neither running nor stopped; stop removes it there', () => {
    const n = net();
    assert.equal(n.ipaddr('10.77.0.150/24/eth1', 'start').status, 0);
    const start = n.ipaddr('10.77.0.150/24/eth0', 'start');
    assert.equal(start.status, 1);
    assert.match(start.stderr, /10\.77\.0\.150 is running an interface \(eth1\) instead of the configured one \(eth0\)/);
    assert.deepEqual(n.held(), ['eth0 10.77.0.3/24', 'eth1:0 10.77.0.150/24']);
    assert.deepEqual(n.ipaddr('10.77.0.150/24/eth0', 'status'), { status: 1, stdout: 'ERROR:  Generic error\n', stderr: '' });
    // haresources may have been edited while it was up: after a stop nobody may hold it here.
    assert.equal(n.ipaddr('10.77.0.150/24/eth0', 'stop').status, 0);
    assert.deepEqual(n.addresses(), [OWN]);
  });

  it('on two interfaces: stop removes both', () => {
    const n = net();
    n.ok('ip address add 10.77.0.150/24 dev eth0 label eth0:0; ip address add 10.77.0.150/24 dev eth1 label eth1:0');
    assert.equal(n.ipaddr('10.77.0.150', 'stop').status, 0);
    assert.deepEqual(n.addresses(), [OWN]);
  });

  it('on lo, as on a load-balanced server: left alone, unless lo is what is configured', () => {
    const n = net();
    n.ok('ip address add 10.77.0.150/32 dev lo label lo:0');
    assert.equal(n.ipaddr('10.77.0.150/24/eth0', 'status').status, 7);
    assert.equal(n.ipaddr('10.77.0.150/24/eth0', 'stop').status, 0);
    assert.equal(n.held()[0], 'lo:0 10.77.0.150/32');
    assert.equal(n.ipaddr('10.77.0.150/24/eth0', 'start').status, 1);
    assert.equal(n.ipaddr('10.77.0.150/32/lo', 'status').status, 0);
    assert.equal(n.ipaddr('10.77.0.150/32/lo', 'stop').status, 0);
    assert.deepEqual(n.addresses(), [OWN]);
  });

  it('an interface that is down is brought up', () => {
    const n = net();
    n.ok('ip link set eth1 down');
    assert.equal(n.ipaddr('10.77.8.1/24/eth1', 'start').status, 0);
    assert.match(n.ok('ip -o link show eth1'), /[<,]UP[,>]/);
  });
});

describe('IPaddr: seen from another host', { skip }, () => {
  it('the address answers with /24 and with /32, and no longer after stop', async () => {
    const server = await Net.make('eth0');
    const client = await Net.make();
    try {
      const moved = server.shell(`ip link set peer0 netns ${client.pid}`);
      if (moved.status !== 0) {
        // Two user namespaces of an ordinary user do not own each other's interfaces.
        assert.notEqual(process.getuid?.(), 0, moved.stderr);
        return;
      }
      client.ok('ip link set peer0 up; ip address add 10.77.0.9/24 dev peer0');
      // Unanswered ARP requests are given up after 0.1 s instead of 3 s.
      client.ok('cd /proc/sys/net/ipv4/neigh/peer0; echo 1 > mcast_solicit; echo 100 > retrans_time_ms');
      server.ok('ip address add 10.77.0.3/24 brd + dev eth0');
      const reach = (): string => client.run('timeout', ['5', 'bash', '-c', 'echo > /dev/tcp/10.77.0.150/9']).stderr;
      for (const spec of ['10.77.0.150', '10.77.0.150/32/eth0']) {
        assert.equal(server.ipaddr(spec, 'start').status, 0);
        assert.match(reach(), /Connection refused/, spec);
        assert.equal(server.ipaddr(spec, 'stop').status, 0);
        client.ok('ip neigh flush dev peer0');
        assert.match(reach(), /No route to host/, spec);
      }
    } finally {
      server.close();
      client.close();
    }
  });
});

describe('IPaddr: cost', { skip }, () => {
  const net = eachWith(['eth0', 'eth1']);

  it('one call of ip for status, two for start and for stop, one for each when there is nothing to do', () => {
    const n = net();
    const bin = join(n.temp, 'bin');
    n.ok(`mkdir ${bin}`);
    writeFileSync(join(bin, 'ip'), `#!/bin/sh\necho x >> ${n.temp}/calls\nPATH=\${PATH#*:}\nexec ip "$@"\n`, { mode: 0o755 });
    const calls = (spec: string, action: string): number => {
      const done = n.ipaddr(spec, action, { PATH: `${bin}:${process.env.PATH ?? ''}` });
      assert.ok(done.status === 0 || done.status === 7, `${action}: ${done.stderr}`);
      const count = n.ok(`wc -l < ${n.temp}/calls; rm ${n.temp}/calls`);
      return Number(count);
    };
    for (const spec of ['10.77.0.150', '10.77.0.150/24/eth1']) {
      const seen = ['status', 'start', 'start', 'status', 'stop', 'stop'].map((action) => calls(spec, action));
      assert.deepEqual(seen, [1, 2, 1, 1, 2, 1], spec);
    }
  });
});
