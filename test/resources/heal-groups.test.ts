/** The heal by group, one node with the other played by the test: who waits for which word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mark } from '../../src/resources/group-list.ts';
import { Bench, group, OURS, THEIRS } from './support.ts';

const DISK = group('n2', 'Filesystem::/dev/sdb1::/data');

/** One entry of n1's list. */
function entry(of: { readonly id: string }, flags: string, epoch = 2, seconds = 4): string {
  return `${mark(of.id)}.${epoch}.${flags}.${seconds.toString(16)}`;
}

/** The present list of ours: flags by group. */
function ours(bench: Bench): Map<string, string> {
  const last = bench.port.sent.findLast(({ type }) => type === 'resource')?.fields.hbd_epochs ?? '';
  const all = [THEIRS, OURS, DISK].map(
    (each) => [each.key, last.split(' ').find((text) => text.startsWith(`${mark(idOf(each))}.`))] as const,
  );
  return new Map(all.map(([key, text]) => [key, text?.split('.')[2] ?? '']));
}

function idOf({ home, key }: { readonly home: string; readonly key: string }): string {
  return `${home} ${key}`;
}

const A = { id: idOf(THEIRS) };
const B = { id: idOf(OURS) };
const D = { id: idOf(DISK) };

/** Both took everything in a cut that began with each at home; n2 (we) hears n1 again. */
function split(setup: { readonly disk?: boolean } = {}): Bench {
  const groups = setup.disk === true ? [THEIRS, OURS, DISK] : [THEIRS, OURS];
  const bench = new Bench({ speaksOurs: true, groups });
  bench.control.activate(bench.at);
  bench.settle();
  bench.hear('starting');
  bench.holds('local', '1', { hbd_epochs: entry(A, '2ow', 1) });
  bench.settle();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  bench.now += 4000;
  bench.peerStatus = 'active';
  bench.port.news();
  bench.control.peerReturned(bench.at);
  return bench;
}

test('what we say on return: our own as confirmed, what we took as taken over', () => {
  const bench = split();
  assert.deepEqual([...ours(bench)].slice(0, 2), [
    [THEIRS.key, '1ow'],
    [OURS.key, '2ow'],
  ]);
});

test('each keeps its own: ours is promised and announced at once, theirs goes only at their word', () => {
  const bench = split();
  bench.port.news();
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '1ow')}` });
  assert.equal(ours(bench).get(OURS.key), '2owk');
  assert.ok(bench.port.news().includes('announce 10.0.0.2'));
  assert.equal(bench.group(THEIRS), 'running', 'n1 has not said that it keeps it');
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2owk', 1)} ${entry(B, '1ow')}` });
  assert.equal(bench.port.pending?.script, 'IPaddr', 'the address first');
  bench.settle();
  assert.equal(bench.group(THEIRS), 'stopped');
  bench.port.news();
  bench.holds('local', '0', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '1p')}` });
  assert.ok(!bench.port.news().includes('announce 10.0.0.2'), 'its release has begun, and a script may still announce the address');
  bench.holds('local', '1', { hbd_epochs: entry(A, '2ow', 1) });
  assert.ok(bench.port.news().includes('announce 10.0.0.2'), 'its release has ended');
  bench.settle();
  assert.equal(bench.group(OURS), 'running');
});

test('the peer does not run one of them: it is not given up, whatever the rule says of the set', () => {
  const bench = split();
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2o', 1)} ${entry(B, '1ow')}` });
  bench.settle();
  assert.equal(ours(bench).get(THEIRS.key), '1owk');
  assert.equal(bench.group(THEIRS), 'running');
  assert.deepEqual(
    bench.port.notes.filter(({ code }) => code === 'healRelease'),
    [],
  );
});

test('we were away: what the peer runs goes at once, without its word', () => {
  const bench = split();
  bench.control.absence.hold(bench.at);
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '1ow')}` });
  bench.settle();
  assert.equal(bench.group(OURS), 'stopped');
  assert.equal(bench.group(THEIRS), 'stopped');
  assert.equal(bench.port.sent.findLast(({ type }) => type === 'resource')?.fields.hbd_away, '1');
});

test('the peer was away: we keep both; both were away: as if neither was', () => {
  const one = split();
  one.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '1ow')}`, hbd_away: '1' });
  assert.deepEqual([ours(one).get(THEIRS.key), ours(one).get(OURS.key)], ['1owk', '2owk']);
  const both = split();
  both.control.absence.hold(both.at);
  both.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '1ow')}`, hbd_away: '1' });
  assert.deepEqual([ours(both).get(THEIRS.key), ours(both).get(OURS.key)], ['1ow', '2owk']);
});

test('neither says that it keeps a group: its home does after a while, and asks', () => {
  const bench = split();
  // By what n1 told last it would be n1's; n1 does not say so.
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '2ow', 9)}` });
  assert.equal(ours(bench).get(OURS.key), '2ow');
  bench.wait(5000);
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '2ow', 9)}` });
  assert.equal(ours(bench).get(OURS.key), '2owk');
  assert.ok(bench.port.sent.some(({ fields }) => fields.hbd_ask === '1'));
  assert.equal(bench.group(THEIRS), 'running', 'n1 is the home of the other one, and still has not said so');
});

test('both have promised: the home keeps its word', () => {
  const bench = split();
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '1ow', 2)} ${entry(B, '2ow', 1)}`, hbd_away: '1' });
  assert.equal(ours(bench).get(THEIRS.key), '1owk');
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '1owk', 2)} ${entry(B, '2owk', 1)}`, hbd_away: '1' });
  bench.settle();
  assert.equal(bench.group(THEIRS), 'stopped');
  assert.equal(bench.group(OURS), 'running');
});

test('a storage group held twice: CRIT with the time, and no failback of it by itself', () => {
  const bench = split({ disk: true });
  bench.now += 3000;
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2ow', 1)} ${entry(B, '1ow')} ${entry(D, '1ow', 2, 5)}` });
  bench.now += 500;
  bench.holds('local', '1', { hbd_epochs: entry(A, '2owk', 1) });
  bench.settle();
  const crit = bench.port.notes.find(({ code }) => code === 'storageTwice');
  assert.deepEqual(crit?.facts, { key: DISK.key, node: 'n1', seconds: '5.5' });
  assert.ok(bench.state.epochs.isPinned(bench.state.groups.find(({ key }) => key === DISK.key) ?? DISK));
  assert.equal(bench.group(DISK), 'running');
});

test('a new life that finds its groups running goes on with their terms; without a record they are new', () => {
  const kept: string[] = [];
  const first = split();
  first.port.keepEpochs = (text) => void kept.push(text);
  first.holds('local', '1', { hbd_epochs: entry(A, '2owk', 1) });
  first.settle();
  first.wait(100);
  const [text] = kept.slice(-1);
  assert.match(text ?? '', new RegExp(`^hb_epochs 1\n.*${mark(B.id)} 1 2 m\\.`, 's'));
  for (const record of [text, undefined]) {
    const next = new Bench({ speaksOurs: true, peerStatus: 'dead' });
    for (const word of ['IPaddr::10.0.0.2/24', 'db']) next.port.running.add(word);
    if (record !== undefined) next.state.epochs.restore(record);
    next.control.activate(next.at);
    next.settle();
    assert.equal(ours(next).get(OURS.key), record === undefined ? '0ow' : '2ow');
    assert.equal(ours(next).get(THEIRS.key), '0ow', 'it did not run here: a new term');
  }
});

test('a record that is damaged says nothing', () => {
  const bench = new Bench({ speaksOurs: true });
  for (const text of ['', 'x', 'hb_epochs 2\n1 1 2 m.', `hb_epochs 1\n${'y'.repeat(5000)}`, 'hb_epochs 1\n1 99999999999 2 m.\n1 1 3 m.'])
    bench.state.epochs.restore(text);
  assert.equal(bench.state.epochs.ours(OURS).epoch, 0);
});

test('the peer says that it keeps what it does not run: by facts from before we ran it, and so we go on', () => {
  const bench = split();
  bench.holds('all', '1', { hbd_epochs: `${entry(A, '2ok', 1)} ${entry(B, '1ow')}` });
  bench.settle();
  assert.equal(bench.group(THEIRS), 'running');
  assert.equal(ours(bench).get(THEIRS.key), '1owk');
});
