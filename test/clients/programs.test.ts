/** respawn and failfast on a clock of the test's own (directives 5, wire-protocol 10.6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderNote } from '../../src/base/notes.ts';
import { ProgramKeeper } from '../../src/clients/programs.ts';
import type { ClientProgram, ProgramId, ProgramOutcome } from '../../src/contracts/clients.ts';

const line = (command: string, failfast = false): ClientProgram => ({ user: 'nobody', command, failfast });

class Bench {
  at = 0;
  readonly lines: string[] = [];
  readonly alive = new Map<ProgramId, string>();
  readonly keeper: ProgramKeeper;

  constructor(...programs: ClientProgram[]) {
    this.keeper = new ProgramKeeper(
      {
        note: (code, facts = {}) => {
          const { level, text } = renderNote({ code, facts });
          assert.doesNotMatch(text, /\?/);
          this.lines.push(`${level}: ${text}`);
        },
        start: (id, { command }) => {
          assert.ok(!this.alive.has(id));
          assert.ok(![...this.alive.values()].includes(command), `${command} lives once`);
          this.alive.set(id, command);
          this.lines.push(`start ${command}`);
        },
        signal: (id, signal) => this.lines.push(`${signal} ${this.alive.get(id)}`),
        resetHost: (reason) => this.lines.push(`RESET ${reason}`),
      },
      programs,
    );
  }

  get now() {
    return { at: this.at, unixSeconds: 0, load: '' };
  }

  activate(): this {
    this.keeper.activate(this.now);
    return this;
  }

  ends(command: string, outcome: ProgramOutcome): void {
    const id = [...this.alive].find(([, name]) => name === command)?.[0];
    assert.ok(id !== undefined, `${command} lives`);
    this.alive.delete(id);
    this.keeper.ended(this.now, id, outcome);
  }

  exits(command: string, status = 0): void {
    this.ends(command, { kind: 'exited', status, pid: 7 });
  }

  wait(ms: number): void {
    const end = this.at + ms;
    for (let due = this.keeper.nextAlarm(); due !== undefined && due <= end; due = this.keeper.nextAlarm()) {
      this.at = Math.max(this.at, due);
      this.keeper.alarm(this.now);
    }
    this.at = end;
  }

  news(): string[] {
    return this.lines.splice(0);
  }
}

test('started in the order of the lines, not before the node is active, and only once', () => {
  const bench = new Bench(line('/a'), line('/b'));
  assert.deepEqual(bench.news(), []);
  bench.activate().activate();
  assert.deepEqual(bench.news(), ['start /a', 'start /b']);
});

test('a life of 30 s and more is followed at once by the next, a shorter one after a second', () => {
  const bench = new Bench(line('/a x')).activate();
  bench.wait(30_000);
  bench.news();
  bench.exits('/a x', 3);
  const told = ['WARN: Managed /a x process 7 exited with return code 3.', 'ERROR: Respawning client "/a x":'];
  assert.deepEqual(bench.news(), [...told, 'start /a x']);
  bench.wait(29_999);
  bench.exits('/a x', 3);
  assert.deepEqual(bench.news(), told);
  bench.wait(999);
  assert.deepEqual(bench.news(), []);
  bench.wait(1);
  assert.deepEqual(bench.news(), ['start /a x']);
});

test('an end of 0 is an end as well; a signal is told by number and name', () => {
  const bench = new Bench(line('/a')).activate();
  bench.news();
  bench.exits('/a', 0);
  assert.equal(bench.news()[1], 'ERROR: Respawning client "/a":');
  bench.wait(1000);
  bench.news();
  bench.ends('/a', { kind: 'killed', signal: 'SIGKILL', pid: 7 });
  assert.equal(bench.news()[0], 'WARN: Managed /a process 7 killed by signal 9 [SIGKILL - Kill, unblockable].');
});

test('100 means: not again', () => {
  const bench = new Bench(line('/a')).activate();
  bench.news();
  bench.exits('/a', 100);
  bench.wait(100_000);
  assert.deepEqual(bench.news(), ['WARN: Managed /a process 7 exited with return code 100.']);
  assert.ok(bench.keeper.idle);
});

test('the 11th short life in a row is the last; a long one in between starts the count anew', () => {
  const bench = new Bench(line('/a')).activate();
  const shortLives = (count: number) => {
    for (let life = 0; life < count; life += 1) {
      bench.exits('/a', 1);
      bench.wait(1000);
    }
  };
  shortLives(10);
  bench.wait(30_000);
  bench.exits('/a', 1);
  shortLives(10);
  assert.equal(bench.alive.size, 1);
  bench.news();
  bench.exits('/a', 1);
  bench.wait(100_000);
  assert.deepEqual(bench.news(), ['WARN: Managed /a process 7 exited with return code 1.', 'ERROR: Client /a "respawning too fast"']);
  assert.equal(bench.alive.size, 0);
});

test('what cannot be started at all is tried in the same way, with its reason', () => {
  const bench = new Bench(line('/a', true)).activate();
  bench.news();
  bench.ends('/a', { kind: 'notStarted', detail: 'no such user' });
  assert.deepEqual(bench.news(), ['ERROR: client "/a" cannot be started as nobody: no such user', 'ERROR: Respawning client "/a":']);
});

test('a stop ends one after another, the last first, and waits for each', () => {
  const bench = new Bench(line('/a'), line('/b'), line('/c'), line('/d')).activate();
  bench.exits('/c', 100);
  bench.exits('/b', 1);
  bench.news();
  bench.keeper.stop(bench.now);
  assert.deepEqual(bench.news(), ['info: client [/c] is not running.', 'info: client [/b] is not running.', 'SIGTERM /d']);
  bench.wait(5000);
  assert.deepEqual(bench.news(), []);
  bench.ends('/d', { kind: 'killed', signal: 'SIGTERM', pid: 7 });
  assert.deepEqual(bench.news(), ['SIGTERM /a']);
  assert.ok(!bench.keeper.idle);
  bench.exits('/a', 4);
  assert.deepEqual(bench.news(), ['WARN: Managed /a process 7 exited with return code 4.']);
  assert.ok(bench.keeper.idle);
  bench.wait(100_000);
  bench.keeper.activate(bench.now);
  assert.deepEqual(bench.news(), []);
});

test('one that ends by itself while it waits for its turn in a stop is not started again', () => {
  const bench = new Bench(line('/a'), line('/b')).activate();
  bench.wait(40_000);
  bench.keeper.stop(bench.now);
  bench.exits('/a', 1);
  bench.ends('/b', { kind: 'killed', signal: 'SIGTERM' });
  assert.ok(bench.keeper.idle);
  bench.wait(60_000);
  assert.deepEqual([...bench.alive.values()], []);
});

test('one that does not go on SIGTERM gets SIGKILL after 30 s, and one that stands even then is left behind', () => {
  const bench = new Bench(line('/a'), line('/b')).activate();
  bench.keeper.stop(bench.now);
  bench.news();
  bench.wait(29_999);
  assert.deepEqual(bench.news(), []);
  bench.wait(1);
  assert.deepEqual(bench.news(), ['WARN: client "/b" has not ended on SIGTERM: it gets SIGKILL', 'SIGKILL /b']);
  bench.wait(3000);
  assert.deepEqual(bench.news(), ['WARN: client "/b" has not ended on SIGKILL: going on without it', 'SIGTERM /a']);
  bench.exits('/a');
  assert.ok(bench.keeper.idle);
});

test('a stop has an end however many hang', () => {
  const programs = Array.from({ length: 50 }, (_, at) => line(`/p${at}`));
  const bench = new Bench(...programs).activate();
  bench.keeper.stop(bench.now);
  bench.wait(60_000 + 50 * 4000);
  assert.ok(bench.keeper.idle);
});

test('failfast: an end that is no clean one takes the host down, at a stop it does not', () => {
  const outcomes: [ProgramOutcome, boolean][] = [
    [{ kind: 'exited', status: 0, pid: 7 }, false],
    [{ kind: 'exited', status: 1, pid: 7 }, true],
    [{ kind: 'killed', signal: 'SIGTERM', pid: 7 }, true],
  ];
  for (const [outcome, resets] of outcomes) {
    const bench = new Bench(line('/a', true)).activate();
    bench.ends('/a', outcome);
    const told = bench.news();
    assert.equal(told.includes('RESET /a'), resets);
    assert.equal(told.includes('EMERG: Rebooting system.  Reason: /a'), resets);
  }
  const bench = new Bench(line('/a', true)).activate();
  bench.keeper.stop(bench.now);
  bench.exits('/a', 1);
  assert.ok(!bench.news().includes('RESET /a'));
});

test('a reload starts what is new, ends what is gone, and leaves the rest alone, given-up ones included', () => {
  const bench = new Bench(line('/a'), line('/b'), line('/c')).activate();
  bench.exits('/c', 100);
  bench.news();
  bench.keeper.configure(bench.now, [line('/c'), line('/d'), line('/a')]);
  assert.deepEqual(bench.news(), ['SIGTERM /b', 'start /d']);
  bench.exits('/b', 0);
  bench.wait(100_000);
  assert.deepEqual(bench.news(), []);
  bench.keeper.stop(bench.now);
  // The order is that of the new lines.
  assert.deepEqual(bench.news(), ['info: client [/c] is not running.', 'SIGTERM /a']);
  bench.keeper.configure(bench.now, []);
  bench.exits('/a');
  assert.deepEqual(bench.news(), ['SIGTERM /d']);
  assert.ok(!bench.keeper.idle);
});

test('a line that was taken out and is back begins anew when its old life has ended', () => {
  const bench = new Bench(line('/a')).activate();
  bench.keeper.configure(bench.now, []);
  bench.news();
  bench.keeper.configure(bench.now, [line('/a')]);
  assert.deepEqual(bench.news(), []);
  bench.exits('/a');
  assert.deepEqual(bench.news(), ['start /a']);
  bench.keeper.configure(bench.now, []);
  bench.keeper.configure(bench.now, [line('/a')]);
  bench.keeper.stop(bench.now);
  bench.news();
  bench.exits('/a');
  assert.deepEqual(bench.news(), []);
  assert.ok(bench.keeper.idle);
});

test('a reload before the node is active starts nothing', () => {
  const bench = new Bench(line('/a'));
  bench.keeper.configure(bench.now, [line('/b')]);
  assert.deepEqual(bench.news(), []);
  bench.activate();
  assert.deepEqual(bench.news(), ['start /b']);
});

test('a removed one that is still ending is waited for by a stop', () => {
  const bench = new Bench(line('/a')).activate();
  bench.keeper.configure(bench.now, []);
  bench.keeper.stop(bench.now);
  assert.ok(!bench.keeper.idle);
  bench.exits('/a');
  assert.ok(bench.keeper.idle);
});

test('the same line twice is two programs', () => {
  const keeper = new ProgramKeeper(
    { note: () => undefined, start: () => (started += 1), signal: () => undefined, resetHost: () => undefined },
    [line('/a'), line('/a')],
  );
  let started = 0;
  keeper.activate({ at: 0, unixSeconds: 0, load: '' });
  assert.equal(started, 2);
});
