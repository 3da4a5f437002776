/** hb_epochs on a real disk: the last text counts, a missing or odd file is none, a failure is told once. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readEpochs, withEpochs } from '../../src/os/epoch-file.ts';
import { createStore } from '../../src/os/store.ts';
import { until } from '../hosts/run.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'hb-epochs-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('of many writes in a row the last is on the disk in the end', async (t) => {
  const file = join(folder(t), 'hb_epochs');
  const told: string[] = [];
  const store = withEpochs(createStore({}), file, ({ detail }) => void told.push(detail));
  for (let round = 0; round <= 100; round += 1) store.keepEpochs?.(`round ${round}`);
  await until('the last text is written', 5000, async () => (readEpochs(file) === 'round 100' ? true : undefined), 5);
  assert.deepEqual([store.busy(), told], [false, []]);
  assert.equal(readFileSync(file, 'latin1'), 'round 100');
});

test('what is missing, a folder, or longer than it may be', (t) => {
  const dir = folder(t);
  assert.equal(readEpochs(join(dir, 'none')), undefined);
  mkdirSync(join(dir, 'sub'));
  assert.equal(readEpochs(join(dir, 'sub')), undefined);
  writeFileSync(join(dir, 'long'), 'x'.repeat(200_000));
  assert.equal(readEpochs(join(dir, 'long'))?.length, 64 * 1024);
});

test('a disk that takes nothing is told once and holds nothing up', async (t) => {
  const told: string[] = [];
  const store = withEpochs(createStore({}), join(folder(t), 'gone', 'hb_epochs'), ({ detail }) => void told.push(detail));
  store.keepEpochs?.('one');
  await until('the failure is told', 5000, async () => (told.length > 0 ? true : undefined), 5);
  store.keepEpochs?.('two');
  for (let turn = 0; turn < 50; turn += 1) await new Promise((done) => setImmediate(done));
  assert.equal(told.length, 1);
});
