/** A start script that fails on the primary, at a boot and at a move: the other node serves the page, the rest stays. */
import assert from 'node:assert/strict';
import type { StatusSnapshot } from '../../src/contracts/status.ts';
import { resources, serviceScript, startHeartbeat } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { monotonicMs, sleep } from '../hosts/run.ts';
import { installationA } from './installations.ts';
import type { Pair } from './pair.ts';
import { untilLogged } from './steady.ts';
import { type Step, walk } from './walk.ts';

/** Of a service that has failed and is released, to the page of the other node. */
const HANDED_OVER_MS_MAX = 1000;

const breakStart = (host: Host): Promise<string> =>
  host.must(`sed -i '/start) /s/start) .*/start) exit 1 ;;/' /etc/init.d/tomcat; grep -q 'exit 1' /etc/init.d/tomcat`);
const mendStart = (host: Host): Promise<string> =>
  host.must(`sed -i 's|start) exit 1 ;;|start) touch /run/tomcat.mark ;;|' /etc/init.d/tomcat`);

async function group(host: Host): Promise<StatusSnapshot['groups'][number]> {
  const status = JSON.parse(await host.must('cl_status hbstatus --json')) as StatusSnapshot;
  const found = status.groups.find(({ key }) => key.startsWith('192.168.8.240'));
  assert.ok(found !== undefined);
  return found;
}

/** From the log of the primary's failure to the address on the other node, by the watch. */
async function handedOver(pair: Pair, from: number): Promise<void> {
  await pair.served(pair.second, 8000, from);
  const spans = pair.watch.spans(from, monotonicMs());
  const gone = spans.findLast((span) => span.holders.includes(pair.first.name));
  const there = spans.findLast((span) => span.holders.includes(pair.second.name));
  assert.ok(gone !== undefined && there !== undefined, 'the address was on the primary first');
  const gap = there.at - (spans.find((span) => span.at > gone.at)?.at ?? there.at);
  assert.ok(gap < HANDED_OVER_MS_MAX, `the other node serves after ${gap.toFixed(0)} ms`);
}

async function told(pair: Pair, times: number): Promise<void> {
  const [here, there] = await Promise.all([group(pair.first), group(pair.second)]);
  assert.equal(here.failure?.resource, 'tomcat');
  assert.equal(here.failure?.times, times);
  assert.deepEqual([here.state, here.ours, here.servedBy], ['failed', false, 'web']);
  assert.deepEqual([there.state, there.ours, there.failedOn], ['running', true, 'hello']);
  assert.deepEqual([await resources(pair.first), await resources(pair.second)], ['local', 'local']);
}

const steps: readonly Step[] = [
  [
    'at the boot: the page is served by the other node within a second, the second group stays',
    async (pair) => {
      await breakStart(pair.first);
      await pair.window('boot of both, one service broken', 'none', async () => {
        const from = monotonicMs();
        await Promise.all([startHeartbeat(pair.first), startHeartbeat(pair.second)]);
        await handedOver(pair, from);
        await pair.settled('local', 'local');
      });
      await told(pair, 1);
      await pair.first.must('test -e /run/mysqld.mark');
      await untilLogged(pair.first, /group 192\.168\.8\.240\S* failed to start here at tomcat/);
      await untilLogged(pair.first, /group 192\.168\.8\.240\S* is served by web, since its start failed here/);
      await untilLogged(pair.second, /taking group 192\.168\.8\.240\S* alone: its start failed on hello/);
      await pair.quiet(pair.second, 1500);
    },
  ],
  [
    'at a move by hand: it is tried, fails again and is back within a second',
    async (pair) => {
      await pair.window('hb_takeover onto the broken node', 'none', async () => {
        const from = monotonicMs();
        await pair.first.must('hb_takeover local');
        await sleep(300);
        await handedOver(pair, from);
        await pair.settled('local', 'local');
      });
      await told(pair, 1);
    },
  ],
  [
    'mended and cleared: it goes home',
    async (pair) => {
      await mendStart(pair.first);
      await pair.quiet(pair.second, 1000);
      assert.notEqual((await pair.second.exec('hb_clearfailure nothing')).status, 0);
      await pair.move('hb_clearfailure on the other node', pair.first, () => pair.second.must('hb_clearfailure all'));
      await pair.settled('local', 'local');
      const here = await group(pair.first);
      assert.deepEqual([here.state, here.ours, here.failure, here.servedBy], ['running', true, undefined, undefined]);
      await pair.first.must('test -e /run/tomcat.mark && test -e /run/mysqld.mark');
      await pair.second.must('test ! -e /run/tomcat.mark');
      await pair.quiet(pair.first, 1000);
    },
  ],
];

walk(
  'a failed start between two heartbeatd nodes',
  'hosts',
  () => {
    const spec = installationA('hello 192.168.8.240/19 httpd tomcat\nhello mysqld');
    return { ...spec, files: { ...spec.files, ...serviceScript('mysqld') } };
  },
  steps,
);
