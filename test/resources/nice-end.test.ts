/** Death, leave, shutdown and restart in a stable pair (wire-protocol 6.7, 7.6, 7.7). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bench, type BenchSetup, exited, OURS, peerComesBack, THEIRS } from './support.ts';

const joined = (setup: BenchSetup = {}) => new Bench(setup).joined();

const asked = (bench: Bench) => bench.port.news().filter((line) => line.startsWith('ask_resources'));

// --- 7.6: death ---

for (const [holds, result, code] of [
  ['local', 'n_stnth', 'noStonith'],
  ['all', 'n_stnth', 'noStonith'],
  ['none', 'unneeded', 'deadGaveUp'],
] as const) {
  test(`7.6 the death of a peer that held ${holds}: stonith ${result}, then everything is taken`, () => {
    const bench = joined();
    bench.holds(holds, '1');
    bench.port.news();
    bench.peerStatus = 'dead';
    bench.control.peerDied(bench.at);
    const [first, ...then] = bench.port.news();
    // Where both held it, the neighbours hear first who is left.
    assert.equal(holds === 'all' ? then[0] : first, `stonith ${result}`);
    if (holds === 'all') assert.match(first ?? '', /^announce /);
    assert.deepEqual(bench.port.sent.findLast(({ type }) => type === 'stonith')?.fields, { node: 'n1', result });
    assert.ok(bench.noted(code));
    assert.equal(bench.noted('acquiringFrom'), result === 'n_stnth');
    bench.settle();
    assert.equal(bench.control.rscstatus(), 'all');
    assert.equal(bench.port.lines.at(-1), 'resource all/1');
    assert.deepEqual([...bench.port.running].sort(), [THEIRS.key, OURS.key, 'db', 'web'].sort());
  });
}

test('7.6 what runs here already is not started again', () => {
  const bench = joined();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.deepEqual(
    bench.port.news().filter((line) => line.startsWith('start ')),
    [`start ${THEIRS.key}`, 'start web'],
  );
});

test('7.6 scripts get the fields of the event that starts them: our groups, and those of the dead peer', () => {
  const bench = new Bench();
  bench.control.activate(bench.at);
  bench.settle();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  const seen = new Map<string, Readonly<Record<string, string>>>();
  for (let job = bench.port.pending; job !== undefined; job = bench.port.pending) {
    if (job.action === 'start') seen.set(job.script === 'IPaddr' ? (job.args[0] ?? '') : job.script, job.env);
    bench.port.end(bench.at);
  }
  const always = { HA_OSTATUS: 'active', HA_NICEFAILBACK: 'yes' };
  const { ts = '' } = bench.port.unsent('status', []);
  assert.deepEqual(seen.get('web'), { ...always, HA_t: 'status', HA_seq: '1', HA_ts: ts, HA_src: 'n1', HA_st: 'dead' });
  const message = bench.port.unsent('ip-request-resp', [
    ['dest', 'n2'],
    ['ipaddr', OURS.key],
    ['weown', 'yes'],
    ['ok', 'OK'],
  ]);
  const ours = Object.fromEntries(Object.entries(message).map(([name, value]) => [`HA_${name}`, value]));
  assert.deepEqual(seen.get('db'), { ...always, ...ours });
  // Scripts of the site hear of our own groups, once for each.
  assert.deepEqual(bench.port.told, [{ type: 'ip-request-resp', fields: message }]);
});

test('7.6 if we are shutting down nothing is taken', () => {
  const bench = joined();
  bench.control.stop(bench.at);
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.ok(!bench.port.news().some((line) => line.startsWith('start ')));
  assert.equal(bench.port.releases, 1);
});

// --- 7.7: shutdown ---

test('7.7 (2) the stop: RES none/0 shutdown, the groups, shutdone, and only then what another node holds', () => {
  const bench = joined();
  bench.control.stop(bench.at);
  assert.deepEqual(bench.port.news().slice(0, 1), ['resource none/0 shutdown']);
  bench.settle();
  assert.deepEqual(
    bench.port.lines.slice(-5),
    ['stop db', 'silence 10.0.0.2', `stop ${OURS.key}`, 'shutdone', 'stop web', `stop ${THEIRS.key}`].slice(-5),
  );
  assert.equal(bench.port.sent.findLast(({ type }) => type === 'shutdone')?.fields.st, 'dead');
  assert.equal(bench.port.releases, 1);
});

test('7.7 a stop while resources move waits for their end, and says so once', () => {
  const bench = joined();
  bench.asks('local', 'me');
  bench.holds('none', '0', { info: 'standby' });
  bench.control.stop(bench.at);
  bench.control.stop(bench.at);
  assert.equal(bench.port.codes().filter((code) => code === 'shutdownDelayed').length, 1);
  assert.ok(!bench.port.lines.includes('resource none/0 shutdown'));
  bench.asks('local', 'done');
  bench.settle();
  bench.settle();
  assert.equal(bench.port.releases, 1);
  assert.deepEqual([...bench.port.running], []);
});

test('7.7 a stop is not held up by a request of ours that nobody has answered', () => {
  const bench = joined();
  bench.control.standby(bench.at, 'all');
  bench.control.stop(bench.at);
  bench.settle();
  assert.equal(bench.port.releases, 1);
});

test('7.7 a stop before communication is up ends at once, without a message', () => {
  const bench = new Bench({ peerStatus: 'init' });
  bench.control.stop(bench.at);
  bench.settle();
  assert.equal(bench.port.releases, 1);
  assert.deepEqual(
    bench.port.lines.filter((line) => line.startsWith('start ') || line.startsWith('stop ')),
    [],
  );
});

test('7.7 a stop while our question is open ends, too', () => {
  const bench = new Bench();
  bench.control.activate(bench.at);
  bench.control.stop(bench.at);
  bench.settle();
  assert.equal(bench.port.releases, 1);
});

test('7.7 (3) the receiver of shutdone takes the groups of the leaver', () => {
  for (const [before, left] of [
    ['local', 'local'],
    ['none', 'all'],
  ] as const) {
    const bench = joined();
    if (before === 'none') {
      bench.control.standby(bench.at, 'all');
      bench.asks('all', 'other');
      bench.settle();
      bench.asks('all', 'done');
    }
    bench.holds(left, '1');
    bench.port.news();
    bench.holds('none', '0', { info: 'shutdown' });
    bench.wait(4000);
    assert.equal(bench.control.rscstatus(), before, 'not before the leaver has stopped its groups');
    bench.hear('shutdone', { st: 'dead' });
    bench.settle();
    assert.equal(bench.control.rscstatus(), 'all', `holding ${before}`);
    assert.ok(bench.noted('shutdownNotice') && bench.noted('acquiringFrom'));
    assert.ok(!bench.port.lines.some((line) => line.startsWith('stonith')), 'nobody is to be reset');
    assert.equal(bench.port.lines.at(-1), 'resource all/1');
  }
});

test('7.7 the death that follows a leave takes nothing more and resets nobody', () => {
  const bench = joined();
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  bench.port.news();
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.ok(!bench.port.news().some((line) => line.startsWith('start ') || line.startsWith('stop ')));
  assert.equal(bench.port.sent.findLast(({ type }) => type === 'stonith')?.fields.result, 'unneeded');
  assert.equal(bench.control.rscstatus(), 'all');
});

test('7.7 shutdone heard while shutting down: the takeover is cancelled', () => {
  const bench = joined();
  bench.control.stop(bench.at);
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  assert.ok(bench.noted('takeoverCancelled'));
  assert.ok(!bench.port.lines.slice(-6).some((line) => line.startsWith('start ')));
  assert.equal(bench.port.releases, 1);
});

test('7.7 a peer that has left is not believed to hold anything by a late resource of its', () => {
  const bench = joined();
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  bench.holds('local', '1');
  bench.wait(20_000);
  assert.equal(bench.control.rscstatus(), 'all');
  assert.equal(bench.state.peer.holds.foreign, false);
});

test('7.7 the leaver that starts again is asked nothing and told all; then its groups go back', () => {
  const bench = joined();
  bench.hear('shutdone', { st: 'dead' });
  bench.settle();
  peerComesBack(bench);
  assert.deepEqual(asked(bench), ['ask_resources foreign me']);
});

test('7.7 a stop script that fails for good keeps the node from saying that it has left', () => {
  const bench = joined();
  bench.port.twist = (job) => (job.script === 'db' ? (job.action === 'status' ? exited(0, 'running') : exited(1)) : undefined);
  bench.control.stop(bench.at);
  bench.wait(15_000);
  assert.equal(bench.port.resets.length >= 1, true);
  assert.ok(!bench.port.lines.includes('shutdone'));
  assert.equal(bench.port.releases, 0);
});

// --- 6.7: a restart that was too quick for a death ---

test('6.7 the peer restarts without having been declared dead: no takeover, it is told what we hold', () => {
  const bench = joined();
  bench.seq = 0;
  bench.control.peerRestarted(bench.at);
  bench.control.peerAppeared(bench.at);
  bench.control.peerActive(bench.at);
  assert.ok(!bench.port.news().some((line) => /^(start|stop|stonith)/.test(line)));
  bench.hear('starting');
  assert.ok(bench.port.news().includes('resource local/1'));
  bench.holds('local', '1');
  bench.wait(10_000);
  assert.equal(bench.control.rscstatus(), 'local');
});

test('own groups that both nodes have left to nobody are taken after a moment, and it is told', () => {
  const bench = joined({ speaksOurs: true });
  bench.control.standby(bench.at, 'local');
  bench.asks('local', 'other');
  bench.settle();
  bench.control.peerRestarted(bench.at);
  bench.seq = 0;
  bench.holds('none', '1');
  bench.wait(500);
  assert.equal(bench.control.rscstatus(), 'none');
  bench.wait(5000);
  assert.equal(bench.control.rscstatus(), 'local');
  assert.ok(bench.noted('nobodyOwnsLocal'));
});
