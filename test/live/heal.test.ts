/**
 * Two heartbeatd nodes, a group on each, one heartbeat cable that is cut and healed. Both addresses are sampled on both
 * nodes and asked for by a client all the time: after the heal neither is without a holder, and each stays where it was.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serviceCalls, serviceScript, startHeartbeat } from '../hosts/cluster.ts';
import type { Host } from '../hosts/host.ts';
import { Probe } from '../hosts/probe.ts';
import { monotonicMs, sleep } from '../hosts/run.ts';
import { Watch } from '../hosts/watch.ts';
import { Pair, type PairSpec } from './pair.ts';
import { obstacle } from './walk.ts';

const ONE = '10.50.0.240';
const TWO = '10.50.0.241';
const DEADTIME_MS = 1500;
/** Of an address, after the heal: two scripts on a machine that has other work to do. */
const TWICE_MS_MAX = 2000;
const HEALS = 3;

const spec: PairSpec = {
  lans: ['service', 'cable'],
  nodes: [node('one', 1), node('two', 2)],
  client: { lan: 'service', address: '10.50.0.9/24' },
  vip: ONE,
  deadtimeMs: DEADTIME_MS,
  initdeadMs: 6000,
  files: { ...serviceScript('first'), ...serviceScript('second') },
};

function node(name: string, number: number): PairSpec['nodes'][number] {
  return {
    name,
    kind: 'heartbeatd',
    nics: { eth0: { lan: 'service', address: `10.50.0.${number}/24` }, eth1: { lan: 'cable', address: `10.51.0.${number}/24` } },
    files: {
      hacf: `debugfile /var/log/ha-debug
logfile /var/log/ha-log
keepalive 100ms
deadtime ${DEADTIME_MS}ms
warntime 500ms
initdead 6
udpport 694
bcast eth1
auto_failback on
node one
node two
`,
      haresources: `one ${ONE}/24 first\ntwo ${TWO}/24 second\n`,
      authkeys: 'auth 1\n1 sha1 key-of-the-cable\n',
    },
  };
}

describe('heal after a partition, two groups active on two nodes', () => {
  const why = obstacle('hosts');
  const skip = why ?? false;
  let pair: Pair | undefined;
  let two: { readonly watch: Watch; readonly probe: Probe } | undefined;

  before(async () => {
    if (why !== undefined) return;
    pair = await Pair.open(spec);
    two = { watch: new Watch(TWO, [pair.first, pair.second]), probe: new Probe(pair.client, TWO) };
    for (const host of [pair.first, pair.second]) await host.must('nginx');
  });

  after(async () => {
    await two?.watch.stop();
    two?.probe.stop();
    await pair?.watch.stop();
    pair?.probe.stop();
    await pair?.lab.close();
  });

  const each = (): readonly { readonly watch: Watch; readonly probe: Probe; readonly home: Host; readonly address: string }[] => {
    assert.ok(pair && two);
    return [
      { watch: pair.watch, probe: pair.probe, home: pair.first, address: ONE },
      { watch: two.watch, probe: two.probe, home: pair.second, address: TWO },
    ];
  };

  it('both start, each with its own', { skip, timeout: 60_000 }, async () => {
    assert.ok(pair);
    const { first, second } = pair;
    await Promise.all([startHeartbeat(first), startHeartbeat(second)]);
    for (const { watch, probe, home } of each()) {
      await watch.until([home.name], 20_000);
      await probe.until(home.name, 8000);
    }
    await pair.settled('local', 'local', 20_000);
  });

  for (let round = 1; round <= HEALS; round += 1) {
    it(`cut and healed, the ${round}. time: both go on without a gap`, { skip, timeout: 60_000 }, async (t) => {
      assert.ok(pair);
      const { first, second } = pair;
      const callsBefore = await Promise.all([first, second].map(serviceCalls));
      const cutAt = monotonicMs();
      await first.pull('eth1');
      for (const { watch } of each()) await watch.until([first.name, second.name], DEADTIME_MS + 8000);
      await sleep(500);
      const healAt = monotonicMs();
      await first.plug('eth1');
      for (const { watch, home } of each()) await watch.until([home.name], 10_000);
      await pair.settled('local', 'local');
      await sleep(1500);
      const end = monotonicMs();
      for (const { watch, probe, home, address } of each()) {
        const twice = watch.length('both', healAt, end);
        const silence = probe.longestSilence(cutAt, end);
        t.diagnostic(
          `${address}: held twice for ${twice.toFixed(0)} ms after the heal, by nobody for ${watch.length('none', cutAt, end).toFixed(0)} ms, ` +
            `longest time without a page ${silence.ms.toFixed(0)} ms`,
        );
        assert.equal(watch.length('none', cutAt, end), 0, `${address} had no holder`);
        assert.ok(twice < TWICE_MS_MAX, `${address} was held twice for ${twice} ms after the heal`);
        assert.deepEqual(watch.holders, [home.name]);
        // Once the other has let go and the keeper has said so again, the client gets the keeper's page alone.
        const late = probe.answers.filter(({ sentAt }) => sentAt > end - 500);
        assert.ok(late.length > 0 && late.every(({ who }) => who === home.name), `${address} is answered by ${late.at(-1)?.who}`);
      }
      const calls = await Promise.all([first, second].map(serviceCalls));
      const news = calls.map((all, at) => all.slice(callsBefore[at]?.length).filter((call) => !call.endsWith('status')));
      assert.deepEqual(news, [
        ['second start', 'second stop'],
        ['first start', 'first stop'],
      ]);
    });
  }

  it('both logs name the keeper and the reason', { skip }, async () => {
    assert.ok(pair);
    for (const [host, kept, given] of [
      [pair.first, ONE, TWO],
      [pair.second, TWO, ONE],
    ] as const) {
      const log = await host.read('/var/log/ha-log');
      assert.ok(log.includes(`after the partition: keeping [${kept}/24] (it held it before)`), log);
      assert.ok(log.includes(`keeps [${given}/24] (it held it before); giving it up here`), log);
      assert.doesNotMatch(log, /Heartbeat restart triggered|shutdown in progress/);
    }
    const [one, two] = await Promise.all([pair.first, pair.second].map((host) => host.read('/var/lib/heartbeat/hb_epochs')));
    assert.match(one ?? '', /^hb_epochs 1\n/);
    assert.match(two ?? '', /^hb_epochs 1\n/);
  });
});
