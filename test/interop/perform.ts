/** Runs one scenario and says how it went. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs, sleep } from '../hosts/run.ts';
import { chatter, deaths, lives, lostWords, severe } from './complaints.ts';
import { explain } from './defects.ts';
import { type Act, type Placement, type PlannedStep, type Step, stepsFor } from './events.ts';
import { times } from './files.ts';
import { judge, type StepFigures, type Window } from './judge.ts';
import { differences, type Reference } from './reference.ts';
import type { Scenario } from './scenarios.ts';
import { Stage } from './stage.ts';

export interface Result {
  readonly name: string;
  readonly subject: string;
  readonly pairing: string;
  readonly passed: boolean;
  readonly faults: readonly string[];
  /** Why it differs from two 3.0.6 where it may. */
  readonly reasons: readonly string[];
  readonly gapMs: number;
  readonly steps: readonly RunStep[];
  /** Most packets that one node sent in a second. */
  readonly peak: number;
  readonly deaths: number;
  /** Lines at ERROR or above, by who wrote them. */
  readonly severe: { readonly original: readonly string[]; readonly ours: readonly string[] };
  /** Resident memory of our daemon in KiB, once a minute of a long loss. */
  readonly memoryKib: readonly number[];
  readonly sampled: { readonly count: number; readonly worstMs: number; readonly late: number };
}

export interface RunStep extends StepFigures {
  /** What `cl_status rscstatus` says on both once it is calm, `local/local`. */
  readonly words: string;
  /** With three nodes: how each sees all, `active,active,dead/...`. */
  readonly seen: string;
}

/** 3.0.6 takes 10 s for its exchange at a common start; after a heal or a freeze it restarts, which is 20 s without any owner. */
const PATIENCE_MS = 25_000;
const HEAL_MS = 45_000;
const OPEN_MS = 20_000;
const CALM_MS = 25_000;
/** After which a word of a tool of 3.0.6 has reached its daemon, or is lost. */
const FIFO_MS = 500;
/** Long enough to see something fall back, and not so long that each step counts. */
const STEADY_MS = 500;
/** Where a node wakes up or hears the other again, what it does about it may begin seconds later. */
const STEADY_AFTER_ANY_MS = 5000;
const REST_MS = 3000;

function titleOf(act: Act): string {
  const words = Object.entries(act).map(([name, value]) => (name === 'ms' ? `${value} ms` : name === 'percent' ? `${value} %` : value));
  return words.join(' ');
}

const limitOf = (step: Step): number =>
  step.act.do === 'start' ? times.initdeadMs + PATIENCE_MS : step.allows === 'any' ? HEAL_MS : PATIENCE_MS;

const KNOWN_WORDS: Partial<Record<Placement, string>> = {
  home: 'local/local',
  first: 'all/none',
  second: 'none/all',
  swapped: 'foreign/foreign',
  split: 'all/all',
};

/**
 * Administrators wait for this too: a node in transition refuses what it is asked. Tells what `cl_status` says of both then; which words
 * belong to whom is compared with two 3.0.6.
 */
async function calm(stage: Stage, { act: asked, after }: PlannedStep): Promise<string> {
  const { do: done } = asked;
  const started = asked.do === 'start' ? stage.seats(asked.on) : [];
  const stopped = done === 'stop' || done === 'power-off';
  const told = stage.configuration.failback !== 'legacy' && done !== 'kill' && !stopped && stage.hosts.size === 2;
  const wanted = told ? KNOWN_WORDS[after] : undefined;
  const end = monotonicMs() + CALM_MS;
  for (;;) {
    const words = await stage.words();
    const said = words.split('/');
    // Right after its start a daemon may not answer yet.
    const mute = [...stage.hosts.keys()].some((seat, index) => started.includes(seat) && said[index] === 'stopped');
    const enough = wanted === undefined ? !words.includes('transition') && !mute : words === wanted;
    if (enough || monotonicMs() > end) return words;
    await sleep(50);
  }
}

/** Does it, and once more when 3.0.6 lost the command on its own way from tool to daemon: so would whoever typed it. */
async function act(stage: Stage, step: PlannedStep): Promise<void> {
  const typed = step.act.do === 'standby' || step.act.do === 'takeover' ? stage.host(step.act.on) : undefined;
  const lost = async (): Promise<number> => (typed?.spec.kind === 'heartbeat3' ? lostWords(await stage.log(typed)) : 0);
  const before = await lost();
  await stage.do(step.act);
  if (typed?.spec.kind !== 'heartbeat3') return;
  await sleep(FIFO_MS);
  if ((await lost()) > before) await stage.do(step.act);
}

interface Said {
  readonly words: string;
  readonly seen: string;
}

async function walk(stage: Stage, plan: readonly PlannedStep[], windows: Window[], said: Said[]): Promise<void> {
  let before: Placement = 'off';
  let from = monotonicMs();
  for (const step of plan) {
    let reached = true;
    try {
      await act(stage, step);
      if (step.after === 'open') await sleep(step.openMs ?? OPEN_MS);
      else reached = await stage.holders.until(step.after, limitOf(step), step.allows === 'any' ? STEADY_AFTER_ANY_MS : STEADY_MS);
    } finally {
      stage.holders.refresh();
      // What the sampler saw up to now must have arrived here.
      await sleep(50);
      const to = monotonicMs();
      windows.push({ title: titleOf(step.act), from, to, before, after: step.after, allows: step.allows ?? 'move' });
      from = to;
    }
    // The judge tells what is wrong; nothing that follows would mean anything.
    if (!reached) return;
    before = step.after;
    said.push({ words: await calm(stage, step), seen: await stage.seen() });
  }
}

/** The most packets that a node sends in a second, from now until `stop` is called. */
function watchPackets(stage: Stage): { stop(): number } {
  let last = stage.sent();
  let peak = 0;
  const timer = setInterval(() => {
    const sent = stage.sent();
    for (const [node, packets] of Object.entries(sent)) peak = Math.max(peak, packets - Math.min(packets, last[node] ?? packets));
    last = sent;
  }, 1000);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}

async function atRest(stage: Stage): Promise<string[]> {
  const before = stage.sent();
  const from = monotonicMs();
  await sleep(REST_MS);
  const sent = Object.entries(stage.sent()).map(([node, packets]) => [node, packets - (before[node] ?? packets)] as const);
  return chatter(Object.fromEntries(sent), monotonicMs() - from);
}

/** Our daemon restarts for nobody: it lives as often as it was started. */
async function restarts(stage: Stage): Promise<string[]> {
  const found: string[] = [];
  for (const [seat, host] of stage.hosts) {
    if (host.pid === 0 || host.spec.kind !== 'heartbeatd') continue;
    const count = lives(await stage.log(host));
    const starts = stage.starts.get(seat) ?? 0;
    if (count !== starts) found.push(`heartbeatd was started ${starts} times and began ${count} lives`);
  }
  return found;
}

const MEMORY_SAMPLES_MIN = 20;

/** Memory that does not grow: what is there at the end, beside what was there after a quarter of the time. */
function growth(kib: readonly number[], { event, pairing }: Scenario): string[] {
  if (event.long === true && pairing !== 'reference' && kib.length < MEMORY_SAMPLES_MIN)
    return [`memory was measured ${kib.length} times only`];
  const early = kib[Math.floor(kib.length / 4)];
  const late = kib.at(-1);
  if (kib.length < MEMORY_SAMPLES_MIN || early === undefined || late === undefined || late <= early * 1.1) return [];
  return [`memory grew from ${early} to ${late} KiB`];
}

export interface PerformOptions {
  /** Where the logs and captures of a failed run go, in a folder of its own. */
  readonly folder: string;
  /** Those of a run that passed too. */
  readonly keep: boolean;
  readonly reference: Reference | undefined;
}

export async function perform(scenario: Scenario, { folder, keep, reference }: PerformOptions): Promise<Result> {
  const { name, subject, pairing, event, configuration } = scenario;
  const windows: Window[] = [];
  const said: Said[] = [];
  const faults: string[] = [];
  const plan = stepsFor(event, configuration);
  const stage = await Stage.open(scenario);
  try {
    // The sampler knows both hosts before anything starts.
    await stage.holders.until('off', 5000, 100);
    const packets = watchPackets(stage);
    try {
      await walk(stage, plan, windows, said);
      faults.push(...(await atRest(stage)));
    } catch (fault) {
      faults.push(fault instanceof Error ? fault.message : String(fault));
    } finally {
      packets.stop();
    }
    const verdict = judge(stage.holders.things, stage.holders.changes, windows);
    faults.unshift(...verdict.faults);
    const logs = { original: '', ours: '' };
    for (const host of stage.alive) logs[host.spec.kind === 'heartbeat3' ? 'original' : 'ours'] += await stage.log(host);
    faults.push(...(await restarts(stage)), ...growth(stage.memory, scenario));
    const sampled = await stage.holders.stop();
    if (sampled.late > sampled.count / 50) faults.push(`sampled too coarsely: ${sampled.late} of ${sampled.count} samples were late`);
    const bare = {
      name,
      subject,
      pairing,
      gapMs: verdict.gapMs,
      steps: verdict.steps.map((step, index) => ({ ...step, words: '', seen: '', ...said[index] })),
      peak: packets.stop(),
      deaths: deaths(logs.original + logs.ours),
      severe: { original: severe(logs.original), ours: severe(logs.ours) },
      memoryKib: stage.memory,
      sampled,
    };
    const beside = pairing === 'reference' ? { faults: [], reasons: [] } : explain(differences(bare, plan, reference), bare);
    faults.push(...beside.faults);
    const result: Result = { ...bare, passed: faults.length === 0, faults, reasons: beside.reasons };
    if (keep || faults.length > 0) {
      const place = join(folder, name.replaceAll('/', '+'));
      mkdirSync(place, { recursive: true });
      for (const [file, bytes] of await stage.evidence()) writeFileSync(join(place, file), bytes);
      writeFileSync(join(place, 'result.json'), JSON.stringify({ result, windows, changes: [...stage.holders.changes] }, undefined, 1));
    }
    return result;
  } finally {
    await stage.close();
  }
}
