/**
 * Packets and engine steps per second: `scripts/bench wire [--seconds N] [--json FILE]`. Each line is held against what node:crypto alone
 * needs for the same digests in the same run, since a bare number tells more about the machine than about the code.
 */
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealFrame } from '../../src/protocol/envelope.ts';
import { loadVector, readAuthkeys } from '../protocol/vectors.ts';
import { SimCluster } from '../sim/cluster.ts';
import { EnginePair } from './engine-pair.ts';
import { spreadOf, table } from './figures.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '1' }, json: { type: 'string' } } });
const seconds = Number(values.seconds);
if (!(seconds > 0 && seconds <= 60)) {
  console.error('usage: scripts/bench wire [--seconds N] [--json FILE]');
  process.exit(2);
}
const passes = 5;

/** One measurement: `act` does a known number of things and tells how many. */
interface Bench {
  readonly name: string;
  readonly act: () => number;
}

/** The real packets of a start of two nodes, as a capture has them. */
function wireBenches(form: 'classic' | 'netstring', method: string): Bench[] {
  const vector = loadVector(`start-${form}-${method}`);
  const auth = readAuthkeys(vector.authkeys);
  const key = auth.keys[0];
  if (key === undefined) throw new Error(`${vector.name} has no key`);
  const frames = vector.datagrams.map((datagram) => datagram.bytes);
  const messages = frames.map((bytes) => {
    const verdict = openFrame(bytes, auth, authCatalog);
    if (!verdict.ok) throw new Error(`${vector.name}: a packet is refused: ${verdict.fault}`);
    return verdict.message;
  });
  const bytes = Math.round(frames.reduce((sum, frame) => sum + frame.length, 0) / frames.length);
  const what = `${form}, ${method}, ${bytes} bytes`;
  return [
    {
      name: `digest alone (${what})`,
      act() {
        // crc has no counterpart in node:crypto: the plain digest of the same length stands in for it.
        for (const frame of frames)
          createHmac(method === 'crc' ? 'md5' : method, key.key)
            .update(frame)
            .digest('hex');
        return frames.length;
      },
    },
    {
      name: `openFrame (${what})`,
      act() {
        for (const frame of frames) if (!openFrame(frame, auth, authCatalog).ok) throw new Error('refused');
        return frames.length;
      },
    },
    {
      name: `sealFrame (${what})`,
      act() {
        for (const message of messages) sealFrame(message, auth, authCatalog, form);
        return messages.length;
      },
    },
  ];
}

function settledPair(): EnginePair {
  const cluster = new SimCluster({ seed: 1, keepaliveMs: 200, deadtimeMs: 1000 });
  const pair = new EnginePair([cluster.config('n1'), cluster.config('n2')]);
  pair.run(60_000);
  if (!pair.settled) throw new Error('the two engines did not come to rest');
  return pair;
}

function perSecond({ act }: Bench): number {
  const started = process.hrtime.bigint();
  let count = 0;
  let ns = 0;
  while (ns < (seconds / passes) * 1e9) {
    count += act();
    ns = Number(process.hrtime.bigint() - started);
  }
  return (count / ns) * 1e9;
}

const pair = settledPair();
const groups: Bench[][] = [wireBenches('netstring', 'sha1'), wireBenches('classic', 'sha1'), wireBenches('classic', 'crc')];
const digest = groups[0]?.[0];
const engine: Bench = {
  name: 'engine steps (two nodes at rest, packets sealed and opened)',
  act() {
    const before = pair.work.steps;
    pair.run(10_000);
    return pair.work.steps - before;
  },
};
groups.push(digest === undefined ? [engine] : [digest, engine]);

const results = groups.flatMap((benches) => {
  // Warm first; then in turns, so that whatever else the machine does meets all of them.
  for (const bench of benches) perSecond(bench);
  const rates = benches.map((): number[] => []);
  for (let pass = 0; pass < passes; pass += 1) for (const [index, bench] of benches.entries()) rates[index]?.push(perSecond(bench));
  const base = spreadOf(rates[0] ?? [])?.median ?? Number.NaN;
  return benches.map(({ name }, index) => {
    const spread = spreadOf(rates[index] ?? []) ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
    return { name, ...spread, ratio: spread.median / base };
  });
});
const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
console.log(
  table(
    ['per second', 'median', 'smallest', 'largest', 'to the digest alone'],
    results.map(({ name, median, min, max, ratio }) => [name, whole(median), whole(min), whole(max), ratio.toFixed(2)]),
  ),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ unit: 'per second', results }, undefined, 2)}\n`);
