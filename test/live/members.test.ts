/** Nodes added and deleted, weight and site, between heartbeatd and the real Heartbeat 3.0.6, by the tools of both. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { configFiles, resources, startHeartbeat, untilResources } from '../hosts/cluster.ts';
import type { Host, HostKind } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { sleep, until } from '../hosts/run.ts';
import { obstacle } from './walk.ts';

const HACF = 'logfile /var/log/ha-log\nkeepalive 500ms\nwarntime 1\ndeadtime 2\ninitdead 10\nbcast eth1\nauto_failback off\nnode n1 n2\n';
const HARESOURCES = 'n1 IPaddr::10.77.2.100/24/eth1\nn2 IPaddr::10.77.2.101/24/eth1\n';

async function cluster(kinds: readonly [HostKind, HostKind], walk: (n1: Host, n2: Host) => Promise<void>): Promise<void> {
  const lab = await Lab.open({ lans: ['heart'], heartbeat3: kinds.includes('heartbeat3'), lifeSeconds: 150 });
  try {
    const host = (name: string, kind: HostKind, number: number) =>
      lab.host({ name, kind, nics: { eth1: { lan: 'heart', address: `10.77.2.${number}/24` } } });
    const [n1, n2] = await Promise.all([host('n1', kinds[0], 1), host('n2', kinds[1], 2)]);
    for (const each of [n1, n2])
      await each.write(configFiles({ hacf: HACF, haresources: HARESOURCES, authkeys: 'auth 1\n1 sha1 labsecret\n' }));
    await Promise.all([startHeartbeat(n1), startHeartbeat(n2)]);
    for (const each of [n1, n2]) await untilResources(each, 'local', 25_000);
    await walk(n1, n2);
  } finally {
    await lab.close();
  }
}

const logged = (host: Host, text: string): Promise<true> =>
  until(`${host.name} logs: ${text}`, 8000, async () => ((await host.read('/var/log/ha-log')).includes(text) ? true : undefined), 50);

const weightOf = (host: Host, node: string, wanted: string): Promise<true> =>
  until(
    `${host.name}: weight of ${node} is ${wanted}`,
    5000,
    async () => ((await host.exec(`cl_status nodeweight ${node}`)).stdout.trim() === wanted ? true : undefined),
    50,
  );

it('two of ours: a third node that stays silent moves nothing, and goes again', { skip: obstacle('hosts') ?? false }, () =>
  cluster(['heartbeatd', 'heartbeatd'], async (n1, n2) => {
    await n1.must('hb_addnode n3');
    for (const host of [n1, n2]) await logged(host, 'hb_add_one_node: Adding new node[n3] to configuration.');
    const alive = await n1.exec('hb_delnode n2');
    assert.deepEqual([alive.status, alive.stderr], [1, 'hb_delnode: refused: deletion failed: node n2 is not dead\n']);
    for (const host of [n1, n2]) await logged(host, 'node n3: is dead');
    await sleep(500);
    for (const host of [n1, n2]) assert.equal(await resources(host), 'local');
    await n2.must('hb_delnode n3');
    for (const host of [n1, n2]) await logged(host, 'Removing node [n3] from configuration.');
    await n1.must('hb_setweight n2 200');
    await n2.must('hb_setsite n2 east');
    await weightOf(n2, 'n2', '200');
    assert.equal((await n1.must('cl_status nodesite n2')).trim(), 'east');
    // A peer that died is deleted, and is the partner again once it is added again.
    await n2.powerOff();
    await untilResources(n1, 'all', 8000);
    await n1.must('hb_delnode n2');
    assert.equal((await n1.must('cl_status listnodes')).trim(), 'n1');
    await n1.must('hb_addnode n2');
    await n2.boot();
    await startHeartbeat(n2);
    await untilResources(n2, 'none', 15_000);
    assert.equal(await resources(n1), 'all');
  }),
);

it(
  'beside 3.0.6: messages of both are understood by both, its FIFO is used, and it is not led to a takeover',
  {
    skip: obstacle('heartbeat3') ?? false,
  },
  () =>
    cluster(['heartbeatd', 'heartbeat3'], async (n1, n2) => {
      await n1.must('hb_setweight n2 200');
      await weightOf(n2, 'n2', '200');
      await n2.must('/usr/share/heartbeat/hb_setweight n1 77');
      await weightOf(n1, 'n1', '77');
      await n2.must('/opt/heartbeatd/bin/hb_setweight n1 78');
      await weightOf(n1, 'n1', '78');
      const refused = await n1.exec('hb_addnode n3');
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /n2 runs Heartbeat 3\.0\.6/);
      // Its operator may name a living node: there as here, nothing happens.
      await n2.must('/usr/share/heartbeat/hb_delnode n1');
      for (const host of [n1, n2]) await logged(host, 'deletion failed: node n1 is not dead');
      await sleep(2500);
      for (const host of [n1, n2]) assert.equal(await resources(host), 'local');
    }),
);
