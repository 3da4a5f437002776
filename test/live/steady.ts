/** Changes that nobody outside may notice: the address stays, the page answers, and neither node misses a heartbeat. */
import assert from 'node:assert/strict';
import type { Host } from '../hosts/host.ts';
import { monotonicMs, sleep, until } from '../hosts/run.ts';
import type { Pair } from './pair.ts';

const LOG = '/var/log/ha-log';
/** A page takes a millisecond; the machine that runs all this may be busy. */
const SILENCE_MS_MAX = 1000;

/** While the two are on different ports, packets are lost and sent again; nobody is late by that. */
export const LATE = /is dead|Late heartbeat|returning after partition|Both machines own/;

/** What a node logs when the other one was not heard in time. */
const MISSED = /is dead|Late heartbeat|returning after partition|Both machines own|lost packet/;

export async function logLines(host: Host): Promise<string[]> {
  return (await host.read(LOG)).split('\n');
}

/** The lines that `act` and the time after it brought, per node. */
export async function steady(
  pair: Pair,
  act: () => Promise<unknown>,
  { afterMs = 1500, missed = MISSED } = {},
): Promise<{ readonly first: string[]; readonly second: string[] }> {
  const [first, second] = await Promise.all([logLines(pair.first), logLines(pair.second)]);
  const holders = [...pair.watch.holders];
  const from = monotonicMs();
  await act();
  await sleep(afterMs);
  const to = monotonicMs();
  assert.deepEqual(
    pair.watch.spans(from, to).map((span) => span.holders),
    [holders],
    'the address moved',
  );
  const silence = pair.probe.longestSilence(from, to);
  assert.ok(silence.ms < SILENCE_MS_MAX, `no page for ${silence.ms.toFixed(0)} ms`);
  const now = {
    first: (await logLines(pair.first)).slice(first.length - 1),
    second: (await logLines(pair.second)).slice(second.length - 1),
  };
  assert.deepEqual(
    [...now.first, ...now.second].filter((line) => missed.test(line)),
    [],
    'a heartbeat was missed',
  );
  return now;
}

/** Writes through a temporary file and a rename, as editors do. */
export function edit(host: Host, path: string, script: string): Promise<string> {
  return host.must(`sed -i '${script}' ${path}`);
}

export function untilLogged(host: Host, pattern: RegExp, limitMs = 8000): Promise<unknown> {
  return until(
    `${host.name} logs ${pattern}`,
    limitMs,
    async () => ((await logLines(host)).some((line) => pattern.test(line)) ? true : undefined),
    100,
  );
}

export async function pidOf(host: Host): Promise<string> {
  return (await host.must('cat /run/heartbeat.pid')).trim();
}
