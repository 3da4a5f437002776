/** The daemon of the holder dies: the services do not notice, or go to the other node before it can take them up twice. */
import assert from 'node:assert/strict';
import type { Host } from '../hosts/host.ts';
import { monotonicMs, until } from '../hosts/run.ts';
import { installationA } from './installations.ts';
import { mixedPair } from './mixed.ts';
import type { Pair, PairSpec } from './pair.ts';
import { logLines, pidOf, steady } from './steady.ts';
import { type Step, walk } from './walk.ts';

const DEADTIME_MS = 4000;

function pair(): PairSpec {
  const spec = installationA();
  const [first, second] = spec.nodes;
  const slower = (node: typeof first) => ({
    ...node,
    files: {
      ...node.files,
      hacf: node.files.hacf.replace('deadtime 1500ms', `deadtime ${DEADTIME_MS}ms`).replace('warntime 500ms', 'warntime 3'),
    },
  });
  return { ...spec, nodes: [slower(first), slower(second)], deadtimeMs: DEADTIME_MS, patienceMs: 12_000 };
}

interface Told {
  readonly rscstatus: string;
  readonly guardian: { readonly watches: boolean; readonly pid?: number; readonly adopted: readonly string[] };
}

async function told(host: Host): Promise<Told> {
  return JSON.parse(await host.must('cl_status --json')) as Told;
}

/** kill -9 of the daemon: who holds what is the same as before within a second or so, and nobody outside has noticed. */
async function dies(pair: Pair, host: Host, withinMs = 2000): Promise<void> {
  const before = await told(host);
  const [pid, journal] = [await pidOf(host), await host.read('/run/heartbeat/journal')];
  const names = [...journal.matchAll(/^(?:address|resource)\t.*\t"(.*)"$/gm)].map(([, word]) => word);
  let tookMs = 0;
  const logs = await steady(
    pair,
    async () => {
      const from = monotonicMs();
      await host.must(`kill -9 ${pid}`);
      await until(
        `${host.name} says the same again`,
        8000,
        async () => {
          const now = await told(host).catch(() => undefined);
          return now?.rscstatus === before.rscstatus && now.guardian.adopted.length === names.length ? true : undefined;
        },
        20,
      );
      tookMs = monotonicMs() - from;
    },
    { afterMs: 5000 },
  );
  const own = host === pair.first ? logs.first : logs.second;
  assert.ok(!own.some((text) => /Running .* (start|stop)$/.test(text)), 'no script is called');
  assert.equal(own.filter((text) => text.includes('CRIT: heartbeat has died and was started again by its guardian')).length, 1);
  const after = await told(host);
  assert.deepEqual({ ...after.guardian, adopted: [] }, { ...before.guardian, adopted: [] }, 'the same guardian');
  assert.deepEqual(after.guardian.adopted, names);
  assert.notEqual(await pidOf(host), pid);
  assert.match((await host.exec('heartbeat')).stderr, new RegExp(`already running \\[pid ${await pidOf(host)}\\]`));
  // On an idle machine about half of this.
  assert.ok(tookMs < withinMs, `the same state after ${tookMs.toFixed(0)} ms`);
}

/** The program is away: the address goes by half the deadtime, and the other node takes it up after all of it. */
async function cannotStart(pair: Pair): Promise<void> {
  const { first, second, watch } = pair;
  const from = monotonicMs();
  await pair.move('death of a daemon that cannot start again', second, async () => {
    await first.must(`node=$(readlink -f "$(command -v node)"); echo "$node" >/run/node; mv "$node" "$node.away"`);
    await first.must('kill -9 $(cat /run/heartbeat.pid)');
  });
  const [, none, taken] = watch.spans(from, monotonicMs());
  assert.ok(none !== undefined && taken !== undefined && none.holders.length === 0);
  const heldMs = none.at - from;
  assert.ok(heldMs > pair.spec.deadtimeMs / 2 - 100 && heldMs < pair.spec.deadtimeMs - 500, `let go after ${heldMs.toFixed(0)} ms`);
  await pair.settled('', 'all');
  assert.ok((await logLines(first)).some((line) => /guardian.*CRIT: heartbeat has died and is not ready again in time/.test(line)));
  await first.must('read -r node </run/node; mv "$node.away" "$node"');
}

const steps: readonly Step[] = [
  ['start of both', (pair) => pair.startBoth()],
  ['the daemon of the holder dies', (pair) => dies(pair, pair.first)],
  ['the daemon of the other one dies', (pair) => dies(pair, pair.second)],
  ['both hold what they held', (pair) => pair.settled('local', 'local')],
  ['the holder gives all away', (pair) => pair.standby()],
  ['the daemon of the node that holds all dies: no failback follows', (pair) => dies(pair, pair.second)],
  ['it holds all it held', (pair) => pair.settled('none', 'all')],
  ['and gives it back', (pair) => pair.takeover()],
  ['a daemon that cannot be started again: the address goes before the other node takes it up', cannotStart],
  [
    'once it can be started it is, and gets its own back',
    async (pair) => {
      const since = monotonicMs();
      await pair.window('return of the daemon', 'none', () => pair.served(pair.first, 15_000, since));
      await pair.settled('local', 'local');
    },
  ],
  [
    'its guardian is killed: told, and nothing moves',
    async (pair) => {
      const { first } = pair;
      await steady(pair, async () => {
        await first.must('kill -9 $(cat /run/heartbeat/guardian)');
        await first.waitForLine(/WARN: the guardian \[pid \d+\] is gone/, 5000);
      });
      assert.equal((await told(first)).guardian.watches, false);
    },
  ],
  [
    'then the daemon, too: the limit. Nobody lets go, the other node takes over, and the next start gives up what it finds',
    async (pair) => {
      const { first, second } = pair;
      await pair.window('both killed', 'any', async () => {
        await first.must('kill -9 $(cat /run/heartbeat.pid)');
        await pair.watch.until([first.name, second.name], DEADTIME_MS + 3000);
        await first.must('heartbeat');
        await first.waitForLine(/its journal names \[192\.168\.8\.240\/19 httpd tomcat\]/, 5000);
        await pair.oneOwner(15_000);
      });
      await pair.settled('local', 'local', 20_000);
    },
  ],
  ['and all is as at the beginning', (pair) => dies(pair, pair.first)],
  [
    'a stop that dies is finished by the next life',
    async (pair) => {
      const { first, second } = pair;
      await pair.move('a stop, interrupted', second, async () => {
        await first.write({
          '/etc/init.d/tomcat': { text: (await first.read('/etc/init.d/tomcat')).replace('stop)', 'stop) sleep 1;'), mode: '755' },
        });
        await first.must('pid=$(cat /run/heartbeat.pid); kill $pid; sleep 0.3; kill -9 $pid');
      });
      await pair.settled('', 'all');
      await until('nothing of it is left', 5000, async () =>
        (await first.exec('ls /run/heartbeat/guardian')).status === 0 ? undefined : true,
      );
    },
  ],
];

walk('the daemon dies', 'hosts', pair, steps);

walk('the daemon dies beside Heartbeat 3.0.6', 'heartbeat3', () => mixedPair(['heartbeatd', 'heartbeat3']), [
  ['start of both', (pair) => pair.startBoth()],
  ['the daemon of the holder dies', (pair) => dies(pair, pair.first, 6000)],
  ['both hold what they held', (pair) => pair.settled('local', 'local')],
  ['it dies and cannot be started again: the address goes before 3.0.6 takes it up', cannotStart],
]);
