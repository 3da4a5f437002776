/** The log disk of the active node stands still: heartbeats go on, and an operator can still move the resources away. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configFiles, resources, startHeartbeat } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { sleep, until } from '../hosts/run.ts';
import { support } from '../hosts/support.ts';
import { obstacle } from './walk.ts';

const VIP = '192.0.2.100';
/** Three deadtimes. */
const FROZEN_MS = 3000;

const why = obstacle('hosts') ?? (support().way === 'root' ? undefined : 'needs real root: freezes a loop file system');

function files(logFolder: string): ReturnType<typeof configFiles> {
  return configFiles({
    hacf: `logfile ${logFolder}/ha-log
debugfile ${logFolder}/ha-debug
debug 1
keepalive 200ms
warntime 500ms
deadtime 1
initdead 10
bcast eth1
auto_failback on
realtime off
node n1 n2
`,
    haresources: `n1 ${VIP}/24/eth0:0\n`,
    authkeys: 'auth 1\n1 sha1 secret\n',
  });
}

describe('a frozen log disk', { skip: why ?? false }, () => {
  let lab: Lab;
  let one: Host;
  let two: Host;
  let skip: string | undefined;

  before(async () => {
    lab = await Lab.open({ lans: ['public', 'heart'] });
    const make = (name: string, number: number): Promise<Host> =>
      lab.host({
        name,
        kind: 'heartbeatd',
        nics: { eth0: { lan: 'public', address: `192.0.2.${number}/24` }, eth1: { lan: 'heart', address: `198.51.100.${number}/24` } },
      });
    [one, two] = await Promise.all([make('n1', 1), make('n2', 2)]);
    await one.write(files('/frozen'));
    await two.write(files('/var/log'));
    const mounted = await one.exec(
      // A host has no block devices of its own; `mount -o loop` picks a free one, and umount lets go of it.
      `mknod /dev/loop-control c 10 237 && for n in $(seq 0 31); do mknod /dev/loop$n b 7 $n; done &&
       mkdir /frozen && truncate -s 16M /run/image && mkfs.ext4 -q /run/image && mount -o loop /run/image /frozen`,
    );
    if (mounted.status !== 0) skip = `no loop file system here: ${mounted.stderr.trim()}`;
  });

  after(async () => {
    await one?.exec('fsfreeze -u /frozen; umount -l /frozen');
    await lab?.close();
  });

  it('delays no heartbeat and no hand-over, and what was lost is told afterwards', { timeout: 60_000 }, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    await Promise.all([startHeartbeat(one), startHeartbeat(two)]);
    await until(
      'n1 holds the address',
      8000,
      async () => ((await resources(one)) === 'local' && (await resources(two)) === 'local') || undefined,
    );
    // Whatever becomes of this test, the file system thaws.
    await one.exec('(sleep 20; fsfreeze -u /frozen) </dev/null >/dev/null 2>&1 &');
    await one.must('fsfreeze -f /frozen');
    await sleep(FROZEN_MS);
    assert.equal(await resources(two), 'local', 'nobody was declared dead');
    await one.must('hb_standby all', { limitMs: 5000 });
    await until('n2 holds the address', 5000, async () => (await two.must('ip -4 -o addr show')).includes(`${VIP}/24`) || undefined);
    assert.ok(!(await one.must('ip -4 -o addr show')).includes(`${VIP}/24`));
    const heard = await two.read('/var/log/ha-log');
    assert.doesNotMatch(heard, /is dead|Late heartbeat/, 'n1 was late for n2');
    await one.must('fsfreeze -u /frozen');
    const own = await until('the log flows again', 5000, async () => {
      const text = await one.read('/frozen/ha-log');
      return /Local standby process completed/.test(text) ? text : undefined;
    });
    assert.doesNotMatch(String(own), /is dead|Late heartbeat/);
  });
});
