/** A daemon that gets no time for a while (SIGSTOP), with the peer's packets waiting in its sockets. */
import assert from 'node:assert/strict';
import type { Host, HostKind } from '../hosts/host.ts';
import { monotonicMs, sleep } from '../hosts/run.ts';
import { mixedPair } from './mixed.ts';
import type { Pair, PairSpec } from './pair.ts';
import { logLines } from './steady.ts';
import { type Step, walk } from './walk.ts';

const DEADTIME_MS = 3000;
/** An address that was taken up is announced this long. */
const ANNOUNCED_MS = 4000;
/** From the first instruction after SIGCONT until the address is off: one script, on a machine that does other things too. */
const RELEASE_MS_MAX = 1000;

function spec(kinds: readonly [HostKind, HostKind], failback: 'on' | 'off'): PairSpec {
  const pair = mixedPair(kinds);
  const [first, second] = pair.nodes.map((node) => ({
    ...node,
    files: {
      ...node.files,
      hacf: node.files.hacf
        .replace('keepalive 1', 'keepalive 300ms')
        .replace('warntime 3', 'warntime 1')
        .replace('deadtime 5', 'deadtime 3')
        .replace('initdead 10', 'initdead 7')
        .replace('auto_failback on', `auto_failback ${failback}`),
    },
  }));
  assert.ok(first && second);
  return { ...pair, nodes: [first, second], deadtimeMs: DEADTIME_MS, initdeadMs: 7000 };
}

/** Who announces the address from now on: MAC addresses with the time (Unix ms), as the client hears them. */
async function listen(pair: Pair): Promise<() => Promise<{ at: number; mac: string }[]>> {
  await pair.client.must(
    `rm -f /run/arp; tcpdump -Z root -l -n -e -tt -i eth0 arp >/run/arp 2>/run/arp.err </dev/null & echo $! >/run/arp.pid; sleep 0.5`,
  );
  return async () => {
    await pair.client.must('sleep 0.3; kill $(cat /run/arp.pid) || cat /run/arp.err >&2');
    return (await pair.client.read('/run/arp'))
      .split('\n')
      .filter(
        (line) =>
          line.includes('> ff:ff:ff:ff:ff:ff') && (line.includes(`tell ${pair.spec.vip}`) || line.includes(`Reply ${pair.spec.vip} is-at`)),
      )
      .map((line) => {
        const [at = '', mac = ''] = line.split(' ');
        return { at: Number(at) * 1000, mac };
      });
  };
}

/** SIGSTOP, the time, SIGCONT. Answers when the process went on: Unix ms, and on the watch's clock. */
async function freeze(host: Host, ms: number): Promise<{ readonly unixMs: number; readonly at: number }> {
  const pids = host.spec.kind === 'heartbeat3' ? '$(pidof heartbeat)' : '$(cat /run/heartbeat.pid)';
  const text = await host.must(
    `p="${pids}"; kill -STOP $p; sleep ${ms / 1000}; date +%s%N; cut -d' ' -f1 /proc/uptime >/dev/null; kill -CONT $p`,
    { limitMs: ms + 10_000 },
  );
  const unixMs = Number(text.trim()) / 1e6;
  return { unixMs, at: monotonicMs() - (Date.now() - unixMs) };
}

async function macOf(host: Host): Promise<string> {
  return (await host.must('cat /sys/class/net/eth0/address')).trim();
}

/** New lines of a node's log. */
async function since(host: Host, before: readonly string[]): Promise<string[]> {
  return (await logLines(host)).slice(before.length - 1);
}

function print(lines: Record<string, readonly string[]>): string {
  return Object.entries(lines)
    .map(([name, list]) => `----- ${name}\n${list.join('\n')}`)
    .join('\n');
}

/** 0.8 deadtimes: nothing moves and nobody is declared dead. */
async function short(pair: Pair): Promise<void> {
  const { first, second, watch } = pair;
  await sleep(ANNOUNCED_MS);
  const before = [await logLines(first), await logLines(second)] as const;
  const heard = await listen(pair);
  const from = monotonicMs();
  await freeze(first, 0.8 * DEADTIME_MS);
  await sleep(DEADTIME_MS + 1000);
  assert.deepEqual(
    watch.spans(from, monotonicMs()).map(({ holders }) => holders),
    [[first.name]],
  );
  const told = { first: await since(first, before[0]), second: await since(second, before[1]) };
  assert.ok(![...told.first, ...told.second].some((line) => /is dead|after partition|Both machines/.test(line)), print(told));
  assert.deepEqual(await heard(), []);
}

/** 3 deadtimes: the peer takes over, and the node that was away lets go at once and announces nothing. */
async function long(pair: Pair): Promise<void> {
  const { first, second, watch } = pair;
  const before = [await logLines(first), await logLines(second)] as const;
  const heard = await listen(pair);
  const from = monotonicMs();
  let thaw = { unixMs: 0, at: 0 };
  await watch.during('frozen for three deadtimes', 'both', async () => {
    thaw = await freeze(first, 3 * DEADTIME_MS);
    await watch.until([second.name], 8000);
  });
  await sleep(3000);
  const spans = watch.spans(from, monotonicMs());
  const told = { first: await since(first, before[0]), second: await since(second, before[1]) };
  const frames = await heard();
  const mac = await macOf(first);
  assert.deepEqual(
    spans.map(({ holders }) => holders),
    [[first.name], [first.name, second.name], [second.name]],
    print(told),
  );
  const [, taken, alone] = spans;
  assert.ok(taken !== undefined && alone !== undefined);
  assert.ok(taken.at - from >= DEADTIME_MS - 300 && taken.at - from < DEADTIME_MS + 2000, `taken after ${taken.at - from} ms`);
  assert.ok(alone.at - thaw.at < RELEASE_MS_MAX, `held twice for ${alone.at - thaw.at} ms after the thaw`);
  assert.deepEqual(
    frames.filter((frame) => frame.mac === mac),
    [],
    'the node that was away announces nothing',
  );
  assert.ok(
    frames.some((frame) => frame.at > thaw.unixMs),
    'the keeper announces once more after the release',
  );
  await pair.settled('none', 'all');
}

/**
 * 3 deadtimes beside 3.0.6, which cannot tell and gives everything up 2 s after it has heard us again: we keep what we hold, so that it is
 * never held by nobody, and announce it when the other one has let go.
 */
async function longBesideOriginal(pair: Pair): Promise<void> {
  const { first, second, watch } = pair;
  const before = [await logLines(first), await logLines(second)] as const;
  const heard = await listen(pair);
  const from = monotonicMs();
  let thaw = { unixMs: 0, at: 0 };
  await watch.during('frozen for three deadtimes', 'both', async () => {
    thaw = await freeze(first, 3 * DEADTIME_MS);
    await watch.until([first.name], 8000);
  });
  await sleep(1500);
  const spans = watch.spans(from, monotonicMs());
  const frames = await heard();
  const mac = await macOf(first);
  const told = print({ first: await since(first, before[0]), second: await since(second, before[1]) });
  assert.deepEqual(
    spans.map(({ holders }) => holders),
    [[first.name], [first.name, second.name], [first.name]],
    told,
  );
  const released = spans[2]?.at ?? 0;
  assert.ok(released - thaw.at < 4000, `held twice for ${released - thaw.at} ms after the thaw\n${told}`);
  const own = frames.filter((frame) => frame.mac === mac).map((frame) => frame.at - thaw.unixMs);
  assert.ok(own.length > 0, 'announced again after the release');
  assert.ok(
    Math.min(...own) > released - thaw.at - 300,
    `announced ${Math.min(...own)} ms after the thaw, released at ${released - thaw.at}`,
  );
}

const steps: readonly Step[] = [
  ['start of both', (pair) => pair.startBoth()],
  ['0.8 deadtimes', short],
  ['3 deadtimes', long],
  ['the way home', (pair) => pair.takeover()],
  ['and it stops in order', (pair) => pair.gracefulStop()],
];

walk('the holder is frozen, beside heartbeatd', 'hosts', () => spec(['heartbeatd', 'heartbeatd'], 'off'), steps);

walk('the holder is frozen, beside Heartbeat 3.0.6', 'heartbeat3', () => spec(['heartbeatd', 'heartbeat3'], 'off'), [
  ['start of both', (pair) => pair.startBoth()],
  ['0.8 deadtimes', short],
  ['3 deadtimes', longBesideOriginal],
  ['both are there again, and nothing goes back by itself', (pair) => pair.settled('all', 'none', 40_000)],
]);
