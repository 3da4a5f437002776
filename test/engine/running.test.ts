/** Status, reload, media, and the end of an engine that runs (wire-protocol 6.5, 7.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToBytes } from '../../src/base/bytes.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealFrame } from '../../src/protocol/envelope.ts';
import { Message } from '../../src/protocol/message.ts';
import { AUTH, bcast, Played, pair, Rig, repnodes, testConfig } from './support.ts';

// --- the status ---

test('the snapshot says who is there, what moves, and since when', () => {
  const { rig, peer } = pair({ unmet: [{ word: 'stonith_host', text: 'not carried out' }] });
  rig.hear(
    peer.frame('status', [
      ['st', 'active'],
      ['dt', '1b58'],
      ['protocol', '1'],
    ]),
  );
  rig.wait(400);
  const { status } = rig;
  assert.equal(status.node, 'n2');
  assert.equal(status.generation, 900);
  assert.match(status.version, /^3\.0\.6/);
  assert.deepEqual(status.nodes[0], {
    name: 'n1',
    type: 'normal',
    weight: 100,
    site: '',
    status: 'active',
    links: [{ name: 'eth1', status: 'up' }],
    generation: 500,
    deadtimeMs: 7000,
    heartbeatd: false,
    key: { index: 1, method: 'sha1' },
    heardMsAgo: 400,
  });
  assert.equal(status.nodes[1]?.heartbeatd, true);
  assert.deepEqual(
    status.groups.map(({ key, state, ours }) => [key, state, ours]),
    [
      ['IPaddr::10.77.0.100', 'stopped', false],
      ['IPaddr::10.77.0.101', 'running', true],
    ],
  );
  assert.deepEqual(status.parameters, { keepalive: '1' });
  assert.equal(status.warnings.length, 1);
});

test('commands before communication is up are refused with a reason', () => {
  const rig = new Rig().start();
  const result = rig.command({ name: 'standby', set: 'all' });
  assert.ok(!result.ok);
  assert.match(result.reason, /not active/);
});

test('three nodes: told at the start, membership runs, resources do not', () => {
  const rig = new Rig({ nodes: ['n1', 'n2', 'n3'] }).start();
  assert.ok(rig.codes().includes('moreThanTwoNodes'));
  const peer = new Played('n1');
  rig.hear(peer.status('up'));
  rig.hear(new Played('n3').status('up'));
  rig.hear(repnodes(peer, 'n1 n2 n3 '));
  rig.hear(peer.frame('starting'));
  assert.equal(rig.status.state, 'active');
  assert.ok(!rig.effects.some(({ kind }) => kind === 'runScript'));
  const result = rig.command({ name: 'standby', set: 'all' });
  assert.ok(!result.ok);
  rig.give({ kind: 'stopAsked' });
  rig.wait(3000);
  assert.equal(rig.exitStatus, 0);
});

// --- reload ---

test('a reload of the keys: both are read, the new one signs', () => {
  const second = { index: 2, method: 'md5', key: textToBytes('second') };
  const { rig, peer } = pair({ auth: { signing: 1, keys: [...AUTH.keys, second] } });
  const config = testConfig({ auth: { signing: 2, keys: [...AUTH.keys, second] } });
  rig.give({ kind: 'configured', config });
  rig.hear(
    peer.frame('status', [
      ['st', 'old key'],
      ['dt', '1388'],
    ]),
  );
  assert.equal(rig.seen().status, 'old key');
  peer.auth = { signing: 2, keys: [second] };
  rig.hear(
    peer.frame('status', [
      ['st', 'new key'],
      ['dt', '1388'],
    ]),
  );
  assert.equal(rig.seen().status, 'new key');
  const effects: Uint8Array[] = [];
  while (effects.length === 0) {
    rig.now = rig.engine.nextAlarm() ?? assert.fail('the next beat is due some time');
    for (const effect of rig.engine.step(rig.clock, { kind: 'alarm' })) if (effect.kind === 'send') effects.push(effect.bytes);
  }
  const verdict = openFrame(effects[0] ?? new Uint8Array(), config.auth, authCatalog);
  assert.ok(verdict.ok && verdict.keyIndex === 2);
});

test('a reload of the times: the new keepalive from the next beat on, the new dt in it', () => {
  const { rig } = pair();
  rig.give({ kind: 'configured', config: testConfig({ keepaliveMs: 200, deadtimeMs: 3000 }) });
  rig.wait(3000);
  const beats = rig.messages('status');
  assert.ok(beats.length >= 10, `${beats.length} beats`);
  assert.equal(beats.at(-1)?.message.get('dt'), 'bb8');
});

// --- media ---

test('a medium that fails and returns is told; when none is left, that too', () => {
  const { rig } = pair({ media: [bcast('eth0'), bcast('eth1')] });
  const fault = { code: 'ENETDOWN', detail: 'network is down' };
  rig.give({ kind: 'mediumFailed', medium: 'bcast eth0', fault });
  assert.deepEqual(rig.codes(), ['mediumFailed']);
  rig.give({ kind: 'mediumFailed', medium: 'bcast eth1', fault });
  assert.deepEqual(rig.codes().slice(1), ['mediumFailed', 'noMediaLeft']);
  rig.give({ kind: 'mediumOpened', medium: 'bcast eth0' });
  assert.equal(rig.codes().at(-1), 'mediumReopened');
});

// --- the end ---

const acked = (rig: Rig, peer: Played) => {
  const last = rig.messages('shutdone').at(-1)?.message.get('seq') ?? '';
  rig.hear(
    peer.frame('NS_ackmsg', [
      ['dest', 'n2'],
      ['ackseq', last],
    ]),
  );
};

test('7.7 the stop: shutdown, the scripts, shutdone, and the end as soon as the peer has it', () => {
  const { rig, peer } = pair();
  rig.give({ kind: 'stopAsked' });
  assert.equal(rig.status.state, 'stopping');
  assert.deepEqual(rig.lines('resource', 'shutdone'), ['resource none 0', 'shutdone dead']);
  assert.deepEqual([...rig.running], []);
  assert.equal(rig.exitStatus, undefined, 'the peer may yet ask for it');
  acked(rig, peer);
  assert.equal(rig.exitStatus, 0);
  assert.equal(rig.codes().at(-1), 'shutdownComplete');
});

test('6.5 the beats that go out while left-overs are still swept up need no acknowledgement', () => {
  const { rig, peer } = pair();
  const { scripts } = rig;
  let beats = 0;
  rig.scripts = (job, running) => {
    if (rig.messages('shutdone').length > 0 && beats === 0) {
      rig.now += 1500;
      rig.give({ kind: 'alarm' });
      beats = rig.messages('status').length;
    }
    return scripts(job, running);
  };
  rig.forget();
  rig.give({ kind: 'stopAsked' });
  assert.ok(beats > 0, 'the sweep took longer than a keepalive');
  assert.equal(rig.exitStatus, undefined, 'the peer may yet ask for the last word');
  acked(rig, peer);
  assert.equal(rig.exitStatus, 0);
});

test('6.5 a leaver that is not acknowledged waits 2 s at most, and beats on', () => {
  const { rig } = pair();
  const began = rig.now;
  rig.give({ kind: 'stopAsked' });
  rig.until(began + 1999);
  assert.equal(rig.exitStatus, undefined);
  assert.ok(rig.messages('status').length >= 1);
  rig.until(began + 2001);
  assert.equal(rig.exitStatus, 0);
});

test('6.5 while it waits, the leaver still answers requests for its last messages', () => {
  const { rig, peer } = pair();
  rig.give({ kind: 'stopAsked' });
  const last = rig.messages('shutdone')[0];
  const number = String(Number.parseInt(last?.message.get('seq') ?? '', 16));
  rig.now += 300;
  rig.forget();
  rig.hear(
    peer.frame('NS_rexmit', [
      ['dest', 'n2'],
      ['firstseq', number],
      ['lastseq', number],
    ]),
  );
  assert.deepEqual(rig.lines(), ['shutdone dead']);
});

test('an acknowledgement of less than the last message does not end it, one forged beyond it neither', () => {
  const { rig, peer } = pair();
  rig.give({ kind: 'stopAsked' });
  rig.hear(
    peer.frame('NS_ackmsg', [
      ['dest', 'n2'],
      ['ackseq', '1'],
    ]),
  );
  rig.hear(
    peer.frame('NS_ackmsg', [
      ['dest', 'n2'],
      ['ackseq', 'ffff'],
    ]),
  );
  rig.hear(
    peer.frame('NS_ackmsg', [
      ['dest', 'n3'],
      ['ackseq', rig.messages('shutdone')[0]?.message.get('seq') ?? ''],
    ]),
  );
  assert.equal(rig.exitStatus, undefined);
});

test('alone, the leaver does not wait', () => {
  const rig = new Rig().start();
  rig.until(10_000);
  assert.equal(rig.status.rscstatus, 'all');
  rig.give({ kind: 'stopAsked' });
  assert.equal(rig.exitStatus, 0);
  assert.deepEqual([...rig.running], []);
});

test('stop asked twice is stop asked once; stop before anything was saved ends', () => {
  const { rig, peer } = pair();
  rig.give({ kind: 'stopAsked' });
  rig.give({ kind: 'stopAsked' });
  assert.equal(rig.messages('shutdone').length, 1);
  acked(rig, peer);
  assert.equal(rig.effects.filter(({ kind }) => kind === 'exit').length, 1);

  const early = new Rig();
  early.savesAtOnce = false;
  early.start();
  early.give({ kind: 'stopAsked' });
  early.until(5000);
  assert.equal(early.exitStatus, 0);
  assert.deepEqual(early.sent, []);
});

test('5.2 a shutdone is acknowledged at once, and its groups are taken', () => {
  const { rig, peer } = pair();
  rig.hear(
    peer.frame('resource', [
      ['rsc_hold', 'none'],
      ['rtype', 'full'],
      ['isstable', '0'],
      ['info', 'shutdown'],
    ]),
  );
  rig.forget();
  rig.hear(peer.frame('shutdone', [['st', 'dead']]));
  assert.ok(rig.lines('NS_ackmsg').includes(`NS_ackmsg ${peer.seq.toString(16)}`));
  assert.equal(rig.status.rscstatus, 'all');
  assert.deepEqual([...rig.running].sort(), ['IPaddr::10.77.0.100', 'IPaddr::10.77.0.101']);
});

test('a script that has ended is answered once: a second end of the same job is nothing', () => {
  const { rig } = pair();
  rig.give({ kind: 'scriptEnded', job: 1, outcome: { kind: 'exited', status: 0, output: '', path: '/x' } });
  rig.give({ kind: 'scriptEnded', job: 4711, outcome: { kind: 'notFound' } });
  assert.deepEqual(rig.effects, []);
});

test('1.3 a packet without the inner auth field is taken as well', () => {
  const { rig, peer } = pair();
  const netstring = peer.frame('status', [
    ['st', 'funny'],
    ['dt', '1388'],
    ['protocol', '1'],
  ]);
  const verdict = openFrame(netstring, AUTH, authCatalog);
  assert.ok(verdict.ok);
  const plain = sealFrame(new Message(verdict.message.fields), AUTH, authCatalog, 'netstring');
  rig.hear(plain);
  assert.equal(rig.seen().status, 'funny');
});
