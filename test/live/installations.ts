/** The pairs of three installations as administrators wrote them, their times divided by one factor of 20. */
import { serviceScript } from '../hosts/cluster.ts';
import type { FileSpec, HostKind } from '../hosts/host.ts';
import type { NodeSpec, PairSpec } from './pair.ts';

const ours: HostKind = 'heartbeatd';

/** An init script named like the service of the how-to, with the real nginx behind it. */
function webService(name: string): Record<string, FileSpec> {
  const text = `#!/bin/sh
# ${name}: the web server as an LSB service
[ "$1" = status ] || echo "$(date +%s.%N) ${name} $*" >>/var/log/services
running() { [ -s /run/nginx.pid ] && kill -0 "$(cat /run/nginx.pid)" 2>/dev/null; }
case "$1" in
  start) running || nginx ;;
  stop) if running; then nginx -s stop; while running; do sleep 0.01; done; fi ;;
  status) if running; then echo "${name} is running"; else echo "${name} is stopped"; exit 3; fi ;;
  *) exit 2 ;;
esac
`;
  return { [`/etc/init.d/${name}`]: { text, mode: '755' } };
}

/** Installation A: the address and two services, one LAN for everything. */
export function installationA(haresources = 'hello 192.168.8.240/19 httpd tomcat', authkeys = 'auth 1\n1 sha1 key-for-sha1\n'): PairSpec {
  const node = (name: string, number: number): NodeSpec => ({
    name,
    kind: ours,
    nics: { eth0: { lan: 'lan', address: `192.168.8.${number}/19` } },
    files: {
      hacf: `debugfile /var/log/ha-debug
logfile /var/log/ha-log
keepalive 100ms
deadtime 1500ms
warntime 500ms
initdead 6
udpport 694
bcast eth0
auto_failback on
node hello
node web
`,
      haresources: `${haresources}\n`,
      authkeys,
    },
  });
  return {
    lans: ['lan'],
    nodes: [node('hello', 1), node('web', 2)],
    client: { lan: 'lan', address: '192.168.8.9/19' },
    vip: '192.168.8.240',
    deadtimeMs: 1500,
    initdeadMs: 6000,
    files: { ...webService('httpd'), ...serviceScript('tomcat') },
  };
}

/** Installation B: a heartbeat LAN of its own, unicast, a ping node and ipfail (both only read so far). */
export function installationB(): PairSpec {
  const node = (name: string, number: number, peer: number): NodeSpec => ({
    name,
    kind: ours,
    nics: {
      eth0: { lan: 'public', address: `192.168.171.${number}/24` },
      eth1: { lan: 'heart', address: `192.168.17.${number}/24` },
    },
    files: {
      hacf: `debugfile /var/log/ha-debug
logfile	/var/log/ha-log
logfacility	local0
keepalive 100ms
deadtime 1500ms
warntime 500ms
initdead 3
udpport	694
ucast eth1 192.168.17.${peer}
auto_failback on
node	masternginx
node	slavenginx
ping 192.168.17.1
respawn hacluster /usr/lib64/heartbeat/ipfail
`,
      haresources: 'masternginx 192.168.171.100/24/eth0:0 nginx\n',
      authkeys: 'auth 3\n3 md5 hello!\n',
    },
  });
  return {
    lans: ['public', 'heart'],
    nodes: [node('masternginx', 50, 51), node('slavenginx', 51, 50)],
    client: { lan: 'public', address: '192.168.171.9/24' },
    vip: '192.168.171.100',
    deadtimeMs: 1500,
    initdeadMs: 3000,
  };
}

/** Installation C without DRBD, second stage (a database beside the web server); `lines` are its heartbeat cables. */
export function installationC(lines: 'one' | 'two'): PairSpec {
  const node = (name: string, number: number, heart: number, peer: number): NodeSpec => ({
    name,
    kind: ours,
    nics: {
      eth0: { lan: 'public', address: `192.168.42.${number}/25` },
      eth1: { lan: 'heart', address: `10.1.1.${heart}/24` },
    },
    files: {
      hacf: `debugfile /var/log/ha-debug
logfile /var/log/ha-log
logfacility local0
keepalive 100ms
deadtime 1500ms
warntime 500ms
initdead 3
udpport 694
ucast eth1 10.1.1.${peer}
${lines === 'two' ? 'bcast eth0\n' : ''}auto_failback on
node master1
node master2
ping 192.168.42.1
`,
      haresources: 'master1 IPaddr::192.168.42.14/25/eth0:0 nginx mysqld\n',
      authkeys: 'auth 3\n3 md5 hello!\n',
    },
  });
  return {
    lans: ['public', 'heart'],
    nodes: [node('master1', 12, 1, 2), node('master2', 13, 2, 1)],
    client: { lan: 'public', address: '192.168.42.9/25' },
    vip: '192.168.42.14',
    deadtimeMs: 1500,
    initdeadMs: 3000,
    files: serviceScript('mysqld'),
  };
}
