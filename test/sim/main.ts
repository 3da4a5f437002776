/** Many runs, on several processors. `scripts/simulate` bundles this file, since tsx would make it half as fast. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { SimSetup } from './cluster.ts';
import { runSeed } from './run.ts';
import { Tally } from './tally.ts';

/** A worker asks for so many seeds at a time. */
const BATCH = 25;
const RUNS = 1000;
const FAILURES_SHOWN = 20;
const PROGRESS_MS = 10_000;

interface Orders {
  readonly kinds?: readonly string[];
  readonly setup: Partial<SimSetup>;
}

type Batch = readonly number[];

function work(orders: Orders): void {
  parentPort?.on('message', (seeds: Batch) => {
    const results = seeds.map((seed) => ({ ...runSeed(seed, orders), trace: [] }));
    parentPort?.postMessage(results);
  });
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} wants a number, not ${text}`);
  return value;
}

function read() {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      runs: { type: 'string' },
      hours: { type: 'string' },
      jobs: { type: 'string' },
      faults: { type: 'string' },
      legacy: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  const hours = whole('hours', values.hours);
  return {
    seed: whole('seed', values.seed) ?? 1_000_000 + Math.floor(Math.random() * 1_000_000_000),
    runs: whole('runs', values.runs) ?? (hours === undefined ? RUNS : Number.POSITIVE_INFINITY),
    hours: hours ?? Number.POSITIVE_INFINITY,
    jobs: Math.max(1, whole('jobs', values.jobs) ?? availableParallelism()),
    trace: values.trace,
    orders: {
      ...(values.faults === undefined ? {} : { kinds: values.faults.split(',') }),
      setup: values.legacy === undefined ? {} : { legacy: [values.legacy] },
    } satisfies Orders,
  };
}

/** Every run here, one after the other, each with its timeline. */
function shown(seed: number, runs: number, orders: Orders, tally: Tally): void {
  for (let next = seed; next < seed + runs; next += 1) {
    const result = runSeed(next, orders);
    console.log(`seed ${next}\n${result.trace.join('\n')}`);
    tally.add(result);
  }
}

async function spread(options: ReturnType<typeof read>, tally: Tally): Promise<void> {
  const { seed, runs, hours, jobs, orders } = options;
  let next = seed;
  let toldAt = Date.now();
  const batch = (): Batch => {
    const seeds: number[] = [];
    if (tally.simulatedHours >= hours) return seeds;
    for (; seeds.length < BATCH && next < seed + runs; next += 1) seeds.push(next);
    return seeds;
  };
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: orders });
      const more = () => {
        const seeds = batch();
        if (seeds.length > 0) worker.postMessage(seeds);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('error', reject);
      worker.on('message', (results: readonly Parameters<Tally['add']>[0][]) => {
        for (const result of results) {
          tally.add(result);
          if (result.violations.length > 0 && tally.failed.length <= FAILURES_SHOWN)
            console.log(`seed ${result.seed}: ${result.violations[0]}`);
        }
        if (Date.now() - toldAt > PROGRESS_MS) {
          toldAt = Date.now();
          console.error(`${tally.runs} runs, ${tally.injected} faults, ${tally.failed.length} runs failed`);
        }
        more();
      });
      more();
    });
  await Promise.all(Array.from({ length: jobs }, one));
}

async function main(): Promise<void> {
  const options = read();
  const { seed, runs, orders, trace } = options;
  const tally = new Tally();
  const begun = Date.now();
  if (trace) shown(seed, Number.isFinite(runs) ? runs : 1, orders, tally);
  else await spread(options, tally);
  const [first] = tally.failed.sort((one, other) => one.seed - other.seed);
  if (first !== undefined) {
    if (!trace) console.log(`seed ${first.seed}\n${runSeed(first.seed, orders).trace.join('\n')}`);
    console.log(`failing seeds: ${tally.failed.map((one) => one.seed).join(' ')}`);
    process.exitCode = 1;
  }
  console.log(tally.summary(seed, Date.now() - begun));
}

if (isMainThread) await main();
else work(workerData);
