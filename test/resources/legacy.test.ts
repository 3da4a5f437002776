/** `auto_failback legacy`: groups are asked for one by one (wire-protocol 7.8). The node is n2, the peer n1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, group, OURS, THEIRS } from './support.ts';

const SECOND = group('n2', 'second');

function started(peerStatus = 'active', groups = [THEIRS, OURS]): Bench {
  const bench = new Bench({ failback: 'legacy', peerStatus, groups });
  bench.control.activate(bench.at);
  bench.settle();
  return bench;
}

const grant = (bench: Bench, key: string, ok = 'OK') => bench.hear('ip-request-resp', { ipaddr: key, weown: 'yes', ok });

function joined(): Bench {
  const bench = started();
  grant(bench, OURS.key);
  bench.settle();
  assert.equal(bench.group(OURS), 'running');
  bench.port.news();
  return bench;
}

function alone(): Bench {
  const bench = started('dead');
  assert.deepEqual([bench.group(OURS), bench.group(THEIRS)], ['running', 'running']);
  bench.port.news();
  return bench;
}

test('on active with another node there: each own group is asked for by key, and nothing is started', () => {
  const bench = started('active', [THEIRS, OURS, SECOND]);
  assert.deepEqual(bench.port.news(), [`ip-request ${OURS.key}`, 'ip-request second']);
});

test('there is no starting, no resource and no ask_resources in this mode', () => {
  const bench = joined();
  bench.hear('starting');
  bench.hear('resource', { rsc_hold: 'all', rtype: 'full', isstable: '1' });
  bench.hear('ask_resources', { rsc_hold: 'all', info: 'me' });
  bench.wait(5000);
  bench.control.stop(bench.at);
  bench.settle();
  assert.ok(!bench.port.sent.some(({ type }) => ['starting', 'resource', 'ask_resources'].includes(type)));
});

test('what is granted is started, once, and nothing else', () => {
  const bench = started('active', [THEIRS, OURS, SECOND]);
  bench.port.news();
  grant(bench, OURS.key);
  grant(bench, OURS.key);
  bench.settle();
  assert.deepEqual(
    bench.port.news().filter((line) => line.startsWith('start ')),
    [`start ${OURS.key}`, 'start db'],
  );
  assert.equal(bench.group(SECOND), 'stopped');
});

test('an answer that is no OK, and one for what was not asked, start nothing', () => {
  const bench = started();
  grant(bench, OURS.key, 'no');
  grant(bench, THEIRS.key);
  grant(bench, 'unheard of');
  bench.settle();
  assert.ok(!bench.port.news().some((line) => line.startsWith('start ')));
});

test('a request without an answer is said again', () => {
  const bench = started();
  bench.port.news();
  bench.wait(6500);
  assert.equal(bench.port.news().filter((line) => line === `ip-request ${OURS.key}`).length, 3);
  grant(bench, OURS.key);
  bench.settle();
  bench.port.news();
  bench.wait(10_000);
  assert.deepEqual(bench.port.news(), []);
});

test('alone, everything is taken at once', () => {
  alone();
});

test('the peer asks for its group: it is stopped first, and the answer says that we had it', () => {
  const bench = alone();
  bench.peerStatus = 'active';
  bench.hear('ip-request', { ipaddr: THEIRS.key });
  bench.settle();
  assert.deepEqual(bench.port.news(), ['stop web', 'silence 10.0.0.1', `stop ${THEIRS.key}`, `ip-request-resp ${THEIRS.key} weown=yes`]);
  const answer = bench.port.sent.at(-1)?.fields;
  assert.deepEqual([answer?.dest, answer?.ok], ['n1', 'OK']);
  assert.equal(bench.group(OURS), 'running');
});

test('the peer asks for what does not run here: weown=no, at once', () => {
  const bench = joined();
  bench.hear('ip-request', { ipaddr: THEIRS.key });
  assert.deepEqual(bench.port.news(), [`ip-request-resp ${THEIRS.key} weown=no`]);
});

test('a group of our own is asked away by the lower name, whose file says so, and asked for again', () => {
  const bench = joined();
  bench.hear('ip-request', { ipaddr: OURS.key });
  bench.settle();
  assert.deepEqual(bench.port.news(), ['stop db', 'silence 10.0.0.2', `stop ${OURS.key}`, `ip-request-resp ${OURS.key} weown=yes`]);
  bench.wait(5000);
  assert.deepEqual(bench.port.news(), [`ip-request ${OURS.key}`, `ip-request ${OURS.key}`]);
});

test('the higher name asks for a group of our own: no answer while it runs here or is asked for', () => {
  const ours = group('n0', 'IPaddr::10.0.0.2/24', 'db');
  const bench = new Bench({ failback: 'legacy', self: 'n0', groups: [THEIRS, ours] });
  bench.control.activate(bench.at);
  bench.settle();
  bench.port.news();
  bench.hear('ip-request', { ipaddr: ours.key });
  assert.deepEqual(bench.port.news(), []);
  grant(bench, ours.key);
  bench.settle();
  bench.port.news();
  bench.hear('ip-request', { ipaddr: ours.key });
  bench.settle();
  assert.deepEqual(bench.port.news(), []);
  assert.equal(bench.group(ours), 'running');
});

test('a key that either node has: the one of the asker is meant, and ours goes on', () => {
  const ours = group('n2', 'web', 'db');
  const bench = new Bench({ failback: 'legacy', groups: [group('n1', 'web'), ours] });
  bench.control.activate(bench.at);
  bench.settle();
  grant(bench, 'web');
  bench.settle();
  bench.port.news();
  bench.hear('ip-request', { ipaddr: 'web' });
  assert.deepEqual(bench.port.news(), ['ip-request-resp web weown=no']);
});

test('the death of the peer: its groups are taken, with stonith n_stnth', () => {
  const bench = joined();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  const news = bench.port.news();
  assert.equal(news[0], 'stonith n_stnth');
  assert.deepEqual(
    news.filter((line) => line.startsWith('start ')),
    [`start ${THEIRS.key}`, 'start web'],
  );
});

test('the leave of the peer: its groups are taken, and its death later resets nobody', () => {
  const bench = joined();
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  assert.equal(bench.group(THEIRS), 'running');
  assert.ok(!bench.port.news().some((line) => line.startsWith('stonith')));
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.deepEqual(bench.port.news(), ['stonith unneeded']);
});

test('while we wait for the answer the peer dies: ours are taken without it', () => {
  const bench = started();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.deepEqual([bench.group(OURS), bench.group(THEIRS)], ['running', 'running']);
});

test('after a partition each goes back to its home', () => {
  const bench = alone();
  bench.peerStatus = 'active';
  bench.control.peerReturned(bench.at);
  bench.settle();
  assert.deepEqual([bench.group(OURS), bench.group(THEIRS)], ['running', 'stopped']);
});

test('standby and takeover do not exist in this mode, and say so', () => {
  const bench = joined();
  assert.match(bench.control.standby(bench.at, 'all') ?? '', /legacy/);
  assert.match(bench.control.takeover(bench.at, 'all') ?? '', /legacy/);
  assert.ok(bench.noted('standbyLegacy'));
  assert.equal(bench.control.rscstatus(), 'none', 'as 3.0.6 answers (tools 3)');
});

test('the stop: the groups, shutdone, and then what another node holds', () => {
  const bench = joined();
  bench.control.stop(bench.at);
  bench.settle();
  const { lines } = bench.port;
  const order = ['stop db', `stop ${OURS.key}`, 'shutdone', 'stop web', `stop ${THEIRS.key}`].map((line) => lines.lastIndexOf(line));
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.ok(!order.includes(-1));
  assert.equal(bench.port.releases, 1);
});

test('a stop while a group is being started waits for the script, then ends', () => {
  const bench = started();
  grant(bench, OURS.key);
  bench.control.stop(bench.at);
  assert.ok(bench.noted('shutdownDelayed'));
  bench.settle();
  assert.equal(bench.port.releases, 1);
  assert.deepEqual([...bench.port.running], []);
});

test('who asks again while the group is being released waits for the same end, and is answered once', () => {
  const bench = alone();
  bench.peerStatus = 'active';
  for (let asked = 0; asked < 5; asked += 1) bench.hear('ip-request', { ipaddr: THEIRS.key });
  bench.settle();
  const news = bench.port.news();
  assert.equal(news.filter((line) => line === 'stop web').length, 1);
  assert.equal(news.filter((line) => line.endsWith('weown=yes')).length, 1);
  bench.hear('ip-request', { ipaddr: THEIRS.key });
  assert.deepEqual(bench.port.news(), [`ip-request-resp ${THEIRS.key} weown=no`]);
});

test('the asker dies while its group is released: it is taken again, and nobody is told that it is free', () => {
  const bench = alone();
  bench.peerStatus = 'active';
  bench.hear('ip-request', { ipaddr: THEIRS.key });
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.equal(bench.group(THEIRS), 'running');
  assert.ok(!bench.port.news().some((line) => line.startsWith('ip-request-resp')));
});

test('a node that asks while we stop is answered when all is released, and at once after that', () => {
  const bench = joined();
  bench.control.stop(bench.at);
  bench.hear('ip-request', { ipaddr: THEIRS.key });
  assert.ok(!bench.port.news().some((line) => line.startsWith('ip-request-resp')));
  bench.settle();
  const news = bench.port.news();
  assert.ok(news.indexOf(`ip-request-resp ${THEIRS.key} weown=no`) > news.indexOf(`stop ${OURS.key}`), news.join());
  bench.hear('ip-request', { ipaddr: 'another' });
  assert.deepEqual(bench.port.news(), ['ip-request-resp another weown=no']);
});
