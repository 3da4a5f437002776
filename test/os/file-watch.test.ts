import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { type FileStats, type FileWatchParts, watchFile } from '../../src/os/file-watch.ts';

const state = (ino: number, size = 10, mtime = 1): FileStats => ({ ino: BigInt(ino), dev: 1n, size: BigInt(size), mtimeNs: BigInt(mtime) });

/** A file system that is told what to answer, and a clock that is moved by hand. */
function setup() {
  let look: () => void = () => undefined;
  let running = true;
  let answers: ((error: unknown, stats: FileStats | undefined) => void)[] = [];
  const parts: FileWatchParts = {
    every(_ms, job) {
      look = job;
      return () => {
        running = false;
      };
    },
    stat: (_file, done) => void answers.push(done),
  };
  let changes = 0;
  const stop = watchFile('/etc/ha.d/haresources', () => (changes += 1), parts);
  const answer = (stats: FileStats | undefined): void => {
    const [done, ...rest] = answers;
    answers = rest;
    done?.(stats === undefined ? new Error('ENOENT') : null, stats);
  };
  return {
    stop,
    answer,
    look: () => look(),
    pending: () => answers.length,
    changes: () => changes,
    running: () => running,
    /** Looks that find these, one after the other; how often `changed` was called by them. */
    see(...states: readonly (FileStats | undefined)[]): number {
      const before = changes;
      for (const stats of states) {
        look();
        answer(stats);
      }
      return changes - before;
    },
  };
}

test('each new state is told once, when two looks in a row have found it', () => {
  const { see } = setup();
  assert.equal(see(state(1)), 0);
  assert.equal(see(state(1)), 1, 'the first state: nobody knows what was read before');
  assert.equal(see(state(1), state(1), state(1)), 0);
  assert.equal(see(state(1, 20)), 0);
  assert.equal(see(state(1, 20)), 1, 'another size');
  assert.equal(see(state(2, 20), state(2, 20)), 1, 'another file under the name');
  assert.equal(see(state(2, 20, 5), state(2, 20, 5)), 1, 'another time');
});

test('a file that is still being written waits', () => {
  const { see } = setup();
  see(state(1), state(1));
  assert.equal(see(state(1, 20), state(1, 30), state(1, 40), state(1, 50)), 0);
  assert.equal(see(state(1, 50)), 1);
});

test('a moment without the file, and one that comes back as it was, are nothing new', () => {
  const { see } = setup();
  see(state(1), state(1));
  assert.equal(see(undefined, state(1), state(1)), 0);
  assert.equal(see(undefined, undefined), 1, 'gone for good');
  assert.equal(see(undefined), 0);
  assert.equal(see(state(1), state(1)), 1);
});

test('a file system that gives no answer is asked once', () => {
  const { look, answer, pending, changes } = setup();
  look();
  look();
  look();
  assert.equal(pending(), 1);
  answer(state(1));
  look();
  assert.equal(pending(), 1);
  answer(state(1));
  assert.equal(changes(), 1);
});

test('nothing is told after the end', () => {
  const { see, look, answer, stop, changes, running } = setup();
  see(state(1));
  look();
  stop();
  answer(state(1));
  assert.deepEqual([changes(), running()], [0, false]);
});

test('a real file that an editor renames into its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hb-watch-'));
  const file = join(folder, 'haresources');
  writeFileSync(file, 'one');
  const told: (() => void)[] = [];
  const next = (): Promise<void> => new Promise((resolve) => told.push(resolve));
  const first = next();
  const stop = watchFile(file, () => told.shift()?.(), undefined, 5);
  // The timers of the watch keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  try {
    await first;
    const second = next();
    writeFileSync(`${file}.new`, 'two');
    renameSync(`${file}.new`, file);
    await second;
    const third = next();
    rmSync(file);
    await third;
  } finally {
    clearInterval(alive);
    stop();
    rmSync(folder, { recursive: true });
  }
});
