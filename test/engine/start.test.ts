/** From nothing to active: what leaves first, who is asked, who is waited for (wire-protocol 5.5, 6.2). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textToBytes } from '../../src/base/bytes.ts';
import { bcast, Played, pair, Rig, repnodes } from './support.ts';

test('5.5 nothing is sent before the generation is saved, whatever comes and however long it takes', () => {
  const rig = new Rig();
  rig.savesAtOnce = false;
  rig.start();
  const peer = new Played('n1');
  rig.hear(peer.status('active'));
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']]));
  rig.hear(peer.frame('starting'));
  rig.hear(
    peer.frame('NS_rexmit', [
      ['dest', 'n2'],
      ['firstseq', '1'],
      ['lastseq', '9'],
    ]),
  );
  rig.until(60_000);
  assert.deepEqual(rig.sent, []);
  assert.equal(rig.effects.filter(({ kind }) => kind === 'save').length, 1);
  assert.equal(rig.seen().status, 'init', 'nor is anything taken in: the peers say it again');
  rig.give({ kind: 'saved' });
  assert.ok(rig.sent.length > 0);
});

test('the generation and the UUID that are saved are those that are sent', () => {
  const rig = new Rig({}, 0x1234).start();
  const save = rig.effects.find((effect) => effect.kind === 'save');
  assert.ok(save?.kind === 'save');
  assert.equal(save.record.generation, 0x1234);
  const first = rig.sent[0]?.message;
  assert.equal(first?.get('hg'), '1234');
  assert.deepEqual(textToBytes(first?.get('srcuuid') ?? ''), save.record.uuid);
});

test('a generation that cannot be saved ends the daemon with 1, unheard', () => {
  const rig = new Rig();
  rig.savesAtOnce = false;
  rig.start();
  rig.give({ kind: 'saveFailed', fault: { code: 'ENOSPC', detail: 'no space left' } });
  assert.equal(rig.exitStatus, 1);
  assert.ok(rig.codes().includes('saveFailed'));
  assert.deepEqual(rig.sent, []);
});

test('12.7 the first numbered messages of a generation are statuses: init, then up', () => {
  const rig = new Rig().start();
  const peer = new Played('n1');
  rig.hear(peer.status('up'));
  const numbered = rig.sent.map(({ message }) => message).filter((message) => message.get('seq') !== undefined);
  assert.deepEqual(
    numbered.slice(0, 2).map((message) => [message.get('seq'), message.type, message.get('st')]),
    [
      ['1', 'status', 'init'],
      ['2', 'status', 'up'],
    ],
  );
  assert.deepEqual(
    numbered.map((message) => message.get('seq')),
    numbered.map((_, index) => (index + 1).toString(16)),
    'no number is left out or used twice',
  );
});

test('4 a status carries st, dt and protocol, and then the header in its order', () => {
  const rig = new Rig().start();
  const { message } = rig.sent[0] ?? assert.fail();
  assert.deepEqual(
    message.fields.map(({ name }) => name),
    ['t', 'st', 'dt', 'protocol', 'hbd_v', 'src', 'srcuuid', 'seq', 'hg', 'ts', 'ld', 'ttl', 'auth'],
  );
  assert.equal(message.get('dt'), '1388');
  assert.equal(message.get('protocol'), '1');
  assert.equal(message.get('ttl'), '3');
  assert.equal(message.get('src'), 'n2');
});

test('media that open late are waited for, but not for more than a second', () => {
  const media = [bcast('eth0'), bcast('eth1')];
  const waiting = new Rig({ media });
  waiting.give({ kind: 'started' });
  waiting.give({ kind: 'mediumOpened', medium: 'bcast eth0' });
  assert.deepEqual(waiting.sent, []);
  waiting.until(1000);
  assert.ok(waiting.sent.length > 0, 'after a second all the same');
  const failed = new Rig({ media });
  failed.give({ kind: 'started' });
  failed.give({ kind: 'mediumOpened', medium: 'bcast eth0' });
  failed.give({ kind: 'mediumFailed', medium: 'bcast eth1', fault: { code: 'ENODEV', detail: 'no such device' } });
  assert.ok(failed.sent.length > 0, 'one that failed keeps nobody waiting');
});

test('6.2 alone: up until initdead, then active; the absent node is dead', () => {
  const rig = new Rig().start();
  rig.until(9999);
  assert.equal(rig.status.state, 'up');
  rig.until(10_000);
  assert.equal(rig.status.state, 'active');
  assert.equal(rig.seen().status, 'dead');
  assert.deepEqual(
    rig.codes().filter((code) => ['nodeDead', 'commUp', 'localStatus'].includes(code)),
    ['localStatus', 'nodeDead', 'commUp', 'localStatus'],
  );
  assert.equal(rig.status.rscstatus, 'all');
});

test('6.2 the first packet of the other makes communication: reqnodes, and with its answer active', () => {
  const rig = new Rig().start();
  const peer = new Played('n1');
  rig.hear(peer.status('up'));
  const asked = rig.messages('reqnodes');
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.message.get('dest'), 'n1');
  assert.equal(rig.status.state, 'up', 'not before the answer');
  rig.hear(repnodes(peer));
  assert.equal(rig.status.state, 'active');
});

test('6.2 reqnodes is repeated each second until the answer', () => {
  const rig = new Rig().start();
  const peer = new Played('n1');
  rig.hear(peer.status('up'));
  rig.wait(3500);
  assert.equal(rig.messages('reqnodes').length, 4);
  rig.hear(repnodes(peer));
  rig.wait(3000);
  assert.equal(rig.messages('reqnodes').length, 4);
});

test('6.2 the asked node dies before it answers: on without it', () => {
  const rig = new Rig().start();
  const peer = new Played('n1');
  rig.hear(peer.status('up'));
  rig.until(12_000);
  assert.equal(rig.status.state, 'active');
  assert.equal(rig.seen().status, 'dead');
});

test('6.2 reqnodes is answered with the names of ha.cf, each followed by a blank', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']]));
  const [answer] = rig.messages('repnodes');
  assert.deepEqual(
    answer?.message.fields.slice(0, 5).map(({ name, value }) => [name, value]),
    [
      ['dest', 'n1'],
      ['t', 'repnodes'],
      ['nodelist', 'n1 n2 '],
      ['delnodelist', ' '],
      ['destuuid', peer.uuid],
    ],
  );
});

test('reqnodes for somebody else is not answered, and leaves no hole', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('reqnodes', [['dest', 'n3']]));
  rig.hear(peer.status('active'));
  rig.wait(600);
  assert.deepEqual(rig.messages('repnodes', 'NS_rexmit'), []);
});

test('a node list that lacks nodes of ours is told and removes nobody', () => {
  const { rig, peer } = pair();
  rig.hear(repnodes(peer, 'n1 '));
  assert.deepEqual(rig.codes(), ['nodeListDiffers']);
  assert.deepEqual(
    rig.status.nodes.map(({ name }) => name),
    ['n1', 'n2'],
  );
  rig.forget();
  rig.hear(repnodes(peer, 'N2 n1 '));
  assert.deepEqual(rig.codes(), [], 'order and case do not count');
});

test('7.2 our starting waits for the status active of the peer: before that a 3.0.6 node drops it', () => {
  const rig = new Rig().start();
  const peer = new Played('n1');
  rig.hear(peer.status('init'));
  rig.hear(repnodes(peer));
  rig.hear(peer.status('up'));
  rig.wait(4000);
  assert.equal(rig.status.state, 'active');
  assert.deepEqual(rig.lines('starting'), []);
  rig.hear(peer.status('active'));
  assert.deepEqual(rig.lines('starting'), ['starting']);
});
