/** `restartAsked`: when the engine ends with `restart`, what it hands on, and what it says meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { group } from '../resources/support.ts';
import { pair, Rig, testConfig } from './support.ts';

const restarts = (rig: Rig) => rig.effects.filter((effect) => effect.kind === 'restart');

test('at rest it comes in the same step, with the set and the definitions that run, and without a word', () => {
  const { rig } = pair();
  const changed = group('n2', 'IPaddr::10.77.0.101', 'web');
  rig.give({ kind: 'configured', config: testConfig({ groups: [group('n1', 'IPaddr::10.77.0.100'), changed] }) });
  rig.forget();
  rig.give({ kind: 'restartAsked' });
  const [restart] = restarts(rig);
  assert.equal(restart?.held, 'local');
  assert.deepEqual(
    restart?.running.map(({ resources }) => resources.map(({ word }) => word)),
    [['IPaddr::10.77.0.101']],
    'it runs by the old definition',
  );
  assert.deepEqual(rig.sent, []);
});

test('while a hand-over is under way it waits, told once and then each minute, and comes when it is over', () => {
  const { rig, peer } = pair();
  const obedient = rig.scripts;
  rig.scripts = (job, running) =>
    job.action === 'stop' ? { kind: 'exited', status: 1, output: '', path: '/ha/x' } : obedient(job, running);
  assert.deepEqual(rig.command({ name: 'standby', set: 'local' }), { ok: true });
  rig.hear(
    peer.frame('ask_resources', [
      ['rsc_hold', 'local'],
      ['info', 'other'],
    ]),
  );
  const told = () => rig.codes().filter((code) => code === 'restartDelayed').length;
  const beats = (from: number, to: number) => {
    for (let second = from; second < to; second += 1) {
      rig.wait(1000);
      rig.hear(peer.status('active'));
    }
  };
  for (let times = 0; times < 3; times += 1) rig.give({ kind: 'restartAsked' });
  assert.equal(told(), 1);
  beats(0, 61);
  assert.equal(told(), 2);
  rig.scripts = obedient;
  beats(61, 75);
  assert.deepEqual(restarts(rig), [], 'the peer has not said that it has taken');
  rig.hear(
    peer.frame('ask_resources', [
      ['rsc_hold', 'local'],
      ['info', 'done'],
    ]),
  );
  assert.deepEqual(
    restarts(rig).map(({ held, running }) => [held, running.length]),
    [['none', 0]],
  );
});

test('a stop that was asked for wins', () => {
  const { rig } = pair();
  rig.give({ kind: 'stopAsked' });
  rig.give({ kind: 'restartAsked' });
  rig.wait(5000);
  assert.deepEqual(restarts(rig), []);
  assert.equal(rig.exitStatus, 0);
});

test('a node that is not up yet hands on what it was handed', () => {
  const running = [group('n2', 'IPaddr::10.77.0.101')];
  const rig = new Rig({}, 900, 0, undefined, undefined, undefined, { set: 'local', running }).start();
  rig.give({ kind: 'restartAsked' });
  assert.deepEqual(
    restarts(rig).map(({ held }) => held),
    ['local'],
  );
});

test('nothing before the generation is on the disk: the next life counts from it', () => {
  const rig = new Rig();
  rig.savesAtOnce = false;
  rig.start();
  rig.give({ kind: 'restartAsked' });
  assert.deepEqual(restarts(rig), []);
  rig.give({ kind: 'saved' });
  assert.equal(restarts(rig).length, 1);
});
