/** Installation A: every spelling of the address in its how-to, the three authkeys files, and what is refused. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configFiles, startHeartbeat, stopHeartbeat } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { until } from '../hosts/run.ts';
import { obstacle } from './walk.ts';

const hacf = (host: string): string => `logfile /var/log/ha-log
keepalive 100ms
deadtime 500ms
initdead 1
udpport 694
bcast eth0
auto_failback on
node ${host}
node web
`;

interface Spelling {
  readonly resource: string;
  readonly address: string;
  /** As `ip -o addr` shows it. */
  readonly shown: RegExp;
}

const spellings: readonly Spelling[] = [
  { resource: '192.168.8.240/19', address: '192.168.8.240', shown: /inet 192\.168\.8\.240\/19 brd 192\.168\.31\.255 .*eth0/ },
  {
    resource: '192.168.8.240/19/192.168.31.255',
    address: '192.168.8.240',
    shown: /inet 192\.168\.8\.240\/19 brd 192\.168\.31\.255 .*eth0/,
  },
  {
    resource: '192.168.8.240/19/eth0/192.168.31.251',
    address: '192.168.8.240',
    shown: /inet 192\.168\.8\.240\/19 brd 192\.168\.31\.251 .*eth0/,
  },
  {
    resource: 'IPaddr::192.168.8.240/19/eth0:0',
    address: '192.168.8.240',
    shown: /inet 192\.168\.8\.240\/19 brd 192\.168\.31\.255 .*eth0:0/,
  },
  // The mask comes from the interface that has a route to the address.
  { resource: '172.16.70.11', address: '172.16.70.11', shown: /inet 172\.16\.70\.11\/16 brd 172\.16\.255\.255 .*eth1/ },
];

const keys: readonly string[] = ['auth 1\n1 sha1 key-for-sha1\n', 'auth 2\n2 crc\n', 'auth 3\n#1 crc\n#2 sha1 HI!\n3 md5 Hello!\n'];

describe('installation A, spelling by spelling', { skip: obstacle('hosts') ?? false }, () => {
  let lab: Lab;
  let host: Host;
  before(async () => {
    lab = await Lab.open({ lans: ['lan', 'other'] });
    host = await lab.host({
      name: 'hello',
      kind: 'heartbeatd',
      nics: { eth0: { lan: 'lan', address: '192.168.8.1/19' }, eth1: { lan: 'other', address: '172.16.70.1/16' } },
    });
  });
  after(() => lab.close());

  const shown = (): Promise<string> => host.must('ip -4 -o addr show');

  for (const [index, { resource, address, shown: wanted }] of spellings.entries()) {
    const authkeys = keys[index % keys.length] ?? '';
    it(`hello ${resource}`, { timeout: 60_000 }, async () => {
      await host.write(configFiles({ hacf: hacf('hello'), haresources: `hello ${resource}\n`, authkeys }));
      await startHeartbeat(host);
      const line = await until(`${address} is there`, 10_000, async () =>
        (await shown()).split('\n').find((each) => each.includes(` ${address}/`)),
      );
      assert.match(line, wanted);
      await stopHeartbeat(host);
      assert.ok(!(await shown()).includes(` ${address}/`), 'the address stayed after the stop');
    });
  }

  it('authkeys that others may read is refused, and nothing starts', async () => {
    const files = configFiles({ hacf: hacf('hello'), haresources: 'hello 192.168.8.240/19\n', authkeys: keys[0] ?? '' });
    await host.write({ ...files, '/etc/ha.d/authkeys': { text: keys[0] ?? '', mode: '644' } });
    const { status, stderr } = await host.exec('heartbeat');
    assert.equal(status, 6, stderr);
    assert.match(stderr, /Bad permissions on keyfile .*authkeys/);
    assert.equal((await host.exec('heartbeat -s')).status === 0, false);
  });
});
