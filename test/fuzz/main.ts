/**
 * `scripts/fuzz [--minutes N] [--seed S] [--out FOLDER] [--replay TARGET:EPISODE] [TARGET ...]`
 *
 * Each target in this order: inside one process, over and over, and at the doors of a real daemon with a second one as its
 * peer, both on test hosts. Exit 0: nothing was thrown, nothing died or moved, no heartbeat was late, no memory grew.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from '../bench/figures.ts';
import type { Host } from '../hosts/host.ts';
import { onLines, sleep } from '../hosts/run.ts';
import { support } from '../hosts/support.ts';
import type { Tally } from './attack.ts';
import { Dice } from './dice.ts';
import { insideTargets } from './inside.ts';
import { growthPerTenMinutes, type Sample } from './slope.ts';
import type { SoakReport } from './soak.ts';
import { type Finding, runEpisode } from './target.ts';
import { startAttack, WARNTIME_MS, World } from './world.ts';

/** Where each attacker stands. `files` have no door: a daemon reads them when its operator says so. */
const DOORS = { packets: 'mallory', control: 'first', fifo: 'first', clients: 'first' } as const;
const DOOR_FILES: Readonly<Record<string, string>> = { fifo: '/var/lib/heartbeat/fifo', clients: '/run/heartbeat/register' };
type Door = keyof typeof DOORS;
const ALL = ['packets', 'files', 'fifo', 'clients', 'control'] as const;

const SAMPLE_MS = 5000;
/** Caches, compiled code and the first full queues are no leak. */
const WARM_UP_S = 180;
/**
 * Per ten minutes. After a collection the heap of a daemon under fire still swings by some MiB, with what its history of sent
 * messages happens to hold, and RSS by more: over half an hour that is a slope of a third of these, and a leak is one far above.
 */
const RSS_GROWTH_MAX = 5 << 20;
const HEAP_GROWTH_MAX = 2 << 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    out: { type: 'string' },
    replay: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
const wanted: readonly string[] = positionals.length > 0 ? positionals : ALL;
if (!(minutes > 0 && minutes <= 600) || !Number.isInteger(seed) || wanted.some((name) => !ALL.some((one) => one === name))) {
  console.error(`usage: scripts/fuzz [--minutes N] [--seed S] [--out FOLDER] [--replay TARGET:EPISODE] [${ALL.join('|')} ...]`);
  process.exit(2);
}

if (values.replay !== undefined) {
  const [name, episode] = values.replay.split(':');
  const target = insideTargets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no such target: ${name}`);
  const { inputs, finding } = runEpisode(target, new Dice(seed), Number(episode));
  console.log(finding === undefined ? `${inputs} inputs, nothing found` : `${finding.fault}\n${finding.inputs.join('\n')}`);
  process.exit(finding === undefined ? 0 : 1);
}

const seconds = minutes * 60;
const faults: string[] = [];
const folder = values.out ?? mkdtempSync(join(tmpdir(), 'fuzz-'));
mkdirSync(folder, { recursive: true });
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // The laboratory would end this process at once; the summary comes first.
  process.removeAllListeners(signal);
  process.on(signal, () => {
    stopped = true;
  });
}

function keep(finding: Finding, number: number): void {
  const file = join(folder, `${finding.target}-${finding.seed}-${finding.episode}.json`);
  writeFileSync(file, `${JSON.stringify(finding, undefined, 2)}\n`);
  if (number <= 3)
    faults.push(`${finding.target}, seed ${finding.seed}, episode ${finding.episode}: ${finding.fault.split('\n')[0]} (${file})`);
}

/** The targets inside one process of their own, so that its heap is that of the code under test alone. */
function soak(): { readonly reports: SoakReport[]; readonly ended: Promise<void>; end(): void } {
  const names = insideTargets.map(({ name }) => name).filter((name) => wanted.includes(name));
  const reports: SoakReport[] = [];
  const args = ['--expose-gc', '--import', 'tsx', new URL('soak.ts', import.meta.url).pathname, String(seed), String(seconds), ...names];
  const child = spawn('nice', ['-n', '10', process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let findings = 0;
  onLines(child, (line) => {
    const said = JSON.parse(line) as { report?: SoakReport; finding?: Finding };
    if (said.report !== undefined) reports.push(said.report);
    if (said.finding !== undefined) {
      findings += 1;
      keep(said.finding, findings);
    }
  });
  const ended = new Promise<void>((resolve) => {
    child.on('exit', (status, signal) => {
      if (status !== 0) faults.push(`inside: the process ended with ${signal ?? status}`);
      resolve();
    });
  });
  return { reports, ended, end: () => child.kill('SIGTERM') };
}

interface DoorState {
  readonly door: Door;
  tally: Tally;
  running: boolean;
}

/** How often a client may have itself killed. */
const TURNS_MAX = 50;

function sum(one: Tally, two: Tally): Tally {
  const all: Tally = { ...one };
  for (const [what, count] of Object.entries(two)) all[what] = (all[what] ?? 0) + count;
  return all;
}

async function attackers(world: World): Promise<DoorState[]> {
  const from = performance.now();
  const states: DoorState[] = [];
  for (const door of Object.keys(DOORS) as Door[]) {
    if (!wanted.includes(door)) continue;
    const host: Host = world[DOORS[door]];
    const file = DOOR_FILES[door];
    if (file !== undefined && (await host.exec(['test', '-e', file])).status !== 0) {
      faults.push(`${door}: the daemon has no ${file}`);
      continue;
    }
    const state: DoorState = { door, tally: {}, running: true };
    states.push(state);
    let before: Tally = {};
    const begin = (turn: number): void => {
      const child = startAttack(host, door, seed + turn, Math.ceil(seconds - (performance.now() - from) / 1000), (tally) => {
        state.tally = sum(before, tally);
      });
      child.on('exit', (status, signal) => {
        before = state.tally;
        // `setsignal`, hidden where the dice put it: the daemon sends what its client asks for.
        const askedFor = door === 'clients' && signal !== null && turn < TURNS_MAX && !stopped;
        if (askedFor) return begin(turn + 1);
        state.running = false;
        if (status !== 0 && !stopped) faults.push(`${door}: the attacker ended with ${signal ?? status}`);
      });
    };
    begin(0);
  }
  return states;
}

const mib = (bytes: number | undefined): string => (bytes === undefined ? '-' : (bytes / (1 << 20)).toFixed(1));
const total = (tally: Tally): number => Object.values(tally).reduce((sum, value) => sum + value, 0);

function judgeMemory(what: string, samples: readonly Sample[], limit: number): string[] {
  const from = Math.min(WARM_UP_S, seconds / 2);
  const growth = growthPerTenMinutes(samples, from);
  // A slope over a minute or two is noise many times over: it is told, and judged in longer runs only.
  if (growth !== undefined && growth > limit && seconds >= 2 * WARM_UP_S) faults.push(`${what} grew by ${mib(growth)} MiB in ten minutes`);
  const bytes = samples.map((sample) => sample.bytes);
  const after = samples.find((sample) => sample.seconds >= from)?.bytes;
  return [what, mib(bytes[0]), mib(after), mib(bytes.at(-1)), mib(bytes.length > 0 ? Math.max(...bytes) : undefined), mib(growth)];
}

async function live(): Promise<{ doors: DoorState[]; memory: string[][]; lines: string[] }> {
  const reason = support().reason;
  if (reason !== undefined) {
    faults.push(`no real daemons: ${reason}`);
    return { doors: [], memory: [], lines: [] };
  }
  const world = await World.open({ probe: true, lifeSeconds: Math.ceil(seconds) + 300 });
  try {
    const rss = new Map<Host, Sample[]>(world.nodes.map((node) => [node, []]));
    const heap = new Map<Host, Sample[]>(world.nodes.map((node) => [node, []]));
    const began = performance.now();
    world.listen();
    const doors = await attackers(world);
    const told = new Set<string>();
    while (!stopped && performance.now() - began < seconds * 1000) {
      await sleep(Math.min(SAMPLE_MS, seconds * 1000));
      const at = (performance.now() - began) / 1000;
      for (const node of world.nodes) {
        const memory = await world.memory(node);
        rss.get(node)?.push({ seconds: at, bytes: memory.rssBytes });
        if (memory.heapBytes !== undefined) heap.get(node)?.push({ seconds: at, bytes: memory.heapBytes });
        if (!(await world.alive(node))) {
          faults.push(`${node.name}: the daemon died after ${Math.round(at)} s`);
          stopped = true;
        }
      }
      for (const fault of await world.faults()) {
        if (!told.has(fault)) console.log(`${Math.round(at)} s: ${fault}`);
        told.add(fault);
      }
      process.stderr.write(`\r${Math.round(at)} s  ${doors.map(({ door, tally }) => `${door} ${total(tally)}`).join('  ')}   `);
    }
    process.stderr.write('\n');
    faults.push(...(await world.faults()));
    for (const node of world.nodes) writeFileSync(join(folder, `${node.name}.log`), await node.read('/var/log/ha-log'), 'latin1');
    const lines = await Promise.all(
      world.nodes.map(async (node, index) => {
        const { beats = 0, latestMs = Number.NaN } = world.beats[index] ?? {};
        if (!(beats > 10) || !(latestMs < WARNTIME_MS))
          faults.push(`${node.name}: ${beats} heartbeats, one of them ${Math.round(latestMs)} ms late`);
        return `${node.name}: ${beats} heartbeats, the latest ${latestMs.toFixed(1)} ms after its time; log ${mib(await world.logBytes(node))} MiB`;
      }),
    );
    const memory = world.nodes.flatMap((node) => [
      judgeMemory(`${node.name} RSS`, rss.get(node) ?? [], RSS_GROWTH_MAX),
      judgeMemory(`${node.name} heap`, heap.get(node) ?? [], HEAP_GROWTH_MAX),
    ]);
    return { doors, memory, lines };
  } finally {
    await world.close();
  }
}

console.log(`fuzz: ${wanted.join(' ')}; ${minutes} min, seed ${seed}; findings and logs go to ${folder}`);
const inside = soak();
const { doors, memory, lines } = await live().catch((error: unknown) => {
  faults.push(`the laboratory: ${error instanceof Error ? error.message : String(error)}`);
  return { doors: [], memory: [], lines: [] };
});
if (stopped) inside.end();
await inside.ended;
const last = inside.reports.at(-1);
const insideHeap = inside.reports.map((report) => ({ seconds: report.seconds, bytes: report.heapBytes }));
const rate = (count: number, over: number | undefined): string => Math.round(count / Math.max(1, over ?? seconds)).toLocaleString('en-GB');
console.log(
  table(
    ['inputs', 'count', 'per second'],
    [
      ...Object.entries(last?.inputs ?? {}).map(([name, count]) => [
        `${name}, inside`,
        count.toLocaleString('en-GB'),
        rate(count, last?.seconds),
      ]),
      ...doors.map(({ door, tally }) => [`${door}, real daemon`, total(tally).toLocaleString('en-GB'), rate(total(tally), undefined)]),
    ],
  ),
);
for (const { door, tally } of doors)
  console.log(
    `  ${door}: ${Object.entries(tally)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ')}`,
  );
console.log(
  table(['MiB', 'first', 'warm', 'last', 'most', 'per 10 min'], [judgeMemory('inside heap', insideHeap, HEAP_GROWTH_MAX), ...memory]),
);
for (const line of lines) console.log(line);
for (const fault of faults) console.log(`FAULT: ${fault}`);
console.log(faults.length === 0 ? 'fuzz: ok' : `fuzz: ${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
