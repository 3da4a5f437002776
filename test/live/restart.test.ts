/** Nodes start again in place while they hold the address, or do not: nobody outside notices. */
import assert from 'node:assert/strict';
import type { Host, HostKind } from '../hosts/host.ts';
import { until } from '../hosts/run.ts';
import { installationA } from './installations.ts';
import { mixedPair } from './mixed.ts';
import type { Pair } from './pair.ts';
import { edit, pidOf, steady, untilLogged } from './steady.ts';
import { type Step, walk } from './walk.ts';

async function generation(host: Host): Promise<number> {
  const { generation: number } = JSON.parse(await host.must('cl_status --json')) as { generation: number };
  return number;
}

/** ha.cf is changed in a way that needs a start in place; both lives are compared. */
async function restart(pair: Pair, host: Host, script: string): Promise<void> {
  const [pid, life, started] = [await pidOf(host), await generation(host), await host.must('stat -c %Y /run/heartbeat/lock')];
  const told = await steady(
    pair,
    async () => {
      await edit(host, '/etc/ha.d/ha.cf', script);
      await host.must('heartbeat -r');
      await until(
        `${host.name} lives again`,
        20_000,
        async () => ((await generation(host).catch(() => life)) > life ? true : undefined),
        50,
      );
    },
    { afterMs: 3000 },
  );
  assert.equal(await pidOf(host), pid, 'the same process');
  assert.equal(await host.must('stat -c %Y /run/heartbeat/lock'), started);
  const own = host === pair.first ? told.first : told.second;
  const other = host === pair.first ? told.second : told.first;
  for (const line of ['Heartbeat restart triggered.', 'Restarting heartbeat.', 'Performing heartbeat restart exec.']) {
    assert.equal(own.filter((text) => text.endsWith(`info: ${line}`)).length, 1, line);
  }
  assert.equal(other.filter((text) => text.includes(`Heartbeat restart on node ${host.name}`)).length, 1, other.join('\n'));
  assert.ok(!own.some((text) => /Running .* (start|stop)$/.test(text)), 'no script is called');
  // The lock was never free, and the pid file always true.
  assert.match((await host.exec('heartbeat')).stderr, new RegExp(`already running \\[pid ${pid}\\]`));
  assert.deepEqual(await host.must(`ps -o stat= --ppid ${pid} | grep -c Z || true`), '0\n', 'children are waited for');
}

const inPlace: readonly Step[] = [
  ['start of both', (pair) => pair.startBoth()],
  ['the holder starts again in place', (pair) => restart(pair, pair.first, '$a uuidfrom nodename')],
  ['and back', (pair) => restart(pair, pair.first, '/uuidfrom/d')],
  ['the other starts again in place', (pair) => restart(pair, pair.second, '$a uuidfrom nodename')],
  ['both hold what they held', (pair) => pair.settled('local', 'local')],
  ['the holder gives all away', (pair) => pair.standby()],
  ['the new holder starts again in place', (pair) => restart(pair, pair.second, '/uuidfrom/d')],
  ['it holds all it held', (pair) => pair.settled('none', 'all')],
  ['the empty one starts again in place', (pair) => restart(pair, pair.first, '$a uuidfrom nodename')],
  ['nothing came home by that', (pair) => pair.settled('none', 'all')],
  [
    'a stop right after it is an orderly stop',
    async (pair) => {
      await edit(pair.second, '/etc/ha.d/ha.cf', '$a uuidfrom nodename');
      await pair.move('restart and stop of the holder', pair.first, async () => {
        await pair.second.must('heartbeat -r; sleep 0.3; heartbeat -k', { limitMs: 30_000 });
      });
      await pair.settled('all', '');
      assert.match(await pair.second.read('/var/log/ha-log'), /Performing heartbeat restart exec/);
    },
  ],
];

const hindered: readonly Step[] = [
  ['start of both', (pair) => pair.startBoth()],
  [
    'a program that cannot be started again goes on in its process, with the new files and all it holds',
    async (pair) => {
      const { first } = pair;
      const [pid, life] = [await pidOf(first), await generation(first)];
      // What the daemon would become is away; the shell does what `heartbeat -r` would.
      const told = await steady(
        pair,
        async () => {
          await edit(first, '/etc/ha.d/ha.cf', '$a uuidfrom nodename');
          await first.must(`node=$(readlink -f "$(command -v node)"); echo "$node" >/run/node; mv "$node" "$node.away"; kill -HUP ${pid}`);
          await untilLogged(first, /could not start again in place/);
        },
        { afterMs: 3000 },
      );
      await first.must('read -r node </run/node; mv "$node.away" "$node"');
      assert.ok(
        told.first.some((line) => /CRIT: heartbeat could not start again in place \(execve .*No such file or directory\)/.test(line)),
      );
      assert.ok(told.second.some((line) => line.includes(`Heartbeat restart on node ${first.name}`)));
      assert.equal(await pidOf(first), pid);
      assert.ok((await generation(first)) > life);
      await pair.settled('local', 'local');
    },
  ],
  [
    'a generation that cannot be saved: the life that holds the services goes on',
    async (pair) => {
      const { first } = pair;
      const life = await generation(first);
      // In the way of the file that the next generation would be written to.
      await first.must('mkdir /var/lib/heartbeat/hb_generation.new');
      const told = await steady(
        pair,
        async () => {
          await edit(first, '/etc/ha.d/ha.cf', '/uuidfrom/d');
          await first.must('heartbeat -r');
          await untilLogged(first, /does not start again in place/);
        },
        { afterMs: 3000 },
      );
      assert.ok(!told.second.some((line) => line.includes(`Heartbeat restart on node ${first.name}`)));
      assert.equal(await generation(first), life);
      await first.must('rmdir /var/lib/heartbeat/hb_generation.new; sed -i "$ a uuidfrom nodename" /etc/ha.d/ha.cf');
      await pair.settled('local', 'local');
    },
  ],
  ['it can do so again', (pair) => restart(pair, pair.first, '/uuidfrom/d')],
  ['and stops in order', (pair) => pair.gracefulStop()],
];

walk('heartbeatd starts again in place, beside heartbeatd', 'hosts', () => installationA(), inPlace);

walk('a start in place that cannot be', 'hosts', () => installationA(), hindered);

const beside = (kinds: readonly [HostKind, HostKind]): readonly Step[] => {
  const ours = (pair: Pair): Host => (kinds[0] === 'heartbeatd' ? pair.first : pair.second);
  const theirs = (pair: Pair): Host => pair.other(ours(pair));
  return [
    ['start of the primary alone', (pair) => pair.startAlone()],
    ['the other joins', (pair) => pair.idleJoin()],
    ['heartbeatd starts again in place', (pair) => restart(pair, ours(pair), '$a uuidfrom nodename')],
    ['both hold what they held', (pair) => pair.settled('local', 'local')],
    [
      'Heartbeat 3.0.6 starts again in place',
      async (pair) => {
        const host = theirs(pair);
        const told = await steady(
          pair,
          async () => {
            await host.must('sleep 1; touch /etc/ha.d/ha.cf; heartbeat -r');
            await until(`${ours(pair).name} hears of it`, 10_000, async () =>
              (await ours(pair).read('/var/log/ha-log')).includes(`Heartbeat restart on node ${host.name}`) ? true : undefined,
            );
          },
          { afterMs: 15_000 },
        );
        assert.ok(![...told.first, ...told.second].some((text) => /Running .* (start|stop)$/.test(text)), 'no script is called');
      },
    ],
    ['both still hold it', (pair) => pair.settled('local', 'local')],
    ['and the address still moves', (pair) => pair.standby()],
  ];
};

for (const kinds of [
  ['heartbeatd', 'heartbeat3'],
  ['heartbeat3', 'heartbeatd'],
] as const) {
  walk(`starts in place, ${kinds[0]} the primary, ${kinds[1]} the other`, 'heartbeat3', () => mixedPair(kinds), beside(kinds));
}
