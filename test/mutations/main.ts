/** `scripts/mutate`: each fault is put into a copy of the program, and the simulator has to find it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Found, Hunter } from './hunt.ts';
import { MUTATIONS } from './list.ts';
import { type Mutation, RUNS_MAX } from './mutation.ts';
import { OPEN } from './open.ts';
import { checkerOf, type Row, textTable, writtenTable } from './table.ts';

const TABLE = fileURLToPath(new URL('TABLE.md', import.meta.url));

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    runs: { type: 'string', default: String(RUNS_MAX) },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    table: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    open: { type: 'boolean', default: false },
  },
});
const [runs, first, jobs] = [values.runs, values.seed, values.jobs].map(Number);
if (
  runs === undefined ||
  first === undefined ||
  jobs === undefined ||
  ![runs, first, jobs].every((number) => Number.isInteger(number) && number > 0)
) {
  console.error('--runs, --seed and --jobs take numbers above 0');
  process.exit(2);
}
const wanted = (values.open ? OPEN : MUTATIONS).filter(
  ({ name }) => values.only === undefined || values.only.some((part) => name.includes(part)),
);
if (wanted.length === 0) {
  console.error('no mutation has such a name');
  process.exit(2);
}
if (values.list) {
  for (const { name, file, breaks } of wanted) console.log(`${name.padEnd(36)} src/${file}: ${breaks}`);
  process.exit(0);
}

const started = Date.now();
const hunter = new Hunter();
const rows = new Map<Mutation, Row>();
const broken: string[] = [];

async function one(mutation: Mutation): Promise<void> {
  try {
    const found = await hunter.find(mutation, first ?? 1, runs ?? RUNS_MAX);
    rows.set(mutation, { mutation, found });
    console.log(
      found === undefined
        ? `NOT FOUND  ${mutation.name} (${runs} runs)`
        : `found      ${mutation.name}: seed ${found.seed}, run ${found.runs}, ${checkerOf(found.complaint)}`,
    );
  } catch (error) {
    broken.push(`${mutation.name}: ${error instanceof Error ? error.message : String(error)}`);
    console.log(`BROKEN     ${broken.at(-1)}`);
  }
}

const waiting = [...wanted];
async function worker(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await one(next);
}
await Promise.all(Array.from({ length: jobs }, worker));

const most = Math.max(0, ...[...rows.values()].map(({ found }) => found?.runs ?? 0));
/** The program as it is, by the same seeds: what it is reproached with was no mutation's doing. */
const unmutated: Found | undefined = most === 0 ? undefined : await hunter.findUnmutated(first, most);
hunter.close();
if (unmutated !== undefined) console.log(`UNMUTATED  seed ${unmutated.seed}: ${unmutated.complaint}`);

const done = wanted.map((mutation) => rows.get(mutation)).filter((row) => row !== undefined);
const good = done.filter(({ found }) => found !== undefined).length;
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
const summary = `${good} of ${wanted.length} mutations found, ${unmutated === undefined ? `nothing in ${most} unmutated runs of the same seeds` : 'and something without any'}; ${minutes} minutes`;
console.log(`\n${textTable(done)}\n${summary}`);
if (values.table) writeFileSync(TABLE, writtenTable(done, summary));
process.exitCode = good === wanted.length && broken.length === 0 && unmutated === undefined ? 0 : 1;
