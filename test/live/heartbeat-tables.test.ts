/** `heartbeat -D`, `-DW` and `-v` print what the real Heartbeat 3.0.6 prints, byte for byte. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configFiles } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { obstacle } from './walk.ts';

const OURS = '/opt/heartbeatd/bin/heartbeat';
const KEYS = 'auth 1\n1 sha1 labsecret\n';
/** Nothing here that only one of the two carries out: that is listed by ours as not in effect. */
const FILES: Readonly<Record<string, string>> = {
  short: 'logfile /var/log/ha-log\nnode n1 n2\nbcast eth0\n',
  long: `debugfile /var/log/ha-debug
logfile /var/log/ha-log
logfacility local0
keepalive 1 1500ms
deadtime 5
warntime 2.5
deadping 7
hopfudge 2
udpport 695
baud 9600
bcast eth0 eth1
ucast eth1 198.51.100.2
mcast eth1 225.0.0.1 694 1 0
auto_failback off
node n1
node N2
respawn root /bin/sleep 100
apiauth foo uid=root
compression bz2
compression_threshold 3
traditional_compression yes
log_badpack no
env A=b
autojoin none
hbgenmethod time
uuidfrom nodename
msgfmt netstring
max_rexmit_delay 300
rtprio 5
realtime off
conn_logd_time 500ms
memreserve 100
crmd_spawns_pengine on
crm no
cluster alpha
record_config_changes off
`,
  nice: 'logfile /var/log/ha-log\nnice_failback on\ndeadtime 7,8\nnode n1 n2\nbcast eth0\n',
};

describe('tables of the command heartbeat: as Heartbeat 3.0.6', { skip: obstacle('heartbeat3') ?? false }, () => {
  let lab: Lab;
  let host: Host;
  before(
    async () => {
      lab = await Lab.open({ lans: ['public', 'heart'], heartbeat3: true });
      host = await lab.host({
        name: 'n1',
        kind: 'heartbeat3',
        nics: { eth0: { lan: 'public', address: '192.0.2.1/24' }, eth1: { lan: 'heart', address: '198.51.100.1/24' } },
      });
    },
    { timeout: 60_000 },
  );
  after(() => lab.close());

  for (const flags of ['-D', '-DW', '-D -k']) {
    it(`heartbeat ${flags}`, async () => {
      assert.equal(await host.must(`${OURS} ${flags}`), await host.must(`heartbeat ${flags}`));
    });
  }

  for (const [name, hacf] of Object.entries(FILES)) {
    it(`heartbeat -v: ${name}`, async () => {
      await host.write(configFiles({ hacf, authkeys: KEYS, haresources: '' }));
      // In a PID namespace of its own, so that the daemon which starts ends with the command.
      const printed = (program: string) =>
        host.must(
          `rm -f /run/heartbeat.pid; timeout -s KILL 15 unshare --pid --fork --kill-child=SIGKILL sh -c '${program} -v >/tmp/out 2>/tmp/err; exit $?'; cat /tmp/out; [ -s /tmp/out ] || cat /tmp/err`,
        );
      assert.equal(await printed(OURS), await printed('heartbeat'));
    });
  }
});
