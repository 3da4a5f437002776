/** Runs one scenario and says how it went. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resources } from '../hosts/cluster.ts';
import { monotonicMs, sleep, until } from '../hosts/run.ts';
import { chatter, complaints } from './complaints.ts';
import { type Act, type Placement, type Side, type Step, stepsFor } from './events.ts';
import { times } from './files.ts';
import { judge, type StepFigures, type Window } from './judge.ts';
import type { Scenario } from './scenarios.ts';
import { Stage } from './stage.ts';

export interface Result {
  readonly name: string;
  readonly subject: string;
  readonly pairing: string;
  readonly passed: boolean;
  readonly faults: readonly string[];
  readonly gapMs: number;
  readonly steps: readonly StepFigures[];
  /** Who holds what at the end. */
  readonly end: string;
  readonly sampled: { readonly count: number; readonly worstMs: number; readonly late: number };
}

/** 3.0.6 takes 10 s for its exchange at a common start; after a heal or a freeze it restarts, which is 20 s without any owner. */
const PATIENCE_MS = 25_000;
const HEAL_MS = 45_000;
const OPEN_MS = 20_000;
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

/**
 * Administrators wait for this too: a node in transition refuses what it is asked. Both also have to agree about who holds what;
 * only with `legacy` cl_status does not tell.
 */
async function calm(stage: Stage, { act, after }: Step & { after: Placement }): Promise<void> {
  const wordOf = (side: Side): string | undefined => {
    if (stage.configuration.failback === 'legacy' || act.do === 'kill') return undefined;
    if (after === 'home') return 'local';
    return after === side ? 'all' : undefined;
  };
  for (const side of ['first', 'second'] as const) {
    const host = stage.hosts[side];
    const wanted = wordOf(side);
    if (host.pid === 0) continue;
    await until(
      `${host.name}: cl_status rscstatus says ${wanted ?? 'anything but transition'}`,
      PATIENCE_MS,
      async () => {
        const state = await resources(host);
        return wanted === undefined ? state !== 'transition' || undefined : state === wanted || undefined;
      },
      50,
    );
  }
}

async function walk(stage: Stage, scenario: Scenario, windows: Window[]): Promise<void> {
  const { event, configuration } = scenario;
  let before: Placement = 'off';
  let from = monotonicMs();
  const steps: (Step & { after: Placement })[] = stepsFor(event, configuration.failback);
  if (event.from !== 'off') steps.unshift({ act: { do: 'start', on: 'both' }, after: 'home' });
  for (const step of steps) {
    const title = titleOf(step.act);
    let reached = true;
    try {
      await stage.do(step.act);
      if (step.after === 'open') await sleep(OPEN_MS);
      else reached = await stage.holders.until(step.after, limitOf(step), step.allows === 'any' ? STEADY_AFTER_ANY_MS : STEADY_MS);
    } finally {
      stage.holders.refresh();
      // What the sampler saw up to now must have arrived here.
      await sleep(50);
      const to = monotonicMs();
      windows.push({ title, from, to, before, after: step.after, allows: step.allows ?? 'move' });
      from = to;
    }
    // The judge tells what is wrong; nothing that follows would mean anything.
    if (!reached) return;
    before = step.after;
    if (before !== 'split' && before !== 'open' && before !== 'off') await calm(stage, step);
  }
}

async function atRest(stage: Stage): Promise<string[]> {
  const before = stage.sent();
  const from = monotonicMs();
  await sleep(REST_MS);
  const sent = Object.entries(stage.sent()).map(([node, packets]) => [node, packets - (before[node] ?? packets)] as const);
  return chatter(Object.fromEntries(sent), monotonicMs() - from);
}

/** @param folder where the logs and captures of a failed run go, in a folder of its own */
export async function perform(scenario: Scenario, folder: string): Promise<Result> {
  const { name, subject, pairing, event } = scenario;
  const windows: Window[] = [];
  const faults: string[] = [];
  const stage = await Stage.open(scenario);
  try {
    try {
      // The sampler knows both hosts before anything starts.
      await stage.holders.until('off', 5000, 100);
      await walk(stage, scenario, windows);
      faults.push(...(await atRest(stage)));
    } catch (fault) {
      faults.push(fault instanceof Error ? fault.message : String(fault));
    }
    const end = String(stage.holders);
    const verdict = judge(stage.holders.things, stage.holders.changes, windows);
    faults.unshift(...verdict.faults);
    if (pairing !== 'reference') {
      for (const host of stage.alive.filter((each) => each.spec.kind === 'heartbeat3')) {
        faults.push(...complaints(await stage.log(host), event).map((line) => `3.0.6 complains: ${line}`));
      }
    }
    const sampled = await stage.holders.stop();
    if (sampled.late > sampled.count / 50) faults.push(`sampled too coarsely: ${sampled.late} of ${sampled.count} samples were late`);
    if (faults.length > 0) {
      const place = join(folder, name.replaceAll('/', '+'));
      mkdirSync(place, { recursive: true });
      for (const [file, bytes] of await stage.evidence()) writeFileSync(join(place, file), bytes);
      writeFileSync(join(place, 'faults'), `${faults.join('\n')}\n`);
      writeFileSync(join(place, 'holders.json'), JSON.stringify({ windows, changes: [...stage.holders.changes] }, undefined, 1));
    }
    return { name, subject, pairing, passed: faults.length === 0, faults, gapMs: verdict.gapMs, steps: verdict.steps, end, sampled };
  } finally {
    await stage.close();
  }
}
