/** The installations that administrators have today load unchanged and mean what they meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToText } from '../../src/base/bytes.ts';
import type { Config } from '../../src/contracts/config.ts';
import { HOST, lines, load, loadGood } from './support.ts';

const on = (hostName: string) => ({ ...HOST, hostName });
const groups = (config: Config) =>
  config.groups.map(({ home, resources }) => [home, ...resources.map(({ script, args }) => [script, ...args].join(' '))]);
const keyOf = ({ auth }: Config) => auth.keys.map(({ index, method, key }) => `${index} ${method} ${bytesToText(key)}`);

const A = `debugfile /var/log/ha-debug
logfile /var/log/ha-log
keepalive 2
deadtime 30
warntime 10
initdead 120
udpport 694
bcast eth0
auto_failback on
node hello
node web
`;

test('A: an address alone, every spelling of it', () => {
  const first = loadGood(
    { hacf: A, authkeys: 'auth 1\n1 sha1 key-for-sha1\n', haresources: 'hello 192.168.8.240/19 httpd tomcat\n' },
    on('hello'),
  );
  assert.deepEqual(
    [first.self, first.nodes, first.keepaliveMs, first.deadtimeMs, first.warntimeMs, first.initdeadMs, first.autoFailback],
    ['hello', ['hello', 'web'], 2000, 30_000, 10_000, 120_000, 'on'],
  );
  assert.deepEqual(first.media, [{ kind: 'bcast', id: 'bcast eth0', link: 'eth0', device: 'eth0', port: 694 }]);
  assert.deepEqual(first.log, { logfile: '/var/log/ha-log', debugfile: '/var/log/ha-debug', debug: 0, syslogmsgfmt: true });
  assert.deepEqual(groups(first), [['hello', 'IPaddr 192.168.8.240/19', 'httpd', 'tomcat']]);
  assert.deepEqual(keyOf(first), ['1 sha1 key-for-sha1']);
  assert.deepEqual(first.unmet, []);

  const second = loadGood({ hacf: A, authkeys: 'auth 2\n2 crc\n', haresources: 'hello 192.168.8.240/19/192.168.31.255\n' }, on('web'));
  assert.deepEqual(groups(second), [['hello', 'IPaddr 192.168.8.240/19/192.168.31.255']]);
  assert.deepEqual(keyOf(second), ['2 crc ']);

  const third = loadGood(
    {
      hacf: A,
      authkeys: 'auth 3\n#1 crc\n#2 sha1 HI!\n3 md5 Hello!\n',
      haresources: 'hello 192.168.8.240/19/eth0/192.168.31.251 httpd tomcat\n',
    },
    on('hello'),
  );
  assert.deepEqual(groups(third), [['hello', 'IPaddr 192.168.8.240/19/eth0/192.168.31.251', 'httpd', 'tomcat']]);
  assert.deepEqual(keyOf(third), ['3 md5 Hello!']);

  const other = loadGood({ hacf: A.replaceAll('hello', 'rhelh1'), haresources: 'rhelh1 172.16.70.11 httpd tomcat\n' }, on('rhelh1'));
  assert.deepEqual(groups(other), [['rhelh1', 'IPaddr 172.16.70.11', 'httpd', 'tomcat']]);
  assert.deepEqual(lines(load({ hacf: A, haresources: 'hello 192.168.8.240/19 httpd tomcat\n' }, on('hello'))), []);
});

const B = `debugfile /var/log/ha-debug
logfile /var/log/ha-log
logfacility local0
keepalive 2
deadtime 30
warntime 10
initdead 60
udpport 694
ucast eth1 192.168.17.51
auto_failback on
node masternginx
node slavenginx
ping 192.168.17.1
respawn hacluster /usr/lib64/heartbeat/ipfail
`;

test('B: ucast, a ping node and ipfail, which are named as unmet', () => {
  const loaded = load(
    { hacf: B, authkeys: 'auth 3\n3 md5 hello!\n', haresources: 'masternginx 192.168.171.100/24/eth0:0 nginx\n' },
    on('masternginx'),
  );
  assert.deepEqual(lines(loaded, 'error'), []);
  const { config } = loaded;
  assert.ok(config);
  assert.deepEqual(config.media, [
    { kind: 'ucast', id: 'ucast eth1 192.168.17.51', link: 'eth1', device: 'eth1', address: '192.168.17.51', port: 694 },
  ]);
  assert.deepEqual(groups(config), [['masternginx', 'IPaddr 192.168.171.100/24/eth0:0', 'nginx']]);
  assert.equal(config.log.logfacility, 'local0');
  assert.deepEqual(
    config.unmet.map(({ word }) => word),
    ['ping', 'respawn'],
  );
  assert.equal(lines(loaded, 'warning').length, 2);
});

test('C: the three stages of the DRBD pair', () => {
  const hacf = B.replace('192.168.17.51', '10.1.1.2')
    .replace('masternginx', 'master1')
    .replace('slavenginx', 'master2')
    .replace('192.168.17.1\n', '192.168.42.1\n');
  const address = 'IPaddr::192.168.42.14/25/eth0:0';
  const stages = [`${address} nginx`, `${address} nginx mysqld`, `${address} nginx drbddisk::r0 Filesystem::/dev/drbd0::/store::ext4`];
  const ran = stages.map((stage) => groups(loadGood({ hacf, haresources: `master1 ${stage}\n` }, on('master1')))[0]);
  assert.deepEqual(ran, [
    ['master1', 'IPaddr 192.168.42.14/25/eth0:0', 'nginx'],
    ['master1', 'IPaddr 192.168.42.14/25/eth0:0', 'nginx', 'mysqld'],
    ['master1', 'IPaddr 192.168.42.14/25/eth0:0', 'nginx', 'drbddisk r0', 'Filesystem /dev/drbd0 /store ext4'],
  ]);
  assert.equal(loadGood({ hacf, haresources: `master1 ${stages[0]}\n` }, on('master1')).groups[0]?.key, address);
});

test('D: a capital letter in a name, nice_failback, a port of its own', () => {
  const hacf =
    'logfacility local0\nkeepalive 2\ndeadtime 40\ninitdead 240\nnice_failback on\nhopfudge 1\nudpport 1001\nucast eth0 10.144.43.142\nnode Linux187\nnode linux142\n';
  const loaded = load({ hacf, authkeys: 'auth 1\n1 sha1 doss123\n', haresources: 'Linux187 10.144.43.185 lvs mon\n' }, on('Linux187'));
  const { config } = loaded;
  assert.ok(config, lines(loaded).join('\n'));
  assert.deepEqual(
    [config.self, config.nodes, config.autoFailback, config.hopfudge, config.media[0]?.port],
    ['linux187', ['linux187', 'linux142'], 'legacy', 1, 1001],
  );
  assert.deepEqual(groups(config), [['linux187', 'IPaddr 10.144.43.185', 'lvs', 'mon']]);
  const [nice = '', legacy = '', ...others] = lines(loaded);
  assert.match(nice, /nice_failback/);
  assert.match(legacy, /Deprecated 'legacy' auto_failback option selected/);
  assert.deepEqual(others, []);
});
