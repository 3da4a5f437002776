/**
 * Captured 3.0.6 nodes on the other side: what one of them said is played into our engine. It cannot react to us,
 * so these tests hold our reactions against its part of the story, not against the bytes of the node replaced.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vectorNames } from '../protocol/vectors.ts';
import { GROUPS, type NodeName, Replay } from './replay.ts';

const SPEAKERS: readonly NodeName[] = ['n1', 'n2'];

/** Files in which the other side cannot be read on purpose, or says nothing. */
const UNHEARD = new Set(['wrong-key n1', 'wrong-key n2', 'standby-timeout n2']);

for (const vector of vectorNames) {
  for (const speaker of SPEAKERS) {
    test(`${vector}, ${speaker} speaks: understood to the end, without a refusal`, () => {
      const replay = new Replay({ vector, speaker });
      let active = false;
      for (let ms = 0; ms <= 60_000; ms += 500) {
        replay.to(ms);
        active ||= replay.peer.status === 'active';
      }
      replay.toEnd();
      if (UNHEARD.has(`${vector} ${speaker}`)) return;
      const { counters } = replay.rig.status;
      assert.deepEqual(
        Object.keys(counters).filter((code) => code !== 'replay' && code !== 'rexmitTooHigh'),
        [],
        JSON.stringify(counters),
      );
      assert.ok(active, 'it was seen active');
      assert.equal(replay.peer.heartbeatd, false);
      // One number in ten is: whoever says less may go without.
      if (replay.highest >= 10) assert.ok(replay.rig.messages('NS_ackmsg').length >= 1, 'it was acknowledged');
    });
  }
}

for (const method of ['crc', 'md5', 'sha1']) {
  for (const form of ['classic', 'netstring']) {
    for (const speaker of SPEAKERS) {
      test(`start-${form}-${method}, ${speaker} speaks: both start at once, its order of events`, () => {
        const replay = new Replay({ vector: `start-${form}-${method}`, speaker });
        replay.to(3000);
        assert.equal(replay.peer.status, 'active');
        assert.equal(replay.peer.deadtimeMs, 7000, 'its own dt, raised for the first 5 s');
        assert.equal(replay.rig.status.state, 'active');
        assert.equal(replay.runs, 'nothing', 'it has said 0: nothing is acquired yet');
        const news = replay.news();
        assert.ok(news.includes('starting'), 'we have asked');
        assert.ok(news.includes('repnodes'), 'we have answered');
        // After its `starting` it has our answer, truthful and stable: it need not wait its 10 s.
        assert.ok(news.includes('resource none 1'), news.join(', '));

        replay.to(10_900);
        assert.equal(replay.runs, 'nothing');
        replay.toEnd();
        assert.equal(replay.runs, 'own');
        assert.equal(replay.holds, 'local');
        assert.equal(replay.peer.deadtimeMs, 5000);
        assert.equal(replay.news().at(-1), 'resource local 1');
        assert.deepEqual(replay.alarming(), []);
        assert.ok(!replay.rig.messages('NS_rexmit').length, 'nothing was lost');
      });
    }
  }
}

test('single-node-start: it holds all, we join, it hands ours over by failback', () => {
  const replay = new Replay({ vector: 'single-node-start', speaker: 'n1', startMs: 26_025 });
  replay.to(27_600);
  assert.equal(replay.rig.status.state, 'active');
  assert.equal(replay.runs, 'nothing');
  assert.equal(replay.holds, 'none');
  assert.equal(replay.news().at(-1), 'resource none 1', 'on which it begins the failback');
  replay.to(28_000);
  assert.ok(replay.news().includes('ask_resources foreign other'));
  assert.equal(replay.holds, 'transition');
  replay.to(28_610);
  assert.equal(replay.runs, 'nothing', 'it is still releasing');
  replay.to(28_620);
  assert.equal(replay.runs, 'own');
  assert.deepEqual(replay.news(), ['ask_resources foreign done', 'resource local 1']);
  replay.toEnd();
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local']);
  assert.deepEqual(replay.alarming(), []);
});

test('single-node-start: we hold all, it joins, we hand its own over', () => {
  const replay = new Replay({ vector: 'single-node-start', speaker: 'n2', startMs: -12 });
  replay.to(9000);
  assert.equal(replay.runs, 'nothing', 'initdead is not over');
  replay.to(11_000);
  assert.equal(replay.runs, 'own theirs');
  assert.deepEqual(replay.news(), ['stonith', 'resource all 1']);
  replay.to(27_500);
  assert.ok(replay.news().includes('resource all 1'), 'its starting is answered');
  replay.to(27_600);
  assert.equal(replay.news().at(-1), 'ask_resources foreign me', 'failback begins with its none/1');
  replay.to(28_100);
  assert.deepEqual(replay.news(), ['resource local 0', 'ask_resources foreign done']);
  assert.equal(replay.runs, 'own');
  replay.toEnd();
  assert.equal(replay.holds, 'local');
  assert.ok(!replay.news().includes('ask_resources foreign me'), 'once');
  assert.deepEqual(replay.alarming(), []);
});

test('standby-takeover: each way to move, with n1 on the other side', () => {
  const replay = new Replay({ vector: 'standby-takeover', speaker: 'n1' });
  replay.to(19_000);
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local']);
  replay.news();

  replay.to(20_050);
  assert.deepEqual(replay.news(), ['ask_resources all other'], 'n1: hb_standby all');
  assert.equal(replay.runs, 'own', 'not before it is done');
  replay.to(21_500);
  assert.deepEqual([replay.runs, replay.holds], ['own theirs', 'all']);
  assert.equal(replay.news()[0], 'ask_resources all done');

  replay.to(27_500);
  assert.deepEqual(replay.rig.command({ name: 'standby', set: 'foreign' }), { ok: true });
  assert.equal(replay.news().at(-1), 'ask_resources foreign me', 'n2: hb_standby foreign');
  replay.to(28_100);
  assert.deepEqual(replay.news(), ['resource local 0', 'ask_resources foreign done']);
  assert.equal(replay.runs, 'own');
  replay.to(30_000);
  assert.equal(replay.holds, 'local');

  replay.to(36_500);
  assert.equal(replay.holds, 'all', 'n1: hb_standby local');
  assert.equal(replay.runs, 'own theirs');
  replay.news();

  replay.to(43_600);
  assert.equal(replay.news().at(-1), 'ask_resources foreign me', 'n1: hb_takeover local');
  replay.to(45_500);
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local']);
  replay.news();

  replay.to(52_100);
  assert.deepEqual(replay.rig.command({ name: 'takeover', set: 'all' }), { ok: true });
  assert.equal(replay.news().at(-1), 'hb_takeover all', 'n2: hb_takeover all');
  replay.toEnd();
  assert.deepEqual([replay.runs, replay.holds], ['own theirs', 'all']);
  assert.deepEqual(replay.alarming(), []);
});

test('standby-takeover: each way to move, with n2 on the other side', () => {
  const replay = new Replay({ vector: 'standby-takeover', speaker: 'n2' });
  replay.to(19_007);
  assert.equal(replay.holds, 'local');
  assert.deepEqual(replay.rig.command({ name: 'standby', set: 'all' }), { ok: true });
  replay.to(19_600);
  assert.equal(replay.runs, 'nothing');
  replay.to(21_500);
  assert.equal(replay.holds, 'none', 'n1: hb_standby all');
  replay.to(30_000);
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local'], 'n2: hb_standby foreign');
  replay.to(35_500);
  assert.deepEqual(replay.rig.command({ name: 'standby', set: 'local' }), { ok: true });
  replay.to(37_500);
  assert.deepEqual([replay.runs, replay.holds], ['nothing', 'none'], 'n1: hb_standby local');
  replay.to(43_067);
  assert.deepEqual(replay.rig.command({ name: 'takeover', set: 'local' }), { ok: true });
  replay.to(45_500);
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local'], 'n1: hb_takeover local');
  replay.to(54_000);
  assert.equal(replay.runs, 'nothing', 'n2: hb_takeover all');
  replay.toEnd();
  assert.equal(replay.holds, 'none');
  assert.deepEqual(replay.alarming(), []);
});

test('clean-stop: it leaves, we take over at once; it returns, its own goes back', () => {
  const replay = new Replay({ vector: 'clean-stop', speaker: 'n1', beatsUntil: [22_000] });
  replay.to(19_130);
  assert.equal(replay.runs, 'own', 'it has begun to release, and is not done');
  replay.news();
  replay.to(19_140);
  assert.deepEqual([replay.runs, replay.holds], ['own theirs', 'all']);
  assert.deepEqual(replay.news(), ['resource all 1']);
  replay.to(31_000);
  assert.equal(replay.peer.status, 'dead');
  assert.deepEqual(replay.news().slice(0, 1), ['stonith'], 'unneeded: it holds nothing');
  assert.ok(replay.rig.codes().includes('deadGaveUp') && !replay.rig.codes().includes('noStonith'));
  replay.to(31_600);
  assert.ok(replay.rig.codes().includes('nodeRestart'));
  assert.equal(replay.news().at(-1), 'ask_resources foreign me');
  replay.toEnd();
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local']);
  assert.deepEqual(replay.alarming(), []);
});

test('clean-stop: we leave, heard by it, and return', () => {
  const first = new Replay({ vector: 'clean-stop', speaker: 'n2' });
  first.to(19_006);
  assert.equal(first.holds, 'local');
  first.news();
  first.rig.give({ kind: 'stopAsked' });
  assert.deepEqual(first.news(), ['resource none 0', 'shutdone dead']);
  assert.equal(first.runs, 'nothing');
  first.to(21_500);
  assert.equal(first.rig.exitStatus, 0);

  const second = new Replay({ vector: 'clean-stop', speaker: 'n2', startMs: 31_000, generation: 0x6b00_d001 });
  second.to(31_565);
  assert.equal(second.holds, 'none');
  assert.equal(second.news().at(-1), 'resource none 1');
  second.to(32_600);
  assert.equal(second.runs, 'nothing');
  second.toEnd();
  assert.deepEqual([second.runs, second.holds], ['own', 'local']);
  assert.deepEqual(second.alarming(), []);
});

test('crash-on: power off of the other: dead after its deadtime, taken over, and given back after its boot', () => {
  const replay = new Replay({ vector: 'crash-on', speaker: 'n1', beatsUntil: [19_009] });
  replay.to(23_900);
  assert.equal(replay.runs, 'own');
  assert.equal(replay.peer.status, 'active');
  replay.to(24_100);
  assert.equal(replay.peer.status, 'dead');
  assert.deepEqual([replay.runs, replay.holds], ['own theirs', 'all']);
  assert.ok(replay.news().includes('stonith'));
  assert.ok(replay.rig.codes().includes('noStonith'));
  replay.to(33_000);
  assert.equal(replay.news().at(-1), 'ask_resources foreign me');
  replay.toEnd();
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local']);
  assert.deepEqual(replay.alarming(), []);
});

test('fast-restart: the other is killed and started again at once: no takeover, nothing moves here', () => {
  const replay = new Replay({ vector: 'fast-restart', speaker: 'n1', beatsUntil: [17_020] });
  replay.to(18_000);
  assert.equal(replay.holds, 'local');
  replay.news();
  replay.to(20_000);
  assert.ok(replay.rig.codes().includes('nodeRestart'));
  assert.ok(replay.news().includes('resource local 1'), 'its starting is answered');
  for (let ms = 20_000; ms <= 39_000; ms += 100) {
    replay.to(ms);
    assert.equal(replay.runs, 'own');
  }
  assert.equal(replay.holds, 'local');
  assert.deepEqual(replay.alarming(), []);
});

/** Starts and stops so far. */
function scriptsOf(replay: Replay): number {
  return replay.rig.effects.filter((effect) => effect.kind === 'runScript' && effect.job.action !== 'status').length;
}

test('quick-restart: the other begins anew in its place with what it holds: no takeover, nothing moves here', () => {
  const replay = new Replay({ vector: 'quick-restart', speaker: 'n1', beatsUntil: [17_020] }).to(17_500);
  assert.deepEqual([replay.runs, replay.holds], ['own', 'local']);
  replay.news();
  const scripts = scriptsOf(replay);
  replay.toEnd();
  assert.deepEqual([replay.runs, replay.holds, scriptsOf(replay) - scripts], ['own', 'local', 0]);
  assert.ok(replay.rig.codes().includes('nodeRestart'));
  assert.deepEqual(replay.alarming(), []);
});

test('quick-restart: we begin anew in our place: held is said once the other has answered, and no script starts or stops', () => {
  const held = { set: 'local', running: [GROUPS.n1] } as const;
  const replay = new Replay({ vector: 'quick-restart', speaker: 'n2', startMs: 18_000, held }).toEnd();
  assert.deepEqual([replay.runs, replay.holds, scriptsOf(replay)], ['own', 'local', 0]);
  const news = replay.news();
  assert.deepEqual(
    news.filter((line) => /^(starting|resource)/.test(line)).slice(0, 2),
    ['starting', 'resource local 1'],
    'as 3.0.6 does in the file',
  );
  assert.deepEqual(replay.alarming(), []);
});

test('partition: dead, taken over; its restart after the heal is its leave; back again it is told all', () => {
  const replay = new Replay({ vector: 'partition', speaker: 'n1', cut: [19_006, 31_026] });
  replay.to(25_000);
  assert.equal(replay.peer.status, 'dead');
  assert.deepEqual([replay.runs, replay.holds], ['own theirs', 'all']);
  replay.to(34_900);
  assert.ok(replay.rig.codes().includes('partitionReturn'));
  assert.equal(replay.peer.status, 'active');
  assert.equal(replay.runs, 'own theirs', 'a 3.0.6 node restarts by itself: we keep everything');
  replay.to(35_200);
  assert.ok(replay.rig.codes().includes('shutdownNotice'));
  assert.deepEqual([replay.runs, replay.holds], ['own theirs', 'all']);
  replay.news();
  replay.to(44_300);
  assert.ok(replay.news().includes('resource all 1'), 'its starting is answered');
  assert.equal(replay.runs, 'own theirs');
});

test('the other side of the partition cannot be told from a power off until it heals', () => {
  const replay = new Replay({ vector: 'partition', speaker: 'n2', cut: [19_006, 31_026] });
  replay.to(25_500);
  assert.equal(replay.holds, 'all');
  assert.ok(replay.rig.codes().includes('noStonith'));
  replay.to(34_700);
  assert.ok(replay.rig.codes().includes('partitionReturn'));
  assert.equal(replay.runs, 'own theirs');
});
