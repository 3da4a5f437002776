/** What two 3.0.6 did in the same scenario, kept beside the tests, and how a mixed pair is held against it. Pure. */
import type { PlannedStep } from './events.ts';
import type { Result, RunStep } from './perform.ts';

/** Over all runs that were recorded: the longest time, every end, every line. Times in ms. */
export interface Reference {
  readonly runs: number;
  readonly steps: readonly {
    readonly title: string;
    readonly gapMs: number;
    readonly twiceMs: number;
    readonly ends: readonly string[];
    /** What `cl_status rscstatus` says on both, `local/local`. */
    readonly words: readonly string[];
    /** With three nodes: how each sees all. */
    readonly seen: readonly string[];
  }[];
  /** Most packets that one node sent in a second. */
  readonly peak: number;
  readonly deaths: number;
  /** Lines at ERROR or above, without what differs from run to run. */
  readonly severe: readonly string[];
}

export type References = Readonly<Record<string, Reference>>;

/** What of a run is compared. */
export type Run = Pick<Result, 'steps' | 'peak' | 'deaths' | 'severe'>;

const union = (one: readonly string[], other: readonly string[]): string[] => [...new Set([...one, ...other])].sort();

/** One more run of two 3.0.6. A run with other steps takes the place of what was known. */
export function record(known: Reference | undefined, run: Run): Reference {
  const steps = run.steps.map(({ title, gapMs, twiceMs, end, words, seen }) => ({
    title,
    gapMs,
    twiceMs,
    ends: [end],
    words: [words],
    seen: [seen],
  }));
  const fresh: Reference = { runs: 1, steps, peak: run.peak, deaths: run.deaths, severe: run.severe.original };
  if (known === undefined || known.steps.some((step, index) => step.title !== (steps[index]?.title ?? step.title))) return fresh;
  const length = Math.max(known.steps.length, steps.length);
  return {
    runs: known.runs + 1,
    steps: Array.from({ length }, (_, index) => {
      const one = known.steps[index];
      const other = steps[index];
      if (one === undefined || other === undefined) return (one ?? other) as Reference['steps'][number];
      return {
        title: one.title,
        gapMs: Math.max(one.gapMs, other.gapMs),
        twiceMs: Math.max(one.twiceMs, other.twiceMs),
        ends: union(one.ends, other.ends),
        words: union(one.words, other.words),
        seen: union(one.seen, other.seen),
      };
    }),
    peak: Math.max(known.peak, run.peak),
    deaths: Math.max(known.deaths, run.deaths),
    severe: union(known.severe, run.severe.original),
  };
}

export type Kind = 'gap' | 'twice' | 'end' | 'words' | 'seen' | 'severe' | 'packets' | 'deaths' | 'missing';
export interface Difference {
  readonly kind: Kind;
  /** Of the step, '' where the whole run is meant. */
  readonly step: string;
  readonly text: string;
}

/** 3.0.6 looks for the dead every 250 ms or later, and its script messages take up to a second on their way (scenarios, top). */
const SLACK_MS = 700;
/** A cable that is plugged in is told by the kernel up to a second later, and only then the nodes hear each other. */
const TWICE_SLACK_MS = 1700;
const PACKETS_SLACK = 30;

/** Nothing may die, so that each death is a false one. */
const quiet = (plan: readonly PlannedStep[]): boolean =>
  plan.every(({ act, allows }, index) => allows === undefined && (index === 0 || !['start', 'stop', 'power-off', 'kill'].includes(act.do)));

/** Where a mixed pair does worse than two 3.0.6, or other than they do. */
export function differences(run: Run, plan: readonly PlannedStep[], known: Reference | undefined): Difference[] {
  if (known === undefined) return [{ kind: 'missing', step: '', text: 'no run of two 3.0.6 is recorded' }];
  const other = run.steps.find(({ title }, index) => (known.steps[index]?.title ?? title) !== title);
  if (other !== undefined) return [{ kind: 'missing', step: other.title, text: 'two 3.0.6 were recorded with other steps' }];
  const found: Difference[] = run.steps.flatMap((step, index) => ofStep(step, plan[index], known.steps[index]));
  const whole = (kind: Kind, text: string): void => void found.push({ kind, step: '', text });
  for (const who of ['original', 'ours'] as const) {
    for (const line of run.severe[who].filter((each) => !known.severe.includes(each))) whole('severe', `${who}: ${line}`);
  }
  if (run.peak > 2 * known.peak + PACKETS_SLACK) {
    whole('packets', `a node sent ${run.peak} packets in one second, of two 3.0.6 ${known.peak}`);
  }
  if (quiet(plan) && run.deaths > known.deaths) whole('deaths', `${run.deaths} deaths, with two 3.0.6 ${known.deaths}`);
  return found;
}

/** @param theirs undefined where two 3.0.6 did not get so far */
function ofStep(step: RunStep, plan: PlannedStep | undefined, theirs: Reference['steps'][number] | undefined): Difference[] {
  const found: Difference[] = [];
  const add = (kind: Kind, text: string): void => void found.push({ kind, step: step.title, text });
  // Where they end without a holder, or with two, the time is that of the watching.
  const lasting = (what: RegExp): boolean => theirs === undefined || theirs.ends.some((end) => what.test(end));
  const bound = Math.min(
    lasting(/nobody/) ? Number.POSITIVE_INFINITY : (theirs?.gapMs ?? 0) + SLACK_MS,
    plan?.mixedGapMaxMs ?? Number.POSITIVE_INFINITY,
  );
  if (step.gapMs > bound) add('gap', `nobody served for ${step.gapMs} ms, at most ${bound} was expected`);
  if (theirs === undefined) return found;
  if (plan?.allows !== 'split' && !lasting(/ and /) && step.twiceMs > theirs.twiceMs + TWICE_SLACK_MS) {
    add('twice', `held twice for ${step.twiceMs} ms, by two 3.0.6 for ${theirs.twiceMs}`);
  }
  const compare = (kind: Kind, ours: string, known: readonly string[]): void => {
    if (!known.includes(ours)) add(kind, `${ours || 'nothing'}; with two 3.0.6 ${known.join(' or ') || 'nothing'}`);
  };
  if (plan?.after === 'open') compare('end', step.end, theirs.ends);
  compare('words', step.words, theirs.words);
  compare('seen', step.seen, theirs.seen);
  return found;
}
