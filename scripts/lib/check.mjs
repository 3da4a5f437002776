#!/usr/bin/env node
// Runs the stages named on the command line (default: all), prints the time of each against its budget, adds up the
// tests. A stage over its budget is a failure: slowness creeps in otherwise.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
process.chdir(root);
const bin = (name) => join('node_modules/.bin', name);
const scratch = mkdtempSync(join(tmpdir(), 'check-'));
const countsFile = join(scratch, 'counts');

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'vectors' ? [] : testFiles(path);
    return entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

function run(...argv) {
  const [file, ...args] = argv;
  const { status, error } = spawnSync(file, args, { stdio: 'inherit', env: { ...process.env, TEST_COUNTS: countsFile } });
  if (error) console.error(String(error));
  return status === 0;
}

function tests(files, atOnce) {
  if (files.length === 0) return true;
  const reporter = ['--test-reporter', './scripts/lib/reporter.mjs', '--test-reporter-destination', 'stdout'];
  return run(process.execPath, '--import', 'tsx', '--test', '--test-timeout=300000', `--test-concurrency=${atOnce}`, ...reporter, ...files);
}

/** What the hosts are laid over. Where it cannot be had, the live tests say so and are skipped. */
function makeTrees() {
  run('scripts/lib/test-root.sh');
  return true;
}

const all = testFiles('test');
// They hold heartbeats to their times, so nothing else runs beside them.
const PUNCTUAL = ['hundred-clients', 'slow-clients', 'restart', 'reload'].map((name) => `test/live/${name}.test.ts`);
const punctual = all.filter((name) => PUNCTUAL.includes(name));
const live = all.filter((name) => name.startsWith('test/live/') && !punctual.includes(name));
const sim = all.filter((name) => name.startsWith('test/sim/'));
const interop = all.filter((name) => name === 'test/interop/core.test.ts');
const unit = all.filter((name) => ![...live, ...punctual, ...sim, ...interop].includes(name));
// The longest first, so that the last to end is not alone.
const isLong = (name) => Number(/site-scripts|configuration-differential|mixed-/.test(name));
live.sort((one, two) => isLong(two) - isLong(one));

// Budgets in seconds on a new machine with 2 cores: about three times what the stage took when it was set.
const stages = [
  { name: 'build', budget: 30, act: () => run(process.execPath, 'scripts/lib/build.mjs') },
  { name: 'types', budget: 60, act: () => [run(bin('tsc'), '-p', '.'), run(bin('tsc'), '-p', 'src/tsconfig.pure.json')].every(Boolean) },
  {
    name: 'lint',
    budget: 30,
    act: () =>
      run(
        bin('biome'),
        'check',
        'src',
        'test',
        'scripts',
        ...readdirSync('.').filter((name) => name.endsWith('.json') && name !== 'package-lock.json'),
      ),
  },
  { name: 'unit', budget: 180, act: () => tests(unit, 2) },
  { name: 'simulation', budget: 300, act: () => tests(sim, 2) },
  { name: 'hosts', budget: 180, act: makeTrees },
  { name: 'live', budget: 600, act: () => tests(live, 3) },
  { name: 'interop', budget: 480, act: () => tests(interop, 1) },
  { name: 'punctual', budget: 300, act: () => tests(punctual, 1) },
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`no such stage: ${unknown.join(' ')} (${stages.map((stage) => stage.name).join(' ')})`);
  process.exit(2);
}

const rows = [];
let brokenStages = 0;
for (const stage of stages) {
  if (asked.length > 0 && !asked.includes(stage.name)) continue;
  console.log(`== ${stage.name}`);
  const before = counts();
  const started = process.hrtime.bigint();
  const good = stage.act();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const over = seconds > stage.budget;
  // Failed tests count by themselves; anything else that goes wrong counts once.
  if (!good && counts().failed === before.failed) brokenStages += 1;
  if (over) brokenStages += 1;
  rows.push({ name: stage.name, seconds, budget: stage.budget, word: over ? 'OVER BUDGET' : good ? 'ok' : 'FAILED' });
  if (!good && stage.name === 'build') break;
}

function counts() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  if (!existsSync(countsFile)) return sum;
  for (const line of readFileSync(countsFile, 'utf8').split('\n')) {
    if (line === '') continue;
    for (const [name, value] of Object.entries(JSON.parse(line))) sum[name] += value;
  }
  return sum;
}

console.log('\nstage          seconds   budget');
for (const { name, seconds, budget, word } of rows) {
  console.log(`${name.padEnd(12)} ${seconds.toFixed(1).padStart(9)} ${String(budget).padStart(8)}   ${word}`);
}
const { passed, failed, skipped } = counts();
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed + brokenStages} failed, ${skipped} skipped`);
process.exitCode = failed + brokenStages > 0 ? 1 : 0;
