/** What can go wrong at one step, made to happen there. Each scenario says what it guards. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settled, watch, watchClosely } from './checkers.ts';
import { group, NODES, SimCluster, type SimSetup } from './cluster.ts';
import { fieldOf, type Interference } from './network.ts';

function cluster(setup: Partial<SimSetup> = {}): SimCluster {
  const made = new SimCluster({ seed: 1, ...setup });
  watch(made);
  watchClosely(made);
  return made;
}

/** Both up, each with its own. */
function pair(setup: Partial<SimSetup> = {}): SimCluster {
  const made = cluster(setup);
  for (const name of NODES) made.start(name);
  made.run(8000);
  holds(made, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
  return made;
}

function holds(at: SimCluster, expected: Readonly<Record<string, string>>): void {
  for (const [word, holder] of Object.entries(expected)) {
    assert.equal(at.holders(word).join('+'), holder, `${word}\n${at.trace.join('\n')}`);
  }
}

function well(at: SimCluster): void {
  settled(at);
  assert.deepEqual(at.violations, [], at.trace.join('\n'));
}

function moves(at: SimCluster, node: string, set: 'all' | 'local' | 'foreign'): void {
  const result = at.command(node, { name: 'standby', set });
  assert.deepEqual(result, { ok: true }, at.trace.join('\n'));
}

function cutFrom(at: SimCluster, from: string, to: string): void {
  for (const link of at.links) at.network.cut(from, to, link);
}

/** The first `times` packets that match are held back or lost. */
function first(times: number, from: string, fields: Readonly<Record<string, string>>, fate: 'lost' | number): Interference {
  let left = times;
  return (sender, _to, packet) => {
    if (left === 0 || sender !== from || !Object.entries(fields).every(([name, value]) => fieldOf(packet, name) === value))
      return undefined;
    left -= 1;
    return fate;
  };
}

describe('start-up, one step at a time', () => {
  it("both run what is the other one's when both daemons start again: nobody waits for the other for ever", () => {
    const at = pair({ failback: 'off' });
    moves(at, 'n1', 'local');
    at.run(3000);
    moves(at, 'n2', 'local');
    at.run(3000);
    holds(at, { 'IPaddr::a': 'n2', db: 'n1' });
    for (const name of NODES) at.kill(name);
    for (const name of NODES) at.start(name);
    at.run(30_000);
    well(at);
  });

  it('a starting that arrives after what followed it does not leave the peer unsettled for ever', () => {
    const at = cluster({ failback: 'off' });
    at.start('n1');
    at.run(15_000);
    let lost: string | undefined;
    at.network.interfere = (from, _to, packet) => {
      if (from !== 'n2' || fieldOf(packet, 't') !== 'starting') return undefined;
      lost ??= fieldOf(packet, 'seq');
      return fieldOf(packet, 'seq') === lost ? 'lost' : undefined;
    };
    at.start('n2');
    at.run(8000);
    at.network.interfere = () => undefined;
    at.run(8000);
    for (const name of NODES) {
      moves(at, name, 'all');
      at.run(3000);
    }
    well(at);
  });

  it('a stop before communication is up also stops what an earlier life has left running', () => {
    const at = cluster();
    at.start('n1');
    at.run(15_000);
    at.kill('n1');
    at.start('n1');
    at.run(1000);
    at.stop('n1');
    at.run(20_000);
    assert.equal(at.daemonAlive('n1'), false);
    holds(at, { 'IPaddr::a': '', web: '', 'IPaddr::b': '', db: '' });
  });

  it('a node that was asked to stop says no more that it starts', () => {
    const at = cluster();
    let startings = 0;
    at.network.watchers.push((from, packet) => {
      if (from === 'n1' && fieldOf(packet, 't') === 'starting') startings += 1;
    });
    at.start('n2');
    at.run(300);
    at.host('n1').pace.least = 300;
    at.start('n1');
    at.run(2.1);
    at.stop('n1');
    at.run(30_000);
    assert.equal(startings, 0, at.trace.join('\n'));
    assert.equal(at.daemonAlive('n1'), false);
    well(at);
  });
});

describe('standby, one step at a time', () => {
  for (const [what, fields] of [
    ['request', { info: 'me' }],
    ['offer', { info: 'other' }],
  ] as const) {
    it(`the ${what} comes a second late`, () => {
      const at = pair();
      at.network.interfere = first(1, what === 'request' ? 'n1' : 'n2', { t: 'ask_resources', ...fields }, 1000);
      moves(at, 'n1', 'all');
      at.run(15_000);
      holds(at, { 'IPaddr::a': 'n2', 'IPaddr::b': 'n2' });
      well(at);
    });
  }

  for (const cutAfterMs of [1, 300, 1500, 2500, 4500]) {
    for (const deaf of NODES) {
      it(`${deaf} hears the other no more, ${cutAfterMs} ms after a standby of n1 began, for 10 s`, () => {
        const at = pair();
        for (const host of at.hosts) host.pace.least = 1000;
        moves(at, 'n1', 'all');
        at.run(cutAfterMs);
        cutFrom(at, deaf === 'n1' ? 'n2' : 'n1', deaf);
        at.run(10_000);
        at.network.healAll();
        at.run(60_000);
        well(at);
        for (const name of NODES) {
          moves(at, name, 'all');
          at.run(20_000);
        }
        well(at);
      });
    }
  }

  it('the last word of the taker is lost for good in a gap that nobody asks for: the giver does not wait for ever', () => {
    const at = pair({ keepaliveMs: 100, deadtimeMs: 60_000, initdeadMs: 60_000 });
    for (const host of at.hosts) host.pace.least = 4000;
    moves(at, 'n1', 'local');
    at.run(20_000);
    cutFrom(at, 'n2', 'n1');
    at.run(30_000);
    at.network.healAll();
    at.run(5000);
    assert.ok(at.trace.some((line) => line.includes('lost a lot of packets')));
    holds(at, { 'IPaddr::a': 'n2', web: 'n2' });
    well(at);
  });

  it('the taker starts anew while the giver still stops its groups: they come back to the giver', () => {
    const at = pair({ failback: 'off' });
    for (const host of at.hosts) host.pace.least = 1000;
    moves(at, 'n1', 'local');
    at.run(1500);
    at.kill('n2');
    at.start('n2');
    at.run(30_000);
    well(at);
  });

  it('old news of the giver that arrive after its last word do not undo the move', () => {
    const at = pair();
    at.network.interfere = (from, _to, packet) => {
      const type = fieldOf(packet, 't');
      return from === 'n1' && (type === 'resource' || type === 'status') ? 'lost' : undefined;
    };
    at.command('n2', { name: 'takeover', set: 'all' });
    at.run(400);
    at.network.interfere = () => undefined;
    at.run(8000);
    well(at);
  });
});

describe('partitions', () => {
  it('one node held everything before: it keeps it, without a moment in which nobody does', () => {
    const at = pair({ failback: 'off' });
    moves(at, 'n1', 'all');
    at.run(3000);
    at.check(() => {
      for (const word of ['IPaddr::a', 'web', 'IPaddr::b', 'db']) {
        if (!at.host('n2').running.has(word)) at.violation(`n2 has given up ${word}`);
      }
    });
    for (const name of NODES) cutFrom(at, name, name === 'n1' ? 'n2' : 'n1');
    at.run(10_000);
    holds(at, { 'IPaddr::a': 'n1+n2', db: 'n1+n2' });
    at.network.healAll();
    at.run(10_000);
    holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::b': 'n2', db: 'n2' });
    well(at);
  });

  it('a packet that was held up somewhere does not bring a dead node back', () => {
    const at = pair();
    at.network.interfere = first(1, 'n2', { t: 'status' }, 9000);
    at.run(3000);
    at.network.interfere = () => undefined;
    at.powerOff('n2');
    at.run(20_000);
    assert.ok(!at.trace.some((line) => line.includes('returning after partition')), at.trace.join('\n'));
    assert.equal(at.trace.filter((line) => line.includes('node n2: is dead')).length, 1);
    holds(at, { 'IPaddr::b': 'n1' });
  });
});

describe('a daemon that gets no time', () => {
  for (const keepFrames of [true, false]) {
    it(`goes on after 12 s${keepFrames ? ' with what has queued' : ', its network was away too'}, and takes nothing that the peer holds`, () => {
      const at = pair();
      at.freeze('n1');
      at.run(12_000);
      holds(at, { 'IPaddr::b': 'n2', 'IPaddr::a': 'n1+n2' });
      let started = 0;
      at.check(() => {
        if (at.host('n1').running.has('IPaddr::b')) started += 1;
      });
      at.thaw('n1', keepFrames);
      at.run(30_000);
      assert.equal(started, 0, `n1 has started what n2 holds\n${at.trace.join('\n')}`);
      holds(at, { 'IPaddr::a': 'n1', 'IPaddr::b': 'n2' });
      well(at);
    });
  }

  it('declares a peer dead that died meanwhile', () => {
    const at = pair();
    at.freeze('n1');
    at.run(3000);
    at.powerOff('n2');
    at.run(9000);
    at.thaw('n1');
    at.run(8000);
    holds(at, { 'IPaddr::a': 'n1', 'IPaddr::b': 'n1' });
  });

  for (const afterMs of [1, 500, 1500, 2500, 3500]) {
    for (const frozen of NODES) {
      it(`${frozen} stands still for 12 s, ${afterMs} ms after a standby of n1 began`, () => {
        const at = pair();
        for (const host of at.hosts) host.pace.least = 1000;
        moves(at, 'n1', 'all');
        at.run(afterMs);
        at.freeze(frozen);
        at.run(12_000);
        at.thaw(frozen);
        at.run(60_000);
        well(at);
        moves(at, 'n1', 'all');
        at.run(20_000);
        moves(at, 'n2', 'all');
        at.run(20_000);
        well(at);
      });
    }
  }
});

describe('scripts that fail', () => {
  it('a start that fails while the peer is away: the peer is asked once it is there', () => {
    const at = cluster({ failback: 'on' });
    at.host('n1').failingStarts.add('web');
    at.start('n1');
    at.run(60_000);
    at.start('n2');
    at.run(90_000);
    holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::b': 'n2' });
    well(at);
  });

  it('a group that starts nowhere does not wander to and fro for ever', () => {
    const at = pair();
    for (const host of at.hosts) host.failingStarts.add('web');
    at.powerOff('n1');
    at.run(8000);
    at.start('n1');
    at.run(30_000);
    let requests = 0;
    at.network.watchers.push((_from, packet) => {
      if (fieldOf(packet, 't') === 'ask_resources' && fieldOf(packet, 'info') === 'me') requests += 1;
    });
    at.run(600_000);
    assert.ok(requests <= 4, `${requests} requests in 10 minutes`);
  });

  it('a stop that fails keeps the group, asks for the reset of the host, and gives it away once it works', () => {
    const at = pair();
    at.host('n1').failingStops.add('web');
    moves(at, 'n1', 'local');
    at.run(60_000);
    holds(at, { 'IPaddr::a': 'n1', web: 'n1' });
    assert.ok(at.trace.some((line) => line.includes('RESET')));
    at.host('n1').failingStops.clear();
    at.run(30_000);
    holds(at, { 'IPaddr::a': 'n2', web: 'n2' });
    well(at);
  });

  it('status scripts that always say running: both nodes still end settled', () => {
    const at = cluster();
    for (const host of at.hosts) for (const word of ['IPaddr::a', 'IPaddr::b']) host.lies.set(word, 'running');
    for (const name of NODES) at.start(name);
    at.run(40_000);
    for (const name of NODES) assert.notEqual(at.status(name)?.rscstatus, 'transition', at.trace.join('\n'));
    for (const name of NODES) at.stop(name);
    at.run(20_000);
    for (const name of NODES) assert.equal(at.daemonAlive(name), false);
  });
});

describe('stops', () => {
  it('the leaver stays until its last word, lost at first, has arrived', () => {
    const at = pair();
    at.network.interfere = first(1, 'n1', { t: 'shutdone' }, 'lost');
    at.stop('n1');
    at.run(2500);
    assert.equal(at.daemonAlive('n1'), false);
    holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::b': 'n2', db: 'n2' });
    well(at);
  });

  it('both stop at once, and both end', () => {
    const at = pair();
    for (const name of NODES) at.stop(name);
    at.run(15_000);
    for (const name of NODES) assert.equal(at.daemonAlive(name), false);
    holds(at, { 'IPaddr::a': '', web: '', 'IPaddr::b': '', db: '' });
    assert.deepEqual(at.violations, []);
  });

  for (const afterMs of [1, 500, 1500, 2500, 3500, 4500]) {
    for (const stopper of NODES) {
      it(`${stopper} is stopped ${afterMs} ms after a standby of n1 began: the other ends with everything`, () => {
        const at = pair();
        for (const host of at.hosts) host.pace.least = 1000;
        moves(at, 'n1', 'all');
        at.run(afterMs);
        at.stop(stopper);
        at.run(60_000);
        assert.equal(at.daemonAlive(stopper), false, at.trace.join('\n'));
        const other = stopper === 'n1' ? 'n2' : 'n1';
        holds(at, { 'IPaddr::a': other, web: other, 'IPaddr::b': other, db: other });
        well(at);
      });
    }
  }

  it('a stop while a heal is in the air does not turn in circles', () => {
    const at = pair();
    for (const host of at.hosts) host.pace.least = 1000;
    cutFrom(at, 'n1', 'n2');
    cutFrom(at, 'n2', 'n1');
    at.run(20_000);
    at.network.healAll();
    at.run(1200);
    at.stop('n1');
    at.run(60_000);
    assert.equal(at.daemonAlive('n1'), false);
    holds(at, { 'IPaddr::a': 'n2', 'IPaddr::b': 'n2' });
    well(at);
  });

  for (const stepMs of [0, 5, 12, 100, 400, 1000, 2000, 3500]) {
    it(`the peer starts ${stepMs} ms after a slow stop began`, () => {
      const at = pair();
      at.kill('n2');
      at.run(8000);
      for (const host of at.hosts) host.pace.least = 700;
      at.stop('n1');
      at.run(stepMs);
      at.start('n2');
      at.run(60_000);
      assert.equal(at.daemonAlive('n1'), false);
      holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::b': 'n2', db: 'n2' });
      well(at);
    });
  }
});

describe('size', () => {
  it('thousands of groups', () => {
    const groups = Array.from({ length: 4000 }, (_, index) => group('n1', `g${index}`));
    const at = new SimCluster({ seed: 1, groups });
    for (const host of at.hosts) Object.assign(host.pace, { least: 0, spread: 0 });
    for (const name of NODES) at.start(name);
    at.run(5000);
    at.powerOff('n2');
    at.run(8000);
    assert.equal(at.status('n1')?.rscstatus, 'all');
    assert.equal(at.host('n1').running.size, groups.length);
  });
});

describe('files that differ', () => {
  it('deadtimes: each is declared dead after what it has announced itself', () => {
    const at = pair({ differs: { n2: { deadtimeMs: 12_000, initdeadMs: 24_000 } } });
    at.powerOff('n2');
    at.run(9000);
    holds(at, { 'IPaddr::b': '' });
    at.run(5000);
    holds(at, { 'IPaddr::b': 'n1', db: 'n1' });
  });

  it('auto_failback on here and off there', () => {
    const at = pair({ differs: { n2: { autoFailback: 'off' } } });
    at.powerOff('n1');
    at.run(10_000);
    at.start('n1');
    at.run(30_000);
    holds(at, { 'IPaddr::a': 'n2' });
    well(at);
  });

  it('another key: neither hears the other, each takes everything, and both stop when asked', () => {
    const key = { index: 1, method: 'sha1', key: new Uint8Array([1, 2, 3]) };
    const at = cluster({ differs: { n2: { auth: { signing: 1, keys: [key] } } } });
    for (const name of NODES) at.start(name);
    at.run(30_000);
    holds(at, { 'IPaddr::a': 'n1+n2', db: 'n1+n2' });
    for (const name of NODES) at.stop(name);
    at.run(10_000);
    for (const name of NODES) assert.equal(at.daemonAlive(name), false);
  });
});

describe('auto_failback legacy', () => {
  it('one has known the other, which has never heard it: the heal ends with each group in one place', () => {
    const at = cluster({ failback: 'legacy' });
    at.start('n1');
    at.run(15_000);
    cutFrom(at, 'n1', 'n2');
    at.start('n2');
    at.run(15_000);
    cutFrom(at, 'n2', 'n1');
    at.run(10_000);
    at.network.healAll();
    at.run(15_000);
    holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
    well(at);
  });
});
