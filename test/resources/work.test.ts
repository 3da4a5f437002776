/** How groups are started and stopped, script by script (haresources 3 to 6). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScriptOutcome } from '../../src/contracts/host.ts';
import { GroupWork } from '../../src/resources/work.ts';
import { at, exited, FakePort, group } from './support.ts';

const ABC = group('n1', 'A', 'B::x::y', 'C');
const ADDRESS = group('n1', 'IPaddr::10.0.0.1/24/eth0', 'web');

function bench(stopRetryMax = 10) {
  const port = new FakePort();
  const work = new GroupWork(port, stopRetryMax);
  const ended: string[] = [];
  const failed: string[] = [];
  const take = (groups = [ABC], wanted: () => boolean = () => true) =>
    work.take(at(0), groups, { wanted, failed: (_, entry) => failed.push(entry.key) }, () => ended.push('take'));
  const give = (groups = [ABC]) => work.give(at(0), groups, () => ended.push('give'));
  return { port, work, take, give, ended, failed };
}

const fails =
  (word: string, action: string, outcome: ScriptOutcome = exited(1)) =>
  (job: { script: string; action: string }) =>
    job.script === word && job.action === action ? outcome : undefined;

/** Rings the retry alarms until there is none, or `limit` have rung. Answers the times at which they did. */
function ringAll({ port, work }: ReturnType<typeof bench>, limit = 50): number[] {
  const times: number[] = [];
  for (let due = work.nextAlarm(); due !== undefined && times.length < limit; due = work.nextAlarm()) {
    times.push(due);
    work.alarm(at(due));
    port.endAll(at(due));
  }
  return times;
}

test('a group is started left to right, each resource after its status, with the words of its line', () => {
  const { port, work, take, ended } = bench();
  take();
  assert.equal(work.state(ABC), 'starting');
  assert.equal(work.busy, true);
  const seen: string[] = [];
  while (port.pending !== undefined) {
    seen.push([port.pending.script, ...port.pending.args, port.pending.action].join(' '));
    port.end(at(1));
  }
  assert.deepEqual(seen, ['A status', 'A start', 'B x y status', 'B x y start', 'C status', 'C start']);
  assert.equal(work.state(ABC), 'running');
  assert.equal(work.busy, false);
  assert.deepEqual(ended, ['take']);
});

test('a group is stopped right to left, without a status before', () => {
  const { port, work, take, give, ended } = bench();
  take();
  port.endAll(at(1));
  port.news();
  give();
  assert.equal(work.state(ABC), 'stopping');
  port.endAll(at(2));
  assert.deepEqual(port.news(), ['stop C', 'stop B::x::y', 'stop A']);
  assert.equal(work.state(ABC), 'stopped');
  assert.deepEqual(ended, ['take', 'give']);
});

test('what its status calls running is not started again, whatever the exit status says', () => {
  const { port, take } = bench();
  port.twist = (job) => (job.action === 'status' && job.script === 'B' ? exited(3, 'B is running') : undefined);
  take();
  port.endAll(at(1));
  assert.deepEqual(port.news(), ['start A', 'start C']);
});

test('a status that exits with 0 and says nothing counts as not running', () => {
  const { port, take } = bench();
  port.twist = (job) => (job.action === 'status' ? exited(0, '') : undefined);
  take();
  port.endAll(at(1));
  assert.deepEqual(port.news(), ['start A', 'start B::x::y', 'start C']);
});

test('a group that runs is left alone by a second take', () => {
  const { port, take, ended } = bench();
  take();
  port.endAll(at(1));
  port.news();
  take();
  assert.equal(port.pending, undefined);
  assert.deepEqual(ended, ['take', 'take']);
});

for (const [name, outcome, code] of [
  ['exits with 1', exited(1), 'scriptFailed'],
  ['is killed', { kind: 'killed', signal: 'SIGSEGV', path: '/ha/B' }, 'scriptKilled'],
  ['is not there', { kind: 'notFound' }, 'scriptNotFound'],
  ['cannot be run', { kind: 'notStarted', fault: { code: 'EACCES', detail: 'permission denied' } }, 'scriptNotStarted'],
] as const) {
  test(`a start that ${name} gives the whole group up, resources never started included`, () => {
    const { port, work, take, ended, failed } = bench();
    port.twist = fails('B', 'start', outcome);
    take();
    port.endAll(at(1));
    assert.deepEqual(port.news(), ['start A', 'start B::x::y', 'stop C', 'stop B::x::y', 'stop A']);
    assert.equal(work.state(ABC), 'failed');
    assert.equal(work.mayRun(ABC), false);
    assert.ok(port.codes().includes(code));
    assert.deepEqual(port.notes.find((entry) => entry.code === 'startFailure')?.facts, { word: 'B::x::y' });
    assert.deepEqual([failed, ended], [['A'], ['take']]);
  });
}

test('a failed start is not tried again by itself, but by the next take', () => {
  const { port, work, take } = bench();
  port.twist = fails('B', 'start');
  take();
  port.endAll(at(1));
  assert.equal(work.nextAlarm(), undefined);
  port.twist = () => undefined;
  take();
  port.endAll(at(2));
  assert.equal(work.state(ABC), 'running');
});

test('after a failed group the others are still started', () => {
  const { port, work, take } = bench();
  const other = group('n1', 'other');
  port.twist = fails('A', 'start');
  take([ABC, other]);
  port.endAll(at(1));
  assert.equal(work.state(ABC), 'failed');
  assert.equal(work.state(other), 'running');
});

test('groups go one after another in the order given, to start and to stop', () => {
  const { port, take, give } = bench();
  const groups = [group('n1', 'a', 'b'), group('n2', 'c', 'd')];
  take(groups);
  port.endAll(at(1));
  give(groups);
  port.endAll(at(2));
  assert.deepEqual(port.news(), ['start a', 'start b', 'start c', 'start d', 'stop b', 'stop a', 'stop d', 'stop c']);
});

test('a failed stop is tried again after 1 s, STOPRETRYMAX times, and then its status decides', () => {
  for (const most of [1, 3, 10]) {
    const setup = bench(most);
    const { port, work, give, ended } = setup;
    port.twist = fails('B', 'stop');
    give();
    port.endAll(at(0));
    assert.deepEqual(
      ringAll(setup),
      Array.from({ length: most }, (_, index) => (index + 1) * 1000),
    );
    const stops = port.news().filter((line) => line === 'stop B::x::y');
    assert.equal(stops.length, 1 + most);
    assert.deepEqual(port.codes().slice(-3), ['stopNotLsb', 'stopMustSucceed', 'rebootAvoided'], 'it does not run: narrowly avoided');
    assert.deepEqual(port.resets, []);
    assert.equal(work.state(ABC), 'stopped');
    assert.deepEqual(ended, ['give']);
  }
});

test('a stop that fails while its status says running resets the host and holds the group', () => {
  const setup = bench(2);
  const { port, work, give, ended } = setup;
  port.twist = (job) => (job.script === 'B' ? (job.action === 'status' ? exited(0, 'running') : exited(1)) : undefined);
  give();
  port.endAll(at(0));
  const times = ringAll(setup, 2);
  assert.deepEqual(times, [1000, 2000]);
  assert.ok(port.codes().includes('stopFatal'));
  assert.equal(port.resets.length, 1);
  assert.match(port.resets[0] ?? '', /B::x::y/);
  assert.equal(work.state(ABC), 'stopFailed');
  assert.equal(work.mayRun(ABC), true, 'never given away while it may run');
  assert.deepEqual(ended, [], 'the group is held');
  assert.ok(!port.lines.includes('stop A'), 'what lies to its left stays as it is');

  // The host did not go down: tried again later, and once it stops all goes on.
  const again = work.nextAlarm() ?? 0;
  assert.ok(again >= 5000, 'at a slow pace');
  port.twist = () => undefined;
  work.alarm(at(again));
  port.endAll(at(again));
  assert.equal(port.lines.at(-1), 'stop A');
  assert.equal(work.state(ABC), 'stopped');
  assert.deepEqual(ended, ['give']);
});

test('a group whose stop failed for good asks for the reset again with each later failure', () => {
  const setup = bench(1);
  const { port } = setup;
  port.twist = (job) => (job.script === 'C' ? (job.action === 'status' ? exited(0, 'OK') : exited(1)) : undefined);
  setup.give();
  port.endAll(at(0));
  ringAll(setup, 3);
  assert.equal(port.resets.length, 3);
});

test('STOPRETRYMAX 0 or less: a failed stop is tried for ever, the host is never reset', () => {
  for (const most of [0, -1]) {
    const setup = bench(most);
    const { port, give } = setup;
    port.twist = fails('C', 'stop');
    give();
    port.endAll(at(0));
    assert.equal(ringAll(setup, 40).length, 40);
    assert.deepEqual(port.resets, []);
    assert.ok(!port.codes().includes('stopFatal'));
  }
});

test('a stop without its script is over at once: asking again changes nothing', () => {
  const { port, work, give, ended } = bench();
  port.twist = (job) => (job.script === 'B' ? { kind: 'notFound' } : undefined);
  give();
  port.endAll(at(0));
  assert.equal(work.nextAlarm(), undefined);
  assert.deepEqual(ended, ['give']);
  assert.deepEqual(port.news(), ['stop C', 'stop B::x::y', 'stop A']);
});

test('a claim that falls while a script runs: the next resource is not started, and the stop undoes what was', () => {
  const { port, work, take, give } = bench();
  let wanted = true;
  take([ABC], () => wanted);
  port.end(at(1));
  assert.equal(port.pending?.action, 'start');
  wanted = false;
  give();
  port.endAll(at(2));
  assert.deepEqual(port.news(), ['start A', 'stop C', 'stop B::x::y', 'stop A']);
  assert.equal(work.state(ABC), 'stopped');
});

test('a group that is not wanted when its turn comes is not touched', () => {
  const { port, work, take, ended } = bench();
  take([ABC], () => false);
  assert.equal(port.pending, undefined);
  assert.equal(work.state(ABC), 'stopped');
  assert.deepEqual(ended, ['take']);
});

test('the probe asks the first resource of each group and marks those that run', () => {
  const { port, work, take } = bench();
  const other = group('n2', 'other', 'more');
  port.running.add('other');
  const asked: string[] = [];
  port.twist = (job) => {
    asked.push(`${job.script} ${job.action}`);
    return undefined;
  };
  work.probe(at(0), [ABC, other], () => asked.push('end'));
  port.endAll(at(1));
  assert.deepEqual(asked, ['A status', 'other status', 'end']);
  assert.deepEqual([work.mayRun(ABC), work.mayRun(other)], [false, true]);
  assert.deepEqual(port.notes.find(({ code }) => code === 'activeAtStart')?.facts, { word: 'other' });
  // A left-over address does not make the services to its right seem to run (haresources 4 has 3.0.6 do that).
  take([other]);
  port.endAll(at(2));
  assert.deepEqual(port.news(), ['start more']);
});

test('the sweep calls each stop once, right to left, whatever comes of it', () => {
  const { port, work } = bench();
  port.twist = () => exited(1);
  const ended: string[] = [];
  work.sweep(at(0), [ABC], () => ended.push('sweep'));
  port.endAll(at(1));
  assert.deepEqual(port.news(), ['stop C', 'stop B::x::y', 'stop A']);
  assert.deepEqual([ended, work.nextAlarm(), port.resets], [['sweep'], undefined, []]);
  assert.equal(work.state(ABC), 'stopped');
});

test('an address is announced when it is up, and silenced before it is taken down', () => {
  const { port, take, give } = bench();
  take([ADDRESS]);
  port.endAll(at(1));
  assert.deepEqual(port.news(), ['start IPaddr::10.0.0.1/24/eth0', 'announce 10.0.0.1', 'start web']);
  give([ADDRESS]);
  port.endAll(at(2));
  assert.deepEqual(port.news(), ['stop web', 'silence 10.0.0.1', 'stop IPaddr::10.0.0.1/24/eth0']);
});

test('an address found already up is announced as well', () => {
  const { port, take } = bench();
  port.running.add('IPaddr::10.0.0.1/24/eth0');
  take([ADDRESS]);
  port.endAll(at(1));
  assert.deepEqual(port.news(), ['announce 10.0.0.1', 'start web']);
});

test('an address whose start failed is not announced, and silenced', () => {
  const { port, take } = bench();
  port.twist = fails('IPaddr', 'start');
  take([ADDRESS]);
  port.endAll(at(1));
  assert.ok(!port.lines.some((line) => line.startsWith('announce')));
  assert.ok(port.lines.includes('silence 10.0.0.1'));
});

test('announce() repeats the addresses of running groups alone', () => {
  const { port, work, take } = bench();
  const other = group('n2', 'IPaddr2::10.0.0.9');
  take([ADDRESS]);
  port.endAll(at(1));
  port.news();
  work.announce([ADDRESS, other]);
  assert.deepEqual(port.news(), ['announce 10.0.0.1']);
});

test('work is queued: each piece reports when it is over, and the next begins after it', () => {
  const { port, take, give, ended, work } = bench();
  take();
  give();
  take();
  port.endAll(at(1));
  assert.deepEqual(ended, ['take', 'give', 'take']);
  assert.equal(work.state(ABC), 'running');
});

test('busy is false inside the report of the last piece of work', () => {
  const { port, work } = bench();
  const seen: boolean[] = [];
  work.take(at(0), [ABC], { wanted: () => true, failed: () => undefined }, () => seen.push(work.busy));
  port.endAll(at(1));
  assert.deepEqual(seen, [false]);
});

test('an empty group and an empty list come to their end at once', () => {
  const { port, work, take, give, ended } = bench();
  const empty = group('n1');
  take([empty]);
  take([]);
  give([empty]);
  assert.deepEqual(ended, ['take', 'take', 'give']);
  assert.equal(port.pending, undefined);
  assert.equal(work.state(empty), 'stopped');
});

test('an alarm that rings too early does nothing', () => {
  const { port, work, give } = bench();
  port.twist = fails('C', 'stop');
  give();
  port.endAll(at(0));
  work.alarm(at(999));
  assert.equal(port.pending, undefined);
  assert.equal(work.nextAlarm(), 1000);
});
