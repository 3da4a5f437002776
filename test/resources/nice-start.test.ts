/** The start-up exchange, rule by rule (wire-protocol 7.2, 7.2.1). The node under test is n2, the peer n1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceSetWord } from '../../src/contracts/status.ts';
import { Bench, type BenchSetup, exited, group, OURS, THEIRS } from './support.ts';

/** Up, with the first question to the scripts answered, and nothing heard yet. */
function activated(setup: BenchSetup = {}): Bench {
  const bench = new Bench(setup);
  bench.control.activate(bench.at);
  bench.settle();
  return bench;
}

/** No message of ours ever claims a standstill while something moves. */
function watched(bench: Bench): Bench {
  const { port } = bench;
  const send = port.send;
  port.send = (type, fields) => {
    const stable = fields.some(([name, value]) => name === 'isstable' && value === '1');
    if (type === 'resource' && stable) {
      assert.equal(bench.state.work.busy, false, 'isstable=1 while work is under way');
      assert.equal(port.pending, undefined, 'isstable=1 while a script runs');
    }
    send(type, fields);
  };
  return bench;
}

const started = (bench: Bench) => bench.port.lines.filter((line) => line.startsWith('start '));

for (const speaksOurs of [false, true]) {
  const who = speaksOurs ? 'a heartbeatd peer' : 'a 3.0.6 peer';

  test(`7.2 (1) ${who}: on becoming active we send starting, once`, () => {
    const bench = activated({ speaksOurs });
    assert.deepEqual(bench.port.news(), ['starting']);
    assert.equal(bench.port.sent[0]?.fields.hbd_v, '1');
  });

  test(`${who}: own groups are never acquired before the answer, however long it takes`, () => {
    const bench = watched(activated({ speaksOurs }));
    bench.wait(120_000);
    assert.deepEqual(started(bench), []);
    assert.equal(bench.control.rscstatus(), 'transition');
    bench.hear('starting');
    bench.wait(60_000);
    assert.deepEqual(started(bench), [], 'its starting is no answer to ours');
    bench.holds('none', '1');
    bench.settle();
    assert.equal(bench.group(OURS), 'running');
    assert.equal(bench.group(THEIRS), 'stopped');
  });

  test(`${who}: an answer older than our starting is none`, () => {
    const bench = activated({ speaksOurs });
    bench.hear('resource', { rsc_hold: 'none', rtype: 'full', isstable: '1' }, bench.seq);
    bench.settle();
    assert.deepEqual(started(bench), []);
  });

  test(`7.2 (5) ${who} holds all: nothing is acquired, and we say none/1`, () => {
    const bench = watched(activated({ speaksOurs }));
    bench.holds('all', '1');
    bench.settle();
    assert.deepEqual(started(bench), []);
    assert.equal(bench.control.rscstatus(), 'none');
    assert.equal(bench.port.lines.at(-1), 'resource none/1');
    assert.ok(bench.noted('localAcquiredNone'));
    assert.deepEqual(bench.port.notes.find(({ code }) => code === 'initialAcquisition')?.facts, { reason: 'T_RESOURCES(them)' });
  });

  test(`${who} dies before it has answered: both sets are taken at once`, () => {
    const bench = activated({ speaksOurs });
    bench.peerStatus = 'dead';
    bench.control.peerDied(bench.at);
    bench.settle();
    assert.equal(bench.control.rscstatus(), 'all');
    assert.deepEqual(started(bench).length, 4);
  });

  test(`${who} takes its leave before it has answered: both sets are taken`, () => {
    const bench = activated({ speaksOurs });
    bench.hear('shutdone', { st: 'dead' });
    bench.settle();
    assert.equal(bench.control.rscstatus(), 'all');
  });

  test(`7.2 (2) ${who}: each starting of the other is answered with what we hold`, () => {
    const bench = new Bench({ speaksOurs }).joined();
    bench.hear('starting');
    assert.deepEqual(bench.port.news(), ['resource local/1']);
    bench.hear('starting');
    assert.deepEqual(bench.port.news(), ['resource local/1']);
  });

  test(`7.2.1 ${who}: every starting of ours is followed by isstable=1`, () => {
    for (const held of ['none', 'local', 'foreign', 'all'] as const) {
      const bench = watched(activated({ speaksOurs }));
      bench.hear('starting');
      bench.holds(held, held === 'none' ? '0' : '1');
      bench.holds(held, '1');
      bench.settle();
      const { lines } = bench.port;
      assert.match(lines.slice(lines.lastIndexOf('starting')).join('\n'), /resource \w+\/1/, `peer with ${held}`);
    }
  });

  test(`7.2.1 ${who}: isstable=1 is never said while something moves`, () => {
    const bench = watched(new Bench({ speaksOurs }));
    bench.control.activate(bench.at);
    const poke = () => {
      bench.hear('starting');
      bench.holds('none', '1');
    };
    poke();
    while (bench.port.pending !== undefined) {
      bench.port.end(bench.at);
      if (bench.port.pending !== undefined) poke();
    }
    assert.equal(bench.port.lines.at(-1), 'resource local/1');
  });
}

test('7.2.1 the peer that is not active yet is asked once it is: before that it drops the question without a trace', () => {
  const bench = activated({ peerStatus: 'up' });
  bench.wait(30_000);
  assert.deepEqual(bench.port.news(), []);
  bench.peerStatus = 'active';
  bench.control.peerActive(bench.at);
  assert.deepEqual(bench.port.news(), ['starting']);
});

test('7.2.1 its starting shows that it listens: then it is asked, too', () => {
  const bench = activated({ peerStatus: 'up' });
  bench.hear('starting');
  assert.ok(bench.port.news().includes('starting'));
});

test('7.2.1 an unanswered starting is repeated, slowly, and not after the answer', () => {
  const bench = activated();
  bench.wait(20_000);
  const asked = bench.port.news().filter((line) => line === 'starting').length;
  assert.ok(asked >= 4 && asked <= 12, `${asked} in 20 s`);
  bench.holds('none', '1');
  bench.wait(20_000);
  assert.ok(!bench.port.news().includes('starting'));
});

test('7.2.1 a 3.0.6 node that says 0 is waited for until its 1', () => {
  const bench = watched(activated());
  bench.hear('starting');
  bench.holds('none', '0');
  bench.wait(9000);
  assert.deepEqual(started(bench), []);
  bench.holds('local', '1');
  bench.settle();
  assert.deepEqual(started(bench), [`start ${OURS.key}`, 'start db']);
});

test('7.2.1 a 3.0.6 node that says 0 and dies is waited for no longer', () => {
  const bench = activated();
  bench.holds('local', '0');
  bench.peerStatus = 'dead';
  bench.control.peerDied(bench.at);
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'all');
});

test('7.2.1 a resource without isstable, or with none, does not shorten the wait', () => {
  const bench = activated();
  bench.hear('resource', { rsc_hold: 'none', rtype: 'full' });
  bench.settle();
  assert.deepEqual(started(bench), []);
});

test('7.2.1 the fixed 10 s are gone: the answer none/1 and the start of our groups share one moment', () => {
  const bench = activated();
  bench.holds('none', '1');
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'local');
  assert.equal(bench.now, 1000);
});

test('7.2.1 both start at once: the 3.0.6 peer is told none/1 as its answer', () => {
  const bench = watched(activated());
  bench.port.news();
  bench.hear('starting');
  assert.deepEqual(
    bench.port.news().filter((line) => line.startsWith('resource')),
    ['resource none/1'],
  );
});

test('a heartbeatd peer that says 0 need not be waited for: it says what runs', () => {
  const bench = activated({ speaksOurs: true });
  bench.holds('local', '0', { hbd_hold: 'local' });
  bench.settle();
  assert.equal(bench.group(OURS), 'running');
});

test('a heartbeatd peer that is still releasing our groups is waited for', () => {
  const bench = activated({ speaksOurs: true });
  bench.holds('local', '0', { hbd_hold: 'all' });
  bench.wait(5000);
  assert.deepEqual(started(bench), []);
  bench.holds('local', '1', { hbd_hold: 'local' });
  bench.settle();
  assert.equal(bench.group(OURS), 'running');
});

test('a heartbeatd peer answers this very start: a quote of another generation is none', () => {
  const bench = activated({ speaksOurs: true });
  bench.holds('none', '1', { hbd_re: 'bee0' });
  bench.settle();
  assert.deepEqual(started(bench), []);
  bench.holds('none', '1');
  bench.settle();
  assert.equal(bench.group(OURS), 'running');
});

test('our answers quote the generation of its starting', () => {
  const bench = activated({ speaksOurs: true });
  bench.hear('starting');
  assert.equal(bench.port.sent.at(-1)?.type === 'resource' || bench.port.sent.at(-2)?.type === 'resource', true);
  assert.equal(bench.port.sent.findLast(({ type }) => type === 'resource')?.fields.hbd_re, '51');
});

// --- alone ---

test('7.2 (6) a node that starts alone takes both sets at once, with stonith n_stnth', () => {
  const bench = new Bench({ peerStatus: 'dead' });
  bench.control.activate(bench.at);
  bench.settle();
  assert.equal(bench.port.lines[0], 'stonith n_stnth');
  assert.ok(!bench.port.lines.includes('starting'), 'nobody is there to ask');
  assert.equal(bench.control.rscstatus(), 'all');
  assert.equal(bench.port.lines.at(-1), 'resource all/1');
  assert.deepEqual(
    bench.port.notes.filter(({ code }) => code === 'initialAcquisition').map(({ facts }) => facts.reason),
    ['mach_down'],
  );
});

test('a cluster of one takes all of its groups', () => {
  const bench = new Bench({ alone: true });
  bench.control.activate(bench.at);
  bench.settle();
  assert.equal(bench.group(OURS), 'running');
  assert.ok(!bench.port.lines.some((line) => line.startsWith('stonith')));
});

test('a node without a group of its own joins, and says so', () => {
  const bench = activated({ groups: [THEIRS] });
  bench.holds('local', '1');
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'local');
  assert.deepEqual(started(bench), []);
  assert.ok(bench.noted('noLocalResources'));
});

// --- what runs already (scenarios: kill -9 and start again) ---

test('own groups found running are told as running, completed, and kept', () => {
  const bench = new Bench();
  bench.port.running.add(OURS.key);
  bench.control.activate(bench.at);
  bench.settle();
  bench.hear('starting');
  assert.equal(bench.port.sent.findLast(({ type }) => type === 'resource')?.fields.hbd_hold, 'local');
  bench.holds('none', '1');
  bench.settle();
  assert.deepEqual(started(bench), ['start db']);
  assert.ok(bench.noted('activeAtStart'));
});

test('own groups found running that the peer holds are given up', () => {
  const bench = new Bench();
  bench.port.running.add(OURS.key);
  bench.control.activate(bench.at);
  bench.settle();
  bench.holds('all', '1');
  bench.settle();
  assert.equal(bench.group(OURS), 'stopped');
  const { lines } = bench.port;
  assert.equal(lines.at(-1), 'resource none/1');
  assert.ok(lines.indexOf(`stop ${OURS.key}`) > 0);
});

test('own groups found running that the peer holds: isstable=1 is not said before their stop', () => {
  const bench = watched(new Bench());
  bench.port.running.add(OURS.key);
  bench.control.activate(bench.at);
  bench.settle();
  bench.holds('all', '1');
  bench.settle();
  const { lines } = bench.port;
  assert.ok(lines.findIndex((line) => line.endsWith('/1')) > lines.indexOf(`stop ${OURS.key}`), lines.join('\n'));
});

test('groups of the peer found running: a 3.0.6 peer is not told none/1, on which it would start them at once', () => {
  const bench = watched(new Bench());
  bench.port.running.add(THEIRS.key);
  bench.control.activate(bench.at);
  bench.settle();
  bench.hear('starting');
  assert.ok(
    bench.port.lines.some((line) => line.startsWith('resource')),
    'it is answered',
  );
  assert.ok(!bench.port.lines.includes('resource none/1'));
});

test("the peer's groups found running go back to it, with auto_failback on", () => {
  const bench = new Bench();
  bench.port.running.add(THEIRS.key);
  bench.control.activate(bench.at);
  bench.settle();
  bench.holds('none', '1');
  bench.settle();
  assert.equal(bench.control.rscstatus(), 'transition');
  assert.equal(bench.port.lines.at(-1), 'ask_resources foreign me');
});

test('while the scripts are still asked what runs, nothing is acquired and nothing called settled', () => {
  const bench = watched(new Bench());
  bench.control.activate(bench.at);
  assert.equal(bench.port.pending?.action, 'status');
  bench.port.news();
  bench.hear('starting');
  bench.holds('none', '1');
  assert.deepEqual(bench.port.news(), [], 'what we do not know yet is no answer');
  assert.deepEqual(started(bench), []);
  bench.settle();
  assert.ok(
    bench.port.news().some((line) => line.startsWith('resource none/')),
    'the answer, once it is known',
  );
  assert.equal(bench.group(OURS), 'running');
});

// --- before we are active ---

test('before we are active nothing is said and nothing done, whatever comes', () => {
  const bench = new Bench({ peerStatus: 'up' });
  bench.hear('starting');
  bench.holds('all', '1');
  bench.asks('all', 'me');
  bench.hear('hb_takeover', { rsc_hold: 'all' });
  bench.control.peerAppeared(bench.at);
  bench.control.peerDied(bench.at);
  assert.deepEqual(bench.port.news(), []);
  assert.equal(bench.port.pending, undefined);
  assert.equal(bench.control.nextAlarm(), undefined);
});

test('bad resource messages are told and ignored', () => {
  const bench = new Bench().joined();
  bench.hear('resource', { rtype: 'full', isstable: '1' });
  assert.ok(bench.noted('resourceWithoutHold'));
  bench.hear('resource', { rsc_hold: 'everything', rtype: 'full', isstable: '0' });
  assert.deepEqual(bench.port.notes.find(({ code }) => code === 'badResourceType')?.facts, { word: 'everything' });
  assert.equal(bench.control.rscstatus(), 'local');
  assert.deepEqual(bench.port.news(), []);
});

test('7.2 (3) without rtype=full a set is added, and none clears', () => {
  const bench = new Bench().joined();
  const holds = (): ResourceSetWord => (bench.state.peer.holds.foreign ? (bench.state.peer.holds.local ? 'all' : 'local') : 'none');
  bench.hear('resource', { rsc_hold: 'foreign', info: 'mach_down' });
  assert.equal(holds(), 'all');
  bench.hear('resource', { rsc_hold: 'none' });
  assert.equal(holds(), 'none');
  bench.hear('resource', { rsc_hold: 'local', rtype: 'full' });
  assert.equal(holds(), 'local');
});

test('7.2 (3) the first isstable=1 after a 0 is answered with RES, a second one is not', () => {
  const bench = new Bench().joined();
  bench.holds('local', '0');
  bench.port.news();
  bench.holds('local', '1');
  assert.deepEqual(bench.port.news(), ['resource local/1']);
  bench.holds('local', '1');
  assert.deepEqual(bench.port.news(), []);
});

test('an older resource, delivered late, does not undo a newer one', () => {
  const bench = new Bench().joined();
  bench.hear('resource', { rsc_hold: 'all', rtype: 'full', isstable: '1' }, 5);
  assert.equal(bench.state.peer.holds.local, false);
});

test('a failed start leaves the other groups alone and is told in the status', () => {
  const second = group('n2', 'second');
  const bench = new Bench({ groups: [THEIRS, OURS, second] });
  bench.port.twist = (job) => (job.script === 'db' && job.action === 'start' ? exited(1) : undefined);
  bench.control.activate(bench.at);
  bench.settle();
  bench.holds('none', '1');
  bench.settle();
  assert.deepEqual([bench.group(OURS), bench.group(second)], ['failed', 'running']);
});

test('nothing of the set starts: a peer that takes whole sets alone is asked at once', () => {
  const bench = new Bench();
  bench.port.twist = (job) => (job.script === 'db' && job.action === 'start' ? exited(1) : undefined);
  bench.control.activate(bench.at);
  bench.settle();
  bench.holds('none', '1');
  bench.settle();
  assert.deepEqual(
    bench.port.news().filter((line) => line.startsWith('ask_resources')),
    ['ask_resources local me'],
  );
});

test('12.17 a starting heard before we were active is answered once we are', () => {
  const bench = new Bench();
  bench.hear('starting');
  bench.control.activate(bench.at);
  bench.settle();
  assert.ok(bench.port.lines.includes('resource none/1'));
});

test('a resource that comes before we have asked is no answer', () => {
  const bench = new Bench({ peerStatus: 'up' });
  bench.control.activate(bench.at);
  bench.settle();
  bench.holds('none', '1');
  bench.settle();
  assert.ok(!bench.port.lines.some((line) => line.startsWith('start ')));
});
