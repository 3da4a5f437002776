/**
 * Runs targets inside this process until its time is over or it is told to end (SIGTERM), one episode of each in turn:
 * `soak.ts SEED SECONDS TARGET ...`. One line of JSON every few seconds (`SoakReport`), and one for each finding.
 * Started with --expose-gc the heap is told as it is after a collection.
 */
import { Dice } from './dice.ts';
import { insideTargets } from './inside.ts';
import { type Finding, runEpisode } from './target.ts';

export interface SoakReport {
  /** Since the start. */
  readonly seconds: number;
  readonly inputs: Readonly<Record<string, number>>;
  readonly findings: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

const REPORT_MS = 5000;
/** More of them say nothing new. */
const FINDINGS_MAX = 20;

const [seedWord, secondsWord, ...names] = process.argv.slice(2);
const seed = Number(seedWord);
const dice = new Dice(seed);
const targets = insideTargets.filter(({ name }) => names.includes(name));
const began = performance.now();
const endAt = began + Number(secondsWord) * 1000;
const inputs: Record<string, number> = Object.fromEntries(targets.map(({ name }) => [name, 0]));
let findings = 0;
let ended = targets.length === 0;
let reportAt = began + REPORT_MS;
process.on('SIGTERM', () => {
  ended = true;
});

const say = (line: { readonly report: SoakReport } | { readonly finding: Finding }): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function report(): void {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  say({ report: { seconds: (performance.now() - began) / 1000, inputs, findings, heapBytes: heapUsed, rssBytes: rss } });
}

function turn(episode: number): void {
  for (const target of targets) {
    const run = runEpisode(target, dice, episode);
    inputs[target.name] = (inputs[target.name] ?? 0) + run.inputs;
    if (run.finding === undefined) continue;
    findings += 1;
    say({ finding: run.finding });
    ended ||= findings >= FINDINGS_MAX;
  }
  const now = performance.now();
  ended ||= now >= endAt;
  if (ended || now >= reportAt) {
    reportAt = now + REPORT_MS;
    report();
  }
  if (!ended) setImmediate(turn, episode + 1);
}

turn(0);
