/** Nodes that come and go while the engine runs (wire-protocol 4, 6.2), with the lines 3.0.6 logs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderNote } from '../../src/base/notes.ts';
import type { Config } from '../../src/contracts/config.ts';
import { bcast, Played, pair, Rig, repnodes, testConfig } from './support.ts';

const names = (rig: Rig): string[] => rig.status.nodes.map(({ name }) => name);
const texts = (rig: Rig): string[] => rig.notes.map((note) => `${renderNote(note).level}: ${renderNote(note).text}`);
const nodelist = (list: string): readonly (readonly [string, string])[] => [['nodelist', list]];

/** As `status` says it of itself: a node of our kind. */
function ours(peer: Played, st = 'active'): Uint8Array {
  return peer.frame('status', [
    ['st', st],
    ['dt', '1388'],
    ['protocol', '1'],
    ['hbd_v', '1'],
  ]);
}

/** The peer beats until then; everything else is silent. */
function beat(rig: Rig, peer: Played, ms: number): void {
  for (const end = rig.now + ms; rig.now < end; ) {
    rig.wait(Math.min(1000, end - rig.now));
    rig.hear(ours(peer));
  }
}

function alone(more: Partial<Config> = {}): { rig: Rig; peer: Played } {
  const made = pair(more);
  made.rig.wait(6000);
  assert.equal(made.rig.seen().status, 'dead');
  assert.equal(made.rig.status.rscstatus, 'all');
  made.rig.forget();
  return made;
}

test('addnode from a peer: the line of 3.0.6, the ttl, the answer to reqnodes; silence moves nothing', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('addnode', nodelist('n3')));
  assert.deepEqual(texts(rig), ['info: hb_add_one_node: Adding new node[n3] to configuration.']);
  assert.deepEqual(names(rig), ['n1', 'n2', 'n3']);
  beat(rig, peer, 7000);
  assert.equal(rig.seen('n3').status, 'dead');
  assert.ok(texts(rig).includes('WARN: node n3: is dead'));
  assert.equal(rig.status.rscstatus, 'local', 'whose resources are whose is a matter of the two');
  assert.deepEqual(rig.messages('resource'), []);
  assert.equal(rig.messages('status').at(-1)?.message.get('ttl'), '4');
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']]));
  const answer = rig.messages('repnodes')[0]?.message;
  assert.deepEqual([answer?.get('nodelist'), answer?.get('delnodelist')], ['n1 n2 n3 ', ' ']);
});

test('a third node that lives and dies, or says what it likes of resources, moves nothing', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('addnode', nodelist('n3')));
  const third = new Played('n3');
  for (const st of ['init', 'up', 'active']) rig.hear(ours(third, st));
  assert.equal(rig.seen('n3').status, 'active');
  rig.hear(third.frame('starting'));
  rig.hear(
    third.frame('resource', [
      ['rsc_hold', 'all'],
      ['rtype', 'full'],
      ['isstable', '1'],
    ]),
  );
  rig.hear(
    third.frame('ask_resources', [
      ['rsc_hold', 'all'],
      ['info', 'me'],
    ]),
  );
  beat(rig, peer, 7000);
  assert.equal(rig.seen('n3').status, 'dead');
  assert.equal(rig.status.rscstatus, 'local');
  assert.deepEqual(rig.messages('resource', 'ask_resources'), []);
});

test('a name that is there is an error, a name that is none too, and the table is bounded', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('addnode', nodelist('N1')));
  rig.hear(peer.frame('addnode', nodelist('')));
  rig.hear(peer.frame('addnode', nodelist('a=b')));
  rig.hear(peer.frame('addnode'));
  assert.deepEqual(texts(rig), [
    'ERROR: hb_add_one_node: node(n1) already exists',
    'ERROR: addnode from n1: get nodes from nodelist failed',
    'ERROR: addnode from n1: get nodes from nodelist failed',
    'ERROR: addnode from n1: nodelist not found in msg',
  ]);
  for (let at = 0; at < 300; at += 50) {
    const fifty = Array.from({ length: 50 }, (_, each) => `m${at + each}`);
    rig.hear(peer.frame('addnode', nodelist(fifty.join(' '))));
  }
  assert.equal(rig.status.nodes.length, 100);
});

test('delnode: only of dead nodes, with all others there (texts of 3.0.6)', () => {
  const { rig, peer } = pair();
  rig.hear(ours(peer));
  rig.hear(peer.frame('addnode', nodelist('n3 n4')));
  rig.forget();
  rig.hear(peer.frame('delnode', nodelist('n3')));
  assert.deepEqual(texts(rig), ['WARN: deletion failed: node n3 is not dead']);
  beat(rig, peer, 7000);
  rig.forget();
  rig.hear(peer.frame('delnode', nodelist('n3')));
  assert.deepEqual(texts(rig), ["ERROR: HBDoMsg_T_DELNODE: deletion failed. We don't have all required nodes alive (n4 is dead)"]);
  rig.hear(peer.frame('delnode', nodelist('n3 n4')));
  assert.deepEqual(texts(rig).slice(1), ['info: Removing node [n3] from configuration.', 'info: Removing node [n4] from configuration.']);
  assert.deepEqual(names(rig), ['n1', 'n2']);
  rig.hear(peer.frame('reqnodes', [['dest', 'n2']]));
  assert.equal(rig.messages('repnodes')[0]?.message.get('delnodelist'), 'n3 n4 ');
  assert.equal(rig.messages('repnodes')[0]?.message.get('ttl'), '3');
});

test('a deleted node is a stranger, is not added by the list of another, and comes back by addnode alone', () => {
  const { rig, peer } = pair();
  rig.hear(peer.frame('addnode', nodelist('n3')));
  beat(rig, peer, 7000);
  rig.hear(peer.frame('delnode', nodelist('n3')));
  rig.forget();
  rig.hear(new Played('n3').status('active'));
  assert.deepEqual(texts(rig), ['ERROR: process_status_message: bad node [n3] in message']);
  rig.hear(repnodes(peer, 'n1 n2 n3 '));
  assert.deepEqual(names(rig), ['n1', 'n2']);
  rig.hear(peer.frame('addnode', nodelist('n3')));
  assert.deepEqual(names(rig), ['n1', 'n2', 'n3']);
});

test('a node that starts learns from the list of another what came and went; dead ones go, living ones stay', () => {
  const { rig, peer } = pair({ nodes: ['n1', 'n2'] });
  const lists = (nodes: string, deleted: string) =>
    peer.frame('repnodes', [
      ['dest', 'n2'],
      ['nodelist', nodes],
      ['delnodelist', deleted],
    ]);
  rig.hear(lists('n1 n2 n3 ', ' '));
  assert.deepEqual(names(rig), ['n1', 'n2', 'n3']);
  rig.hear(lists('n1 n2 ', 'n3 n9 n2 '));
  assert.deepEqual(names(rig), ['n1', 'n2', 'n3'], 'not dead yet, and never ourselves');
  beat(rig, peer, 7000);
  rig.hear(lists('n1 n2 ', 'n3 '));
  assert.deepEqual(names(rig), ['n1', 'n2']);
  rig.hear(lists('n1 n2 n9 ', ' '));
  assert.deepEqual(names(rig), ['n1', 'n2'], 'n9 was deleted by then');
});

test('who finds itself named by a node of our kind ends in order; beside 3.0.6 a living node stays, as there', () => {
  const legacy = pair();
  legacy.rig.hear(legacy.peer.frame('delnode', nodelist('n2')));
  assert.deepEqual(texts(legacy.rig), ['WARN: deletion failed: node n2 is not dead']);
  legacy.rig.wait(3000);
  assert.equal(legacy.rig.exitStatus, undefined);

  const { rig, peer } = pair();
  rig.hear(ours(peer));
  rig.hear(peer.frame('delnode', nodelist('n2')));
  assert.match(texts(rig)[0] ?? '', /^ERROR: I am being deleted from the cluster\. This should not happen/);
  rig.wait(3000);
  assert.equal(rig.exitStatus, 0);
  assert.equal(rig.running.size, 0, 'everything was released');
});

test('the command addnode: sent first with the old ttl, then done here; a refusal sends nothing', () => {
  const { rig, peer } = pair();
  rig.hear(ours(peer));
  assert.deepEqual(rig.command({ name: 'addnode', nodes: ['N3', 'n3'] }), { ok: true });
  const [sent] = rig.messages('addnode');
  assert.deepEqual([sent?.message.get('nodelist'), sent?.message.get('ttl')], ['n3', '3']);
  assert.deepEqual(names(rig), ['n1', 'n2', 'n3']);
  rig.forget();
  for (const nodes of [['n3'], ['n4', 'n1'], ['a=b']]) {
    const result = rig.command({ name: 'addnode', nodes });
    assert.ok(!result.ok && /already exists|is no node name/.test(result.reason));
  }
  assert.deepEqual([names(rig), rig.messages()], [['n1', 'n2', 'n3'], []]);
});

test('beside a living 3.0.6 node no third node is added from here: it would take our resources at its silence', () => {
  const { rig } = pair();
  const result = rig.command({ name: 'addnode', nodes: ['n3'] });
  assert.ok(!result.ok && /n1 runs Heartbeat 3\.0\.6/.test(result.reason), JSON.stringify(result));
  assert.deepEqual(rig.messages('addnode'), []);
});

test('the command delnode: reasons, and the end of a dead partner', () => {
  const { rig, peer } = alone();
  for (const [nodes, why] of [
    [['n2'], /n2 is this node/],
    [['n7'], /node n7 not found in config/],
  ] as const) {
    const result = rig.command({ name: 'delnode', nodes });
    assert.ok(!result.ok && why.test(result.reason));
  }
  assert.deepEqual(rig.messages('delnode'), []);
  assert.deepEqual(rig.command({ name: 'delnode', nodes: ['n1'] }), { ok: true });
  assert.deepEqual([names(rig), rig.status.rscstatus], [['n2'], 'all']);
  assert.equal(rig.messages('delnode').length, 1);
  const refused = rig.command({ name: 'standby', set: 'all' });
  assert.ok(!refused.ok, 'nobody is there to take anything');
  rig.wait(20_000);
  assert.equal(rig.status.rscstatus, 'all');
  // Repaired, and added again: it is the partner it was.
  rig.hear(peer.status('init'));
  assert.ok(rig.codes().includes('unknownNode'));
  assert.deepEqual(rig.command({ name: 'addnode', nodes: ['n3'] }), { ok: true });
  assert.deepEqual(rig.command({ name: 'addnode', nodes: ['n1'] }), { ok: true });
  peer.generation += 1;
  peer.seq = 0;
  for (const st of ['init', 'up', 'active']) rig.hear(ours(peer, st));
  rig.hear(peer.frame('starting', [['hbd_v', '1']]));
  assert.equal(rig.messages('resource').at(-1)?.message.get('rsc_hold'), 'all');
  rig.hear(
    peer.frame('resource', [
      ['rsc_hold', 'none'],
      ['rtype', 'full'],
      ['isstable', '1'],
      ['hbd_v', '1'],
    ]),
  );
  assert.ok(rig.messages('ask_resources').length > 0, 'and gets its groups back by the usual failback');
});

test('a node that ha.cf names alone: the first that is added shares the resources', () => {
  const rig = new Rig({ nodes: ['n2'] }).start();
  rig.wait(100);
  assert.equal(rig.status.rscstatus, 'all');
  assert.deepEqual(rig.command({ name: 'addnode', nodes: ['n1'] }), { ok: true });
  const peer = new Played('n1');
  for (const st of ['init', 'up', 'active']) rig.hear(ours(peer, st));
  rig.hear(peer.frame('starting', [['hbd_v', '1']]));
  assert.equal(rig.messages('resource').at(-1)?.message.get('hbd_re'), peer.generation.toString(16));
  rig.wait(20_000);
  assert.equal(rig.status.rscstatus, 'all');
});

test('setweight and setsite: on all nodes, shown, and no name of a stranger', () => {
  const { rig, peer } = pair();
  assert.deepEqual(rig.command({ name: 'setweight', node: 'N1', weight: 200 }), { ok: true });
  assert.deepEqual(rig.command({ name: 'setsite', node: 'n1', site: 'east' }), { ok: true });
  assert.deepEqual([rig.seen().weight, rig.seen().site], [200, 'east']);
  const [weight] = rig.messages('setweight');
  assert.deepEqual([weight?.message.get('node'), weight?.message.get('weight')], ['n1', '200']);
  assert.equal(rig.messages('setsite')[0]?.message.get('site'), 'east');
  rig.hear(
    peer.frame('setweight', [
      ['node', 'n2'],
      ['weight', '-5'],
    ]),
  );
  rig.hear(
    peer.frame('setsite', [
      ['node', 'n2'],
      ['site', ''],
    ]),
  );
  assert.deepEqual([rig.seen('n2').weight, rig.seen('n2').site], [-5, '']);
  rig.forget();
  for (const fields of [
    [['node', 'n2']],
    [
      ['node', 'n2'],
      ['weight', 'abc'],
    ],
    [['weight', '7']],
    [
      ['node', 'nx'],
      ['weight', '7'],
    ],
  ] as const)
    rig.hear(peer.frame('setweight', fields));
  rig.hear(
    peer.frame('setsite', [
      ['node', 'n2'],
      ['site', 'x'.repeat(256)],
    ]),
  );
  rig.hear(
    peer.frame('setsite', [
      ['node', 'n2'],
      ['site', 'two\nlines'],
    ]),
  );
  assert.deepEqual([rig.count('badMemberMessage'), rig.count('memberUnknown')], [5, 1]);
  assert.deepEqual([rig.seen('n2').weight, rig.seen('n2').site], [-5, '']);
  const result = rig.command({ name: 'setweight', node: 'nx', weight: 1 });
  assert.ok(!result.ok && /no node nx/.test(result.reason));
});

test('before communication is up nothing is added or deleted', () => {
  const rig = new Rig().start();
  for (const name of ['addnode', 'delnode'] as const) assert.equal(rig.command({ name, nodes: ['n1'] }).ok, false);
});

// --- a reload ---

test('a reload: new nodes are added, dead ones that are gone from the file are removed, living ones are kept and told', () => {
  const { rig, peer } = pair();
  rig.give({ kind: 'configured', config: testConfig({ nodes: ['n3', 'n2'] }) });
  assert.deepEqual(names(rig), ['n1', 'n2', 'n3']);
  assert.match(
    texts(rig).join('\n'),
    /WARN: node n1 is not in ha\.cf any more but is active: .* Stop heartbeat there first, then: hb_delnode n1/,
  );
  rig.wait(7000);
  assert.equal(rig.status.rscstatus, 'all', 'the death of the old partner is still a death');
  rig.give({ kind: 'configured', config: testConfig({ nodes: ['n3', 'n2'] }) });
  assert.deepEqual(names(rig), ['n2', 'n3']);
  const next = new Played('n3');
  for (const st of ['init', 'up', 'active']) rig.hear(ours(next, st));
  rig.hear(next.frame('starting', [['hbd_v', '1']]));
  assert.equal(rig.messages('resource').at(-1)?.message.get('hbd_re'), next.generation.toString(16), 'the new one is the partner');
  rig.hear(peer.status('active'));
  assert.equal(rig.codes().at(-1), 'unknownNode');
});

test('a reload does not undo hb_delnode', () => {
  const { rig } = alone();
  rig.command({ name: 'delnode', nodes: ['n1'] });
  rig.give({ kind: 'configured', config: testConfig({ keepaliveMs: 500 }) });
  assert.deepEqual(names(rig), ['n2']);
});

test('a reload of the media: links of what is gone disappear, its packets are those of nobody, beats go on', () => {
  const { rig, peer } = pair({ media: [bcast('eth0'), bcast('eth1')] });
  rig.hear(peer.status('active'), 'bcast eth1');
  rig.give({ kind: 'mediumFailed', medium: 'bcast eth0', fault: { code: 'ENODEV', detail: 'no such device' } });
  rig.give({ kind: 'configured', config: testConfig({ media: [bcast('eth1'), bcast('eth2')] }) });
  assert.deepEqual(rig.seen().links, [{ name: 'eth1', status: 'up' }]);
  const { generation } = rig.seen();
  assert.deepEqual(rig.hear(new Played('n1', generation + 1).status('init'), 'bcast eth0'), []);
  rig.give({ kind: 'mediumFailed', medium: 'bcast eth0', fault: { code: 'ENODEV', detail: 'late' } });
  rig.forget();
  rig.give({ kind: 'mediumFailed', medium: 'bcast eth2', fault: { code: 'ENODEV', detail: 'no such device' } });
  assert.deepEqual(rig.codes(), ['mediumFailed']);
  rig.hear(peer.status('active'), 'bcast eth2');
  assert.deepEqual(
    rig.seen().links.map(({ name }) => name),
    ['eth1', 'eth2'],
  );
  beat(rig, peer, 5000);
  assert.equal(rig.messages('status').length, 5);
});

test('a reload of hopfudge, msgfmt and max_rexmit_delay is in effect at once', () => {
  const { rig, peer } = pair();
  rig.give({ kind: 'configured', config: testConfig({ hopfudge: 7, msgfmt: 'netstring', maxRexmitDelayMs: 10 }) });
  rig.wait(1000);
  const beatSent = rig.messages('status')[0]?.message;
  assert.equal(beatSent?.get('ttl'), '9');
  assert.equal(beatSent?.get('auth'), undefined);
  peer.seq += 1;
  rig.hear(peer.status('active'));
  rig.wait(11);
  assert.equal(rig.messages('NS_rexmit').length, 1);
});

// --- autojoin ---

test('autojoin: an authenticated stranger is a node from its next message on; none is as ever', () => {
  const rig = new Rig({ autojoin: 'any', groups: [], manageResources: false }).start();
  rig.forget();
  const third = new Played('N3');
  rig.hear(third.status('up'));
  assert.deepEqual(texts(rig), ['info: process_clustermsg: Adding new node [n3] to configuration.']);
  assert.equal(rig.seen('n3').status, 'init');
  rig.hear(third.status('active'));
  assert.equal(rig.seen('n3').status, 'active');
  const forged = new Played('n4');
  forged.auth = { signing: 1, keys: [{ index: 1, method: 'sha1', key: new Uint8Array(3) }] };
  rig.hear(forged.status('up'));
  rig.hear(new Played('n=5').status('up'));
  for (let at = 0; at < 200; at += 1) rig.hear(new Played(`x${at}`, 500, `x${at}`).status('up'));
  assert.equal(rig.status.nodes.length, 100);
  assert.ok(!names(rig).includes('n4'));
  assert.ok(rig.count('unknownNode') > 90);
});

test('autojoin: initdead passes before communication counts as up, and a deleted node does not join', () => {
  const rig = new Rig({ autojoin: 'other', groups: [], nodes: ['n2', 'n1'], manageResources: false }).start();
  const peer = new Played('n1');
  const listen = (ms: number): void => {
    for (const end = rig.now + ms; rig.now < end; ) {
      rig.wait(500);
      rig.hear(ours(peer));
    }
  };
  rig.hear(repnodes(peer));
  listen(9500);
  assert.equal(rig.status.state, 'up');
  listen(1000);
  rig.hear(repnodes(peer));
  assert.equal(rig.status.state, 'active');
  rig.command({ name: 'addnode', nodes: ['n3'] });
  listen(6000);
  assert.deepEqual(rig.command({ name: 'delnode', nodes: ['n3'] }), { ok: true });
  rig.hear(new Played('n3').status('up'));
  assert.deepEqual(names(rig), ['n2', 'n1']);
});

test('autojoin: a node that joins just before initdead passes leaves no alarm that rings without end', () => {
  const rig = new Rig({ autojoin: 'any', groups: [], manageResources: false }).start();
  rig.wait(9900);
  rig.hear(new Played('n3').status('up'));
  rig.wait(300);
  assert.ok((rig.engine.nextAlarm() ?? 0) > rig.now);
});
