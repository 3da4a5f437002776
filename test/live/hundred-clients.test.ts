/** A hundred clients that do not read, do not stop asking or do not finish a word: the heartbeats keep their time. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configFiles, startHeartbeat, untilResources } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { sleep, until } from '../hosts/run.ts';
import { obstacle } from './walk.ts';

const KEEPALIVE_MS = 100;
const MEASURE_MS = 5000;
/** Three beats: what a busy machine may take away, when it does not take more without any client. */
const GAP_MAX_MS = 300;

const files = configFiles({
  hacf: `logfile /var/log/ha-log
keepalive ${KEEPALIVE_MS}ms
warntime 500ms
deadtime 2
initdead 4
bcast eth1
auto_failback on
node n1
node n2
`,
  haresources: 'n1 192.0.2.100/24/eth0:0\n',
  authkeys: 'auth 1\n1 sha1 secret\n',
});

interface Beats {
  readonly count: number;
  readonly longestGapMs: number;
  /** Share of beats that came within a quarter of a beat of their time. */
  readonly onTime: number;
}

function judge(times: readonly number[]): Beats {
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? time));
  const onTime = gaps.filter((gap) => Math.abs(gap - KEEPALIVE_MS) < KEEPALIVE_MS / 4).length / gaps.length;
  return { count: times.length, longestGapMs: Math.max(...gaps), onTime };
}

describe('slow and silent clients', { skip: obstacle('hosts') ?? false }, () => {
  let lab: Lab;
  let n1: Host;
  let n2: Host;
  let ear: Host;
  const times: number[] = [];

  before(async () => {
    lab = await Lab.open({ lans: ['public', 'heart'], lifeSeconds: 120 });
    const make = (name: string, number: number, kind: 'heartbeatd' | 'plain'): Promise<Host> =>
      lab.host({
        name,
        kind,
        nics: { eth0: { lan: 'public', address: `192.0.2.${number}/24` }, eth1: { lan: 'heart', address: `198.51.100.${number}/24` } },
      });
    [n1, n2, ear] = await Promise.all([make('n1', 1, 'heartbeatd'), make('n2', 2, 'heartbeatd'), make('ear', 3, 'plain')]);
    for (const host of [n1, n2]) await host.write(files);
    ear.program(
      [process.execPath, '/opt/heartbeatd/test/live/beats.mjs', '694', 'n1'],
      (line) => line === 'ready' || times.push(Number(line)),
    );
    await Promise.all([startHeartbeat(n1), startHeartbeat(n2)]);
    await untilResources(n1, 'local', 15_000);
  });
  after(() => lab?.close());

  async function measure(): Promise<Beats> {
    const from = times.length;
    await sleep(MEASURE_MS);
    return judge(times.slice(from));
  }

  const tell = ({ count, longestGapMs, onTime }: Beats): string =>
    `${count} beats, longest gap ${longestGapMs.toFixed(0)} ms, on time ${(onTime * 100).toFixed(0)} %`;

  it('delay no heartbeat, and everybody else is served', { timeout: 60_000 }, async (t) => {
    const quiet = await measure();
    let ready = false;
    let cut = 0;
    n1.program([process.execPath, '/opt/heartbeatd/test/live/hundred-clients.mjs'], (line) => {
      if (line === 'ready') ready = true;
      if (line === 'cut') cut += 1;
    });
    await until('all clients are connected', 10_000, () => ready || undefined);
    const crowded = await measure();
    t.diagnostic(`before: ${tell(quiet)}; with the clients: ${tell(crowded)}; ${cut} clients cut off`);
    assert.ok(crowded.count >= (MEASURE_MS / KEEPALIVE_MS) * 0.9, 'beats are missing');
    assert.ok(crowded.longestGapMs < Math.max(GAP_MAX_MS, quiet.longestGapMs * 2), `${crowded.longestGapMs} ms without a beat`);
    assert.ok(crowded.onTime > Math.min(0.9, quiet.onTime - 0.15), 'beats are not on time');
    assert.equal((await n1.must('cl_status nodestatus n2', { limitMs: 5000 })).trim(), 'active');
    assert.doesNotMatch(await n2.read('/var/log/ha-log'), /node n1: is dead|Late heartbeat/);
    await n1.must('hb_standby all', { limitMs: 5000 });
    await untilResources(n2, 'all', 10_000);
  });
});
