import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { LogFile, type LogFileLimits, type LogFs } from '../../src/daemon/log-file.ts';

/** A disk whose answers come when the test says so, and never otherwise. */
class FakeDisk implements LogFs {
  written = '';
  readonly waiting: (() => void)[] = [];
  opens = 0;
  mostInFlight = 0;
  failWith: Error | null = null;
  inode = 1;
  shortWrites = false;

  #answer(done: () => void): void {
    this.waiting.push(done);
    this.mostInFlight = Math.max(this.mostInFlight, this.waiting.length);
  }

  /** Lets everything under way end, and what follows from it, at most `rounds` times. */
  run(rounds = 1000): void {
    for (let round = 0; round < rounds && this.waiting.length > 0; round += 1) this.waiting.shift()?.();
  }

  open(_path: string, _flags: string, _mode: number, done: (error: Error | null, fd: number) => void): void {
    this.opens += 1;
    const error = this.failWith;
    this.#answer(() => done(error, error === null ? 7 : -1));
  }
  write(_fd: number, bytes: Uint8Array, _o: number, length: number, _p: null, done: (error: Error | null, written: number) => void): void {
    const error = this.failWith;
    const count = this.shortWrites && length > 3 ? 3 : length;
    this.#answer(() => {
      if (error === null) this.written += Buffer.from(bytes.subarray(0, count)).toString();
      done(error, error === null ? count : 0);
    });
  }
  close(_fd: number, done: (error?: Error | null) => void): void {
    this.#answer(() => done(null));
  }
  stat(_path: string, done: (error: Error | null, stats: { ino: number; dev: number }) => void): void {
    this.#answer(() => done(null, { ino: this.inode, dev: 1 }));
  }
  fstat(_fd: number, done: (error: Error | null, stats: { ino: number; dev: number }) => void): void {
    this.#answer(() => done(null, { ino: 1, dev: 1 }));
  }
  openSync(): number {
    return 8;
  }
  writeSync(_fd: number, bytes: Uint8Array): number {
    this.written += Buffer.from(bytes).toString();
    return bytes.length;
  }
}

function make(disk: LogFs, limits: Partial<LogFileLimits> = {}, file = '/log/ha-log') {
  const time = { at: 0, alarms: [] as (() => void)[] };
  const log = new LogFile({
    path: file,
    fs: disk,
    clock: () => time.at,
    later: (_ms, ring) => time.alarms.push(ring),
    droppedLine: (count) => `lost ${count}`,
    rotatedLine: (name) => `rotated ${name}`,
    limits,
  });
  return { log, time };
}

test('lines reach the file in order, one operation at a time', () => {
  const disk = new FakeDisk();
  const { log } = make(disk);
  for (const line of ['a', 'b', 'c']) log.write(line);
  disk.run();
  assert.equal(disk.written, 'a\nb\nc\n');
  assert.equal(disk.mostInFlight, 1);
  assert.equal(disk.opens, 1);
});

test('a disk that never answers holds one operation, a bounded queue and a count', () => {
  const disk = new FakeDisk();
  const { log } = make(disk, { linesMax: 100, bytesMax: 1000 });
  for (let n = 0; n < 50_000; n += 1) log.write(`line ${n}`);
  assert.equal(disk.waiting.length, 1);
  assert.ok(log.queuedLines <= 100);
  assert.ok(log.queuedBytes <= 1000);
  assert.equal(log.dropped + log.queuedLines, 50_000);
  for (let n = 0; n < 10; n += 1) {
    log.reopen();
    log.checkRotation();
  }
  assert.equal(disk.waiting.length, 1);
  disk.run();
  assert.match(disk.written, /^line 0\n/);
  assert.match(disk.written, /\nlost \d+\n$/);
  assert.equal(disk.mostInFlight, 1);
});

test('the bytes are bounded also when the lines are few', () => {
  const disk = new FakeDisk();
  const { log } = make(disk, { linesMax: 100, bytesMax: 1000 });
  for (let n = 0; n < 50; n += 1) log.write('x'.repeat(99));
  assert.equal(log.queuedBytes, 1000);
  assert.equal(log.dropped, 40);
});

test('a short write is finished before the next line', () => {
  const disk = new FakeDisk();
  disk.shortWrites = true;
  const { log } = make(disk);
  log.write('0123456789');
  log.write('abc');
  disk.run();
  assert.equal(disk.written, '0123456789\nabc\n');
});

test('a refused write is tried again later, on the file opened anew, and loses nothing', () => {
  const disk = new FakeDisk();
  const { log, time } = make(disk);
  log.write('one');
  disk.run();
  disk.failWith = new Error('ENOSPC');
  log.write('two');
  disk.run();
  assert.equal(log.failure, 'ENOSPC');
  log.write('three');
  assert.equal(disk.waiting.length, 0);
  disk.failWith = null;
  time.alarms.shift()?.();
  disk.run();
  assert.equal(disk.written, 'one\ntwo\nthree\n');
  assert.equal(disk.opens, 2);
});

test('a fatal exit writes what waits, but does not wait for a disk that stands still', () => {
  const disk = new FakeDisk();
  const { log, time } = make(disk, { stallMs: 500 });
  log.write('a');
  disk.run();
  log.write('in flight');
  log.write('b');
  log.flushSync();
  assert.equal(disk.written, 'a\nb\n');
  log.write('c');
  time.at = 501;
  assert.equal(log.stalled, true);
  log.flushSync();
  assert.equal(disk.written, 'a\nb\n');
});

test('close calls back after the last line', () => {
  const disk = new FakeDisk();
  const { log } = make(disk);
  let closed = false;
  log.write('a');
  log.write('b');
  log.close(() => {
    closed = true;
  });
  assert.equal(closed, false);
  disk.run();
  assert.equal(closed, true);
  assert.equal(disk.written, 'a\nb\n');
  log.write('too late');
  assert.equal(disk.waiting.length, 0);
});

test('a renamed file is followed when its inode is seen to differ, with a line about it first', () => {
  const disk = new FakeDisk();
  const { log } = make(disk);
  log.write('a');
  disk.run();
  log.checkRotation();
  disk.run();
  assert.equal(disk.opens, 1);
  disk.inode = 2;
  log.checkRotation();
  disk.run();
  log.write('b');
  disk.run();
  assert.equal(disk.opens, 2);
  assert.equal(disk.written, 'a\nrotated /log/ha-log\nb\n');
});

test('on a real disk: reopen makes the file anew after a rename', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-log-'));
  const file = path.join(folder, 'ha-log');
  const { log } = make(fs, {}, file);
  const written = async (name: string, text: string): Promise<void> => {
    for (let tries = 0; tries < 2500; tries += 1) {
      if (fs.existsSync(name) && fs.readFileSync(name, 'utf8') === text) return;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.equal(fs.existsSync(name) ? fs.readFileSync(name, 'utf8') : '(absent)', text);
  };
  log.write('before');
  await written(file, 'before\n');
  fs.renameSync(file, `${file}.1`);
  log.reopen();
  log.write('after');
  await written(file, 'after\n');
  await written(`${file}.1`, 'before\n');
  await new Promise<void>((resolve) => log.close(resolve));
  fs.rmSync(folder, { recursive: true });
});
