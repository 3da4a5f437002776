/**
 * Keys change on one node after the other under a pair that serves: the address stays, the page answers, no heartbeat is
 * missed, and no packet is refused by a node of ours. Beside Heartbeat 3.0.6, which splits there with its own like, too.
 */
import assert from 'node:assert/strict';
import type { Host, HostKind } from '../hosts/host.ts';
import { until } from '../hosts/run.ts';
import { installationA } from './installations.ts';
import { mixedPair } from './mixed.ts';
import type { Pair } from './pair.ts';
import { logLines, steady } from './steady.ts';
import { type Step, walk } from './walk.ts';

const PATH = '/etc/ha.d/authkeys';
/** A 3.0.6 node rereads its keys in several processes, and refuses what we sign the old way until we have heard it. */
const MISSED_BESIDE_LEGACY = /is dead|returning after partition|Both machines own/;

interface Snapshot {
  readonly counters: Readonly<Record<string, number>>;
  readonly keys: { readonly auth: { readonly index: number; readonly method: string }; readonly signing: { readonly index: number } };
  readonly nodes: readonly { readonly name: string; readonly weakKey?: true }[];
}

async function snapshot(host: Host): Promise<Snapshot> {
  return JSON.parse(await host.must('cl_status --json')) as Snapshot;
}

const ours = (pair: Pair): Host[] => [pair.first, pair.second].filter(({ spec }) => spec.kind === 'heartbeatd');

async function refused(pair: Pair): Promise<number[]> {
  const of = async (host: Host) => {
    const { counters } = await snapshot(host);
    return ['authMismatch', 'authUnknownKey', 'authMalformed', 'weakKeyRefused'].reduce((sum, name) => sum + (counters[name] ?? 0), 0);
  };
  return Promise.all(ours(pair).map(of));
}

async function reread(host: Host): Promise<void> {
  const count = async () => (await logLines(host)).filter((line) => /Rereading authentication file/.test(line)).length;
  const before = await count();
  // 3.0.6 compares the times of the files in seconds.
  await host.must('sleep 1; heartbeat -r');
  await until(`${host.name} reads its keys`, 8000, async () => (await count()) > before || undefined);
}

async function write(host: Host, signing: number, ...lines: readonly string[]): Promise<void> {
  const text = [`auth ${signing}`, ...lines].join('\\n');
  await host.must(`printf '${text}\\n' >${PATH}.new && chmod 600 ${PATH}.new && mv ${PATH}.new ${PATH}`);
  await reread(host);
}

/** Both list both, then each signs with the other key, in this order, then the old one goes. */
function rotation(
  what: string,
  old: readonly [number, string],
  next: readonly [number, string],
  order: readonly ('first' | 'second')[],
): Step {
  return [
    `${what}, ${order[0]} first`,
    async (pair) => {
      const before = await refused(pair);
      const lines = [`${old[0]} ${old[1]}`, `${next[0]} ${next[1]}`];
      const alike = ours(pair).length === 2;
      await steady(
        pair,
        async () => {
          for (const node of order) await write(pair[node], old[0], ...lines);
          for (const node of order) {
            await write(pair[node], next[0], ...lines);
            // Longer than deadtime: who is not heard by then is dead.
            await pair.quiet(pair.holder(), pair.spec.deadtimeMs + 2000);
          }
          for (const node of order) await write(pair[node], next[0], `${next[0]} ${next[1]}`);
        },
        { afterMs: 3000, ...(alike ? {} : { missed: MISSED_BESIDE_LEGACY }) },
      );
      assert.deepEqual(await refused(pair), before, 'a packet was refused');
      for (const host of ours(pair)) {
        const { keys, nodes } = await snapshot(host);
        assert.deepEqual([keys.auth.index, keys.signing.index], [next[0], next[0]]);
        assert.ok(nodes.every(({ weakKey }) => weakKey === undefined));
      }
      await pair.settled('local', 'local');
    },
  ];
}

const SHA1 = [1, 'sha1 a-first-secret'] as const;
const OTHER = [2, 'sha1 a-second-secret'] as const;
const CRC = [3, 'crc'] as const;

const steps: readonly Step[] = [
  [
    'start of both',
    async (pair) => {
      for (const host of [pair.first, pair.second]) await host.must(`printf 'auth 1\\n1 ${SHA1[1]}\\n' >${PATH}`);
      await pair.startBoth();
    },
  ],
  rotation('one secret for another', SHA1, OTHER, ['first', 'second']),
  rotation('and back', OTHER, SHA1, ['second', 'first']),
];

walk('keys change, both nodes heartbeatd', 'hosts', () => installationA(), [
  ...steps,
  rotation('sha1 for crc', SHA1, CRC, ['first', 'second']),
  rotation('crc for sha1', CRC, SHA1, ['first', 'second']),
]);

for (const kinds of [
  ['heartbeatd', 'heartbeat3'],
  ['heartbeat3', 'heartbeatd'],
] as readonly (readonly [HostKind, HostKind])[]) {
  const weakerLast = kinds[0] === 'heartbeatd' ? (['first', 'second'] as const) : (['second', 'first'] as const);
  walk(`keys change, ${kinds[0]} the primary, ${kinds[1]} the other`, 'heartbeat3', () => mixedPair(kinds), [
    ...steps,
    rotation('sha1 for crc', SHA1, CRC, weakerLast),
    rotation('crc for sha1', CRC, SHA1, weakerLast),
  ]);
}
