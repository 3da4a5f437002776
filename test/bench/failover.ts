/**
 * How long the address is away: `scripts/bench failover [--runs N] [--peers heartbeatd,heartbeat3,keepalived] [--json FILE]`.
 * Medians, and the smallest and largest value, as a table for a page of text; --json writes every value to a file.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { support } from '../hosts/support.ts';
import { type Spread, spreadOf, table } from './figures.ts';
import { type Peer, peers } from './peers.ts';
import { type EventName, events, type Round, round } from './round.ts';

const titles: Readonly<Record<EventName, string>> = {
  powerOff: 'power-off: last heartbeat to first answer, minus the silence that means death',
  standby: 'gap at hb_standby',
  stop: 'gap at a graceful stop of the holder',
  failback: 'gap at failback',
  start: 'start of both to first answer',
};
/** In milliseconds; what this project wants of itself. */
const targets: Readonly<Record<EventName, number>> = { powerOff: 15, standby: 20, stop: 25, failback: 20, start: 600 };
const order: readonly EventName[] = ['powerOff', 'standby', 'stop', 'failback', 'start'];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    peers: { type: 'string', default: 'heartbeatd' },
    json: { type: 'string' },
  },
});
const runs = Number(values.runs);
const chosen = values.peers.split(',').map((word) => peers.find((peer) => peer.word === word));
if (!Number.isInteger(runs) || runs < 1 || runs > 1000 || chosen.includes(undefined)) {
  console.error(`usage: scripts/bench failover [--runs N] [--peers ${peers.map((peer) => peer.word).join(',')}] [--json FILE]`);
  process.exit(2);
}
const { way, reason } = support();
if (way === undefined) {
  console.error(`no test hosts here: ${reason}`);
  process.exit(1);
}

interface Result {
  readonly peer: Peer;
  readonly rounds: Round[];
  failed: number;
}
const results: Result[] = chosen.filter((peer) => peer !== undefined).map((peer) => ({ peer, rounds: [], failed: 0 }));
// The peers take turns, so that whatever else the machine does meets all of them.
for (let count = 1; count <= runs; count += 1) {
  for (const result of results) {
    try {
      const figures = await round(result.peer);
      result.rounds.push(figures);
      const text = order.map((name) => `${name} ${figures[name]?.toFixed(1) ?? '-'}`).join(', ');
      console.error(`${count}/${runs} ${result.peer.word}: ${text}`);
    } catch (fault) {
      result.failed += 1;
      console.error(`${count}/${runs} ${result.peer.word}: FAILED: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
  }
}

const spread = (result: Result, name: EventName): Spread | undefined =>
  spreadOf(result.rounds.map((each) => each[name]).filter((value) => value !== undefined));
const cell = (value: Spread | undefined): string =>
  value === undefined ? '-' : `${short(value.median)} (${short(value.min)} .. ${short(value.max)})`;
const short = (value: number): string => value.toFixed(Math.abs(value) < 100 ? 1 : 0);

const [ours, ...others] = results;
const head = ['ms, median (smallest .. largest) of as many runs as the heading says', 'target'];
for (const result of results) head.push(`${result.peer.title} (${result.rounds.length})`, ...(result === ours ? [] : ['ratio to it']));
const rows = order.map((name) => {
  const own = ours && spread(ours, name);
  const row = [titles[name], ours?.peer.word === 'heartbeatd' ? String(targets[name]) : '-', cell(own)];
  for (const other of others) {
    const theirs = spread(other, name);
    row.push(cell(theirs), own && theirs && theirs.median > 1 ? (own.median / theirs.median).toFixed(2) : '-');
  }
  return row;
});
console.log(
  `keepalive 200 ms, deadtime 1 s (keepalived: advert 200 ms); a datagram each millisecond, echoed by whoever holds the address.\n`,
);
console.log(table(head, rows));
if (values.json !== undefined) {
  const record = {
    machine: { processors: cpus().length, model: cpus()[0]?.model, node: process.version },
    unit: 'ms',
    peers: results.map(({ peer, rounds, failed }) => ({
      word: peer.word,
      silenceMs: peer.silenceMs,
      failed,
      figures: Object.fromEntries(
        events.map((name) => [name, { ...spreadOf(rounds.flatMap((each) => each[name] ?? [])), values: rounds.map((each) => each[name]) }]),
      ),
    })),
  };
  writeFileSync(values.json, `${JSON.stringify(record, undefined, 2)}\n`);
}
process.exit(results.some((result) => result.failed > 0) ? 1 : 0);
