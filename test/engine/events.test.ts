/** What scripts of the site are told of (wire-protocol 7.9), held against what 3.0.6 gave to its scripts in the same scenes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../src/contracts/config.ts';
import { binary, Message } from '../../src/protocol/message.ts';
import { scriptFields } from '../../src/protocol/script-fields.ts';
import { Played, pair, Rig, repnodes } from './support.ts';

type Told = { readonly type: string; readonly fields: Readonly<Record<string, string>> };

function told(rig: Rig, ...types: string[]): Told[] {
  return rig.effects.flatMap((effect) =>
    effect.kind === 'event' && (types.length === 0 || types.includes(effect.type)) ? [{ type: effect.type, fields: effect.fields }] : [],
  );
}

const short = ({ type, fields }: Told): string =>
  `${type} ${fields.st ?? fields.ipaddr ?? fields.rsc_hold ?? ''} ${fields.src ?? fields.node}`;

function scene(more: Partial<Config> = {}): { rig: Rig; peer: Played } {
  return pair(more);
}

const names = (fields: Readonly<Record<string, string>> | undefined): string[] => Object.keys(fields ?? {}).sort();

test('a change of status, with the whole message; the same once more is no news', () => {
  const { rig, peer } = scene();
  rig.hear(peer.status('active'));
  assert.deepEqual(told(rig), []);
  rig.hear(peer.status('funny'));
  const [event] = told(rig);
  assert.equal(event?.type, 'status');
  // As 3.0.6 had it, byte for byte by name; srcuuid is no text.
  assert.deepEqual(
    names(event?.fields),
    ['NICEFAILBACK', 'OSTATUS', 'auth', 'dt', 'hg', 'ld', 'protocol', 'seq', 'src', 'st', 't', 'ts', 'ttl'].sort(),
  );
  assert.equal(event?.fields.OSTATUS, 'active');
});

test('a start: link, then up and active, own groups by ip-request-resp', () => {
  const rig = new Rig().start();
  const peer = new Played('n1');
  for (const status of ['init', 'up']) rig.hear(peer.status(status));
  rig.hear(repnodes(peer));
  rig.hear(peer.status('active'));
  rig.hear(peer.frame('starting'));
  const holds = [['rsc_hold', 'local'] as const, ['rtype', 'full'] as const, ['isstable', '1'] as const];
  rig.hear(peer.frame('resource', holds));
  assert.deepEqual(told(rig).map(short), ['ifstat up n1', 'status up n1', 'status active n1', 'ip-request-resp IPaddr::10.77.0.101 n2']);
  const { OSTATUS, ...own } = told(rig, 'ip-request-resp')[0]?.fields ?? {};
  assert.equal(OSTATUS, 'active');
  assert.deepEqual(
    names(own),
    ['NICEFAILBACK', 'auth', 'dest', 'hg', 'ipaddr', 'ld', 'ok', 'seq', 'src', 't', 'ts', 'ttl', 'weown'].sort(),
  );
  assert.deepEqual([own.dest, own.weown, own.ok, own.hg, own.ttl], ['n2', 'yes', 'OK', (900).toString(16), '3']);
});

test('a death: the made-up status, after it the link', () => {
  const { rig, peer } = scene();
  rig.hear(peer.status('active'));
  rig.forget();
  rig.wait(6000);
  assert.deepEqual(told(rig).map(short), ['stonith  n2', 'status dead n1', 'ifstat dead n1']);
  const status = told(rig, 'status')[0];
  assert.deepEqual(names(status?.fields), ['NICEFAILBACK', 'OSTATUS', 'seq', 'src', 'st', 't', 'ts']);
  assert.equal(status?.fields.seq, '1');
  const stonith = told(rig, 'stonith')[0];
  assert.deepEqual(
    names(stonith?.fields),
    ['NICEFAILBACK', 'OSTATUS', 'auth', 'hg', 'ld', 'node', 'result', 'seq', 'src', 't', 'ts', 'ttl'].sort(),
  );
  assert.equal(stonith?.fields.seq, rig.messages('stonith')[0]?.message.get('seq'));
  assert.equal(stonith?.fields.auth, rig.messages('stonith')[0]?.message.get('auth'));
});

test('a return after a death: init, up and active are all news', () => {
  const { rig, peer } = scene();
  rig.wait(6000);
  rig.forget();
  peer.generation += 1;
  peer.seq = 0;
  for (const status of ['init', 'up', 'active']) rig.hear(peer.status(status));
  assert.deepEqual(told(rig, 'status', 'ifstat').map(short), ['ifstat up n1', 'status init n1', 'status up n1', 'status active n1']);
});

test('a leave is told as a death, once; its last beats and the silence after it are no news', () => {
  const { rig, peer } = scene();
  rig.hear(peer.frame('shutdone', [['st', 'dead']]));
  rig.hear(peer.status('active'));
  rig.wait(7000);
  assert.deepEqual(told(rig, 'status').map(short), ['status dead n1']);
  rig.forget();
  peer.generation += 1;
  peer.seq = 0;
  rig.hear(peer.status('init'));
  assert.deepEqual(told(rig, 'status').map(short), ['status init n1']);
});

test('legacy: a leave is told at once, and the silence after it too; no HA_NICEFAILBACK', () => {
  const { rig, peer } = scene({ autoFailback: 'legacy' });
  rig.hear(peer.frame('shutdone', [['st', 'dead']]));
  rig.wait(7000);
  const events = told(rig, 'status');
  assert.deepEqual(events.map(short), ['status dead n1', 'status dead n1']);
  assert.equal(events[0]?.fields.NICEFAILBACK, undefined);
});

test('hb_takeover is told on both sides, a standby on none', () => {
  const { rig, peer } = scene();
  rig.hear(peer.frame('hb_takeover', [['rsc_hold', 'all']]));
  assert.deepEqual(told(rig).map(short), ['hb_takeover all n1']);
  rig.hear(
    peer.frame('ask_resources', [
      ['rsc_hold', 'all'],
      ['info', 'other'],
    ]),
  );
  assert.deepEqual(told(rig).map(short), ['hb_takeover all n1']);
  const own = scene();
  own.rig.command({ name: 'takeover', set: 'all' });
  assert.deepEqual(told(own.rig).map(short), ['hb_takeover all n2']);
  assert.equal(told(own.rig)[0]?.fields.seq, own.rig.messages('hb_takeover')[0]?.message.get('seq'));
});

test('legacy: the groups asked for and asked away, with the fields of the message', () => {
  const { rig, peer } = scene({ autoFailback: 'legacy' });
  rig.hear(peer.frame('ip-request', [['ipaddr', 'IPaddr::10.77.0.100']]));
  rig.hear(
    peer.frame('ip-request-resp', [
      ['dest', 'n2'],
      ['ipaddr', 'IPaddr::10.77.0.101'],
      ['weown', 'no'],
      ['ok', 'OK'],
    ]),
  );
  assert.deepEqual(told(rig).map(short), ['ip-request IPaddr::10.77.0.100 n1', 'ip-request-resp IPaddr::10.77.0.101 n1']);
  assert.equal(told(rig)[1]?.fields.NICEFAILBACK, undefined);
});

test('unknown types reach scripts, for us or for all; the daemon talk does not', () => {
  const { rig, peer } = scene();
  rig.hear(peer.frame('site-news', [['foo', 'a b;c\n']]));
  rig.hear(peer.frame('site-news', [['dest', 'n2']]));
  rig.hear(peer.frame('site-news', [['dest', 'n1']]));
  rig.hear(peer.frame('NS_news', []));
  for (const type of ['reqnodes', 'repnodes', 'starting', 'resource', 'addnode', 'setweight', 'query-cstatus', 'hbapi-clstat'])
    rig.hear(peer.frame(type, []));
  assert.deepEqual(
    told(rig).map(({ type, fields }) => [type, fields.foo ?? '']),
    [
      ['site-news', 'a b;c\n'],
      ['site-news', ''],
    ],
  );
});

test('names from the network cannot stand for anything but themselves', () => {
  const { rig, peer } = scene();
  rig.hear(
    peer.frame('site-news', [
      ['DIR', '/evil'],
      ['NICEFAILBACK', 'no'],
      ['OSTATUS', 'evil'],
      ['a-b', 'x'],
      ['a b', 'x'],
      ['x'.repeat(200), 'x'],
      ['good', 'kept'],
      ['Mixed_1', 'kept'],
    ]),
  );
  const { t, src, good, Mixed_1: mixed, ...fields } = told(rig)[0]?.fields ?? {};
  assert.deepEqual({ t, src, good, mixed }, { t: 'site-news', src: 'n1', good: 'kept', mixed: 'kept' });
  assert.deepEqual(names(fields), ['NICEFAILBACK', 'OSTATUS', 'auth', 'hg', 'ld', 'seq', 'ts', 'ttl']);
  assert.equal(fields.OSTATUS, 'active');
  assert.equal(fields.NICEFAILBACK, 'yes');
});

test('a value ends at its NUL, one that no environment takes is left out, and the last of a name counts', () => {
  const message = Message.of(['t', 'x'], ['nul', 'cut\0here'], ['huge', 'x'.repeat(60_001)], ['twice', '1'], ['twice', '2']);
  assert.deepEqual(scriptFields(message.with(binary('raw', 'x'))), { t: 'x', nul: 'cut', twice: '2' });
});

test('what scripts are given of one message is bounded', () => {
  const { rig, peer } = scene();
  rig.hear(
    peer.frame(
      'site-news',
      Array.from({ length: 600 }, (_, at) => [`f${at}`, 'x'.repeat(50)] as const),
    ),
  );
  assert.ok(Object.keys(told(rig)[0]?.fields ?? {}).length <= 502);
});

test('while this node stops, an ip-request-resp and a leave are not told', () => {
  const { rig, peer } = scene();
  rig.scripts = () => ({ kind: 'exited', status: 1, output: 'running', path: '/x' });
  rig.give({ kind: 'stopAsked' });
  rig.hear(
    peer.frame('ip-request-resp', [
      ['dest', 'n2'],
      ['ipaddr', 'x'],
    ]),
  );
  rig.hear(peer.frame('shutdone', [['st', 'dead']]));
  assert.deepEqual(told(rig, 'ip-request-resp', 'status'), []);
});

test('programs: started when the node is active, ended after the resources, and the exit waits for them', () => {
  const program = { user: 'nobody', command: '/a', failfast: false };
  const rig = new Rig({ programs: [program] });
  const started = () => rig.effects.flatMap((effect) => (effect.kind === 'startProgram' ? [effect.id] : []));
  rig.start();
  rig.wait(5000);
  assert.deepEqual(started(), []);
  rig.wait(6000);
  assert.deepEqual(started(), [1]);
  rig.wait(2000);
  rig.forget();
  rig.give({ kind: 'stopAsked' });
  const last = rig.effects.findLastIndex((effect) => effect.kind === 'runScript');
  const signalled = rig.effects.findIndex((effect) => effect.kind === 'signalProgram');
  assert.ok(last >= 0 && signalled > last);
  rig.wait(10_000);
  assert.equal(rig.exitStatus, undefined);
  assert.ok(rig.messages('status').length >= 9, 'it goes on to say that it lives');
  rig.give({ kind: 'programEnded', program: 1, outcome: { kind: 'exited', status: 0 } });
  assert.equal(rig.exitStatus, 0);
});
