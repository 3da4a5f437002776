/**
 * `scripts/interop [--full] [--only NAME ...] [--list] [--table] [--record] [--keep] [--jobs N] [--json FILE] [--out FOLDER]`
 *
 * Exit 0: every mixed scenario that was run passed. What the pair of two 3.0.6 does is written down, with `--record` into
 * `reference.json`, with which mixed pairs are compared.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkout } from '../hosts/support.ts';
import { obstacle } from '../live/walk.ts';
import { perform, type Result } from './perform.ts';
import { type Reference, type References, record } from './reference.ts';
import { intoPage, merge, resultTable } from './report.ts';
import { choose, type Scenario, scenarios } from './scenarios.ts';

const folder = join(checkout, '.cache/interop');
const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string', default: join(folder, 'results.json') },
    out: { type: 'string', default: folder },
  },
});
const all = scenarios();
const chosen = choose(all, { full: values.full, only: values.only });
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1 || jobs > 16 || chosen.length === 0) {
  console.error(chosen.length === 0 ? `no scenario is called so; --list names all ${all.length}` : 'usage: --jobs 1 .. 16');
  process.exit(2);
}

const referenceFile = join(checkout, 'test/interop/reference.json');
const readReferences = (): References => JSON.parse(readFileSync(referenceFile, 'utf8')) as References;
const references = readReferences();
const readResults = (): Result[] => (existsSync(values.json) ? (JSON.parse(readFileSync(values.json, 'utf8')) as Result[]) : []);

if (values.list) {
  for (const { name, core } of values.full || values.only.length > 0 ? chosen : all) console.log(core ? `${name} (core)` : name);
} else if (values.table) {
  const page = join(checkout, 'test/interop/README.md');
  writeFileSync(page, intoPage(readFileSync(page, 'utf8'), resultTable(all, readResults())));
} else {
  const why = obstacle('heartbeat3');
  if (why !== undefined) {
    console.error(`no mixed pair here: ${why}`);
    process.exit(1);
  }
  mkdirSync(dirname(values.json), { recursive: true });
  const fresh = await runAll(chosen);
  const failed = fresh.filter(({ passed, pairing }) => !passed && pairing !== 'reference').length;
  console.log(`${fresh.filter(({ passed }) => passed).length} of ${fresh.length} as expected, ${failed} mixed scenarios failed`);
  process.exit(failed > 0 ? 1 : 0);
}

/** At once, so that an end in between loses nothing. */
function keep(result: Result): void {
  writeFileSync(values.json, `${JSON.stringify(merge(readResults(), [result]), undefined, 1)}\n`);
  if (!values.record || result.pairing !== 'reference' || result.steps.length === 0) return;
  const known: Record<string, Reference> = readReferences();
  known[result.subject] = record(known[result.subject], result);
  const sorted = Object.fromEntries(Object.entries(known).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(referenceFile, `${JSON.stringify(sorted, undefined, 1)}\n`);
}

async function runAll(list: readonly Scenario[]): Promise<Result[]> {
  const waiting = [...list];
  const results: Result[] = [];
  const worker = async (): Promise<void> => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      const { name, subject, pairing } = scenario;
      const result = await perform(scenario, { folder: values.out, keep: values.keep, reference: references[subject] }).catch(
        (fault: unknown): Result => {
          const text = fault instanceof Error ? fault.message : String(fault);
          const sampled = { count: 0, worstMs: 0, late: 0 };
          const nothing = { reasons: [], gapMs: 0, steps: [], peak: 0, deaths: 0, severe: { original: [], ours: [] }, memoryKib: [] };
          return { name, subject, pairing, passed: false, faults: [text], ...nothing, sampled };
        },
      );
      results.push(result);
      keep(result);
      console.log(`${result.passed ? 'ok  ' : 'FAIL'} ${name}: gap ${result.gapMs} ms`);
      for (const step of result.steps)
        console.log(`       ${step.title}: ${step.ms} ms, gone ${step.gapMs} ms, twice ${step.twiceMs} ms, ${step.words}`);
      for (const reason of result.reasons) console.log(`     . ${reason}`);
      for (const fault of result.faults.slice(0, 10)) console.log(`     ! ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}
