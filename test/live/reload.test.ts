/** Files that change under a running pair: what only one of them says takes effect, and nothing else moves. */
import assert from 'node:assert/strict';
import { serviceCalls, serviceScript } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { until } from '../hosts/run.ts';
import { installationA } from './installations.ts';
import type { Pair } from './pair.ts';
import { edit, LATE, logLines, pidOf, steady, untilLogged } from './steady.ts';
import { type Step, walk } from './walk.ts';

const both = (pair: Pair, script: string, path: string): Promise<unknown> =>
  Promise.all([edit(pair.first, path, script), edit(pair.second, path, script)]);

const reloadBoth = (pair: Pair): Promise<unknown> => Promise.all([pair.first.must('heartbeat -r'), pair.second.must('heartbeat -r')]);

/** Until the keys have been read: the command itself returns as soon as it has asked. */
async function rereadKeys(...hosts: readonly Host[]): Promise<void> {
  const count = async (host: Host) => (await logLines(host)).filter((line) => line.includes('Rereading authentication file')).length;
  await Promise.all(
    hosts.map(async (host) => {
      const before = await count(host);
      await host.must('heartbeat -r');
      await until(`${host.name} reads its keys`, 8000, async () => (await count(host)) > before || undefined);
    }),
  );
}

async function untilCalled(pair: Pair, call: string): Promise<void> {
  await until(
    `${pair.first.name} runs ${call}`,
    10_000,
    async () => ((await serviceCalls(pair.first)).at(-1) === call ? true : undefined),
    100,
  );
}

const steps: readonly Step[] = [
  ['start of both', (pair) => pair.startBoth()],
  [
    'a group added to haresources is started without a signal',
    async (pair) => {
      await steady(pair, async () => {
        await both(pair, '$a hello mysqld', '/etc/ha.d/haresources');
        await untilCalled(pair, 'mysqld start');
      });
      assert.ok(!(await serviceCalls(pair.second)).includes('mysqld start'), 'the other node left it alone');
    },
  ],
  [
    'a haresources with errors and one that was emptied change nothing',
    async (pair) => {
      const told = await steady(
        pair,
        async () => {
          await pair.first.must('cp /etc/ha.d/haresources /run/good; sed -i "\\$a nobody nginx\\nnothing nginx" /etc/ha.d/haresources');
          await untilLogged(pair.first, /haresources has errors: the groups stay as they are/);
          await pair.first.must(': >/etc/ha.d/haresources');
          await untilLogged(pair.first, /haresources is empty: the 2 groups that run stay/);
          await pair.first.must('cat /run/good >/etc/ha.d/haresources');
        },
        { afterMs: 5000 },
      );
      assert.equal(told.first.filter((line) => /ERROR: .*haresources:[34]: /.test(line)).length, 2, told.first.join('\n'));
      assert.equal((await serviceCalls(pair.first)).at(-1), 'mysqld start');
    },
  ],
  [
    'a group removed from haresources is stopped on its holder',
    async (pair) => {
      await steady(pair, async () => {
        await both(pair, '/mysqld/d', '/etc/ha.d/haresources');
        await untilCalled(pair, 'mysqld stop');
      });
    },
  ],
  [
    'heartbeat -r takes new times, and the other node uses what we announce',
    async (pair) => {
      const told = await steady(pair, async () => {
        await both(pair, 's/deadtime 1500ms/deadtime 2500ms/', '/etc/ha.d/ha.cf');
        await reloadBoth(pair);
      });
      for (const lines of [told.first, told.second]) {
        assert.equal(lines.filter((line) => /Times of ha.cf changed/.test(line)).length, 1);
        assert.equal(lines.filter((line) => /changed/.test(line)).length, 1, 'only what differs');
      }
      for (const host of [pair.first, pair.second]) {
        const { nodes } = JSON.parse(await host.must('cl_status --json')) as { nodes: { deadtimeMs: number }[] };
        assert.deepEqual(
          nodes.map((node) => node.deadtimeMs),
          [2500, 2500],
        );
      }
    },
  ],
  [
    'keys change on the run, one node after the other',
    async (pair) => {
      await steady(pair, async () => {
        await both(pair, '$a 2 sha1 another-key', '/etc/ha.d/authkeys');
        await rereadKeys(pair.first, pair.second);
        await both(pair, 's/auth 1/auth 2/', '/etc/ha.d/authkeys');
        await rereadKeys(pair.first);
        await rereadKeys(pair.second);
        await both(pair, '/^1 /d', '/etc/ha.d/authkeys');
        await rereadKeys(pair.first, pair.second);
      });
    },
  ],
  [
    'another port: the new media are open before the old ones close',
    async (pair) => {
      await steady(
        pair,
        async () => {
          await both(pair, 's/udpport 694/udpport 695/', '/etc/ha.d/ha.cf');
          await reloadBoth(pair);
        },
        { missed: LATE },
      );
      for (const host of [pair.first, pair.second]) {
        assert.match(await host.must('ss -ulnH'), /:695\b/);
        assert.doesNotMatch(await host.must('ss -ulnH'), /:694\b/);
      }
    },
  ],
  [
    'bad files: every problem is told by heartbeat -r and, after a signal, by the log; nothing changes',
    async (pair) => {
      const { first } = pair;
      await steady(pair, async () => {
        await first.must('cp /etc/ha.d/ha.cf /run/good');
        await edit(first, '/etc/ha.d/ha.cf', '$a nonsense 1\\nkeepalive x');
        const refused = await first.exec('heartbeat -r');
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, /ERROR: .*ha\.cf:12: /);
        assert.match(refused.stderr, /ERROR: .*ha\.cf:13: /);
        assert.match(refused.stderr, new RegExp(`info: Config errors: Heartbeat pid ${await pidOf(first)} NOT restarted\n$`));
        await first.must(`kill -HUP ${await pidOf(first)}`);
        await untilLogged(first, /Config errors: the running configuration stays as it is/);
        await first.must('cat /run/good >/etc/ha.d/ha.cf');
      });
      const lines = await logLines(first);
      assert.ok(lines.some((line) => /ERROR: .*ha\.cf:12: /.test(line)));
      assert.ok(lines.some((line) => /ERROR: .*ha\.cf:13: /.test(line)));
    },
  ],
  [
    'another log file is written from now on',
    async (pair) => {
      const { first } = pair;
      await edit(first, '/etc/ha.d/ha.cf', 's#^logfile .*#logfile /var/log/ha-other#');
      await first.must('heartbeat -r');
      await until('the other file has lines', 5000, async () => ((await first.read('/var/log/ha-other')) === '' ? undefined : true), 50);
      await edit(first, '/etc/ha.d/ha.cf', 's#^logfile .*#logfile /var/log/ha-log#');
      await first.must('heartbeat -r');
      await untilLogged(first, /The log goes on here/);
    },
  ],
  ['and at the end the group still moves', (pair) => pair.standby()],
];

walk(
  'files that change while a pair runs',
  'hosts',
  () => {
    const spec = installationA();
    return { ...spec, files: { ...spec.files, ...serviceScript('mysqld') } };
  },
  steps,
);
