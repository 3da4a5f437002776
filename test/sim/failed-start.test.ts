/** A start script that fails: the group goes to a node where it has not, and who serves it is told truly. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupStatus } from '../../src/contracts/status.ts';
import { watchFailedStarts } from './checkers/failed-starts.ts';
import { settled, watch, watchClosely } from './checkers.ts';
import { group, NODES, SimCluster, type SimSetup } from './cluster.ts';
import { fieldOf } from './network.ts';

const GROUPS = [group('n1', 'IPaddr::a', 'web'), group('n1', 'IPaddr::c', 'mail'), group('n2', 'IPaddr::b', 'db')];
const ALONE = [group('n1', 'IPaddr::a', 'web'), group('n2', 'IPaddr::b', 'db')];

function cluster(setup: Partial<SimSetup> = {}): SimCluster {
  const made = new SimCluster({ seed: 1, groups: GROUPS, ...setup });
  watch(made);
  watchClosely(made);
  watchFailedStarts(made);
  return made;
}

function pair(setup: Partial<SimSetup> = {}): SimCluster {
  const made = cluster(setup);
  for (const name of NODES) made.start(name);
  made.run(8000);
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

function told(at: SimCluster, node: string, key = 'IPaddr::a'): GroupStatus {
  const found = at.status(node)?.groups.find((one) => one.key === key);
  assert.ok(found !== undefined);
  return found;
}

function logs(at: SimCluster, node: string, text: RegExp): number {
  return at.trace.filter((line) => line.trim().includes(`${node} `) && text.test(line)).length;
}

for (const failback of ['on', 'off'] as const) {
  describe(`a start script fails, auto_failback ${failback}`, () => {
    it('at boot: the other node serves the group, the rest of the set stays', () => {
      const at = cluster({ failback });
      at.host('n1').failingStarts.add('web');
      for (const name of NODES) at.start(name);
      at.run(4000);
      holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::c': 'n1', mail: 'n1', 'IPaddr::b': 'n2', db: 'n2' });
      at.run(60_000);
      holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::c': 'n1', 'IPaddr::b': 'n2' });
      assert.equal(at.status('n1')?.rscstatus, 'local');
      assert.equal(at.status('n2')?.rscstatus, 'local');
      const here = told(at, 'n1');
      assert.deepEqual(
        [here.state, here.ours, here.servedBy, here.failure?.resource, here.failure?.times],
        ['failed', false, 'n2', 'web', 1],
      );
      const there = told(at, 'n2');
      assert.deepEqual([there.state, there.ours, there.failedOn], ['running', true, 'n1']);
      well(at);
    });

    it('cleared by an operator on either node: it goes home where auto_failback is on', () => {
      for (const node of NODES) {
        const at = cluster({ failback });
        at.host('n1').failingStarts.add('web');
        for (const name of NODES) at.start(name);
        at.run(8000);
        at.host('n1').failingStarts.clear();
        at.run(20_000);
        holds(at, { web: 'n2' });
        assert.deepEqual(at.command(node, { name: 'clearfailure', group: 'IPaddr::a' }), { ok: true });
        at.run(3000);
        holds(at, { web: failback === 'on' ? 'n1' : 'n2', 'IPaddr::a': failback === 'on' ? 'n1' : 'n2', mail: 'n1' });
        assert.equal(told(at, 'n1').failure, undefined);
        well(at);
        // A move by hand brings it home in either case.
        assert.deepEqual(at.command('n1', { name: 'takeover', set: 'local' }), { ok: true });
        at.run(4000);
        holds(at, { web: 'n1', 'IPaddr::a': 'n1', mail: 'n1', db: 'n2' });
        well(at);
      }
    });

    for (const [how, node, name, set] of [
      ['hb_takeover local on n1', 'n1', 'takeover', 'local'],
      ['hb_standby foreign on n2', 'n2', 'standby', 'foreign'],
    ] as const) {
      it(`${how} clears the failure on n1`, () => {
        const at = cluster({ failback });
        at.host('n1').failingStarts.add('web');
        for (const one of NODES) at.start(one);
        at.run(8000);
        at.host('n1').failingStarts.clear();
        assert.deepEqual(at.command(node, { name, set }), { ok: true });
        at.run(5000);
        holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::c': 'n1', mail: 'n1', db: 'n2' });
        assert.equal(told(at, 'n1').failure, undefined);
        well(at);
      });

      it(`${how}, and it fails again: it is back on n2`, () => {
        const at = cluster({ failback });
        at.host('n1').failingStarts.add('web');
        for (const one of NODES) at.start(one);
        at.run(8000);
        assert.deepEqual(at.command(node, { name, set }), { ok: true });
        at.run(5000);
        holds(at, { 'IPaddr::a': 'n2', web: 'n2', 'IPaddr::c': 'n1', mail: 'n1', db: 'n2' });
        well(at);
      });
    }

    it('at a standby: the taker cannot start one group, which stays with the giver', () => {
      const at = pair({ failback });
      at.host('n2').failingStarts.add('web');
      assert.deepEqual(at.command('n1', { name: 'standby', set: 'local' }), { ok: true });
      at.run(5000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', 'IPaddr::c': 'n2', mail: 'n2', db: 'n2' });
      well(at);
    });

    it('at a takeover: nobody else is there; who returns gets the group', () => {
      const at = pair({ failback });
      at.host('n2').failingStarts.add('web');
      at.powerOff('n1');
      at.run(20_000);
      holds(at, { 'IPaddr::a': '', web: '', 'IPaddr::c': 'n2', mail: 'n2', db: 'n2' });
      assert.equal(told(at, 'n2').servedByNobody, true);
      assert.ok((told(at, 'n2').failure?.endsInMs ?? 0) > 0);
      assert.equal(logs(at, 'n2', /group IPaddr::a is served by nobody: web fails to start .*tried again in \d+ s/), 1);
      at.start('n1');
      at.run(10_000);
      holds(at, { 'IPaddr::a': 'n1', web: 'n1', mail: failback === 'on' ? 'n1' : 'n2', db: 'n2' });
      well(at);
    });

    it('on both: a stated failed state, a bounded number of tries, and an operator who mends it', () => {
      const at = cluster({ failback });
      for (const host of at.hosts) host.failingStarts.add('web');
      for (const name of NODES) at.start(name);
      at.run(30_000);
      holds(at, { 'IPaddr::a': '', web: '', mail: 'n1', db: 'n2' });
      assert.equal(told(at, 'n1').servedByNobody, true);
      assert.equal(told(at, 'n1').failedOn, 'n2');
      at.run(1_100_000);
      const tries = at.hosts.map(({ name }) => logs(at, name, /Giving up resources due to failure of web/));
      assert.ok(
        tries.every((count) => count >= 1 && count <= 5),
        `${tries}`,
      );
      well(at);
      for (const host of at.hosts) host.failingStarts.clear();
      assert.deepEqual(at.command('n2', { name: 'clearfailure', group: 'all' }), { ok: true });
      at.run(4000);
      assert.equal(at.holders('web').length, 1);
      well(at);
    });

    it('the only group of its set: the node that serves nothing of it claims nothing', () => {
      const at = cluster({ failback, groups: ALONE });
      at.host('n1').failingStarts.add('web');
      for (const name of NODES) at.start(name);
      at.run(8000);
      holds(at, { 'IPaddr::a': 'n2', web: 'n2', db: 'n2' });
      assert.equal(at.status('n1')?.rscstatus, 'none');
      assert.equal(at.status('n2')?.rscstatus, 'all');
      well(at);
    });

    it('its stop fails after its start has: it is not given away before it has stopped', () => {
      const at = cluster({ failback, groups: ALONE });
      at.host('n1').failingStarts.add('web');
      at.host('n1').failingStops.add('IPaddr::a');
      for (const name of NODES) at.start(name);
      at.run(60_000);
      holds(at, { 'IPaddr::a': 'n1', web: '' });
      at.host('n1').failingStops.clear();
      at.run(20_000);
      holds(at, { 'IPaddr::a': 'n2', web: 'n2' });
      well(at);
    });

    it('the node that serves it dies, stops, is killed or restarts: nobody holds it twice', () => {
      for (const what of ['powerOff', 'stop', 'kill', 'restart'] as const) {
        for (const node of NODES) {
          const at = cluster({ failback });
          at.host('n1').failingStarts.add('web');
          for (const name of NODES) at.start(name);
          at.run(8000);
          holds(at, { web: 'n2' });
          at.host('n1').failingStarts.clear();
          at[what](node);
          at.run(what === 'kill' ? 1000 : 15_000);
          for (const name of NODES) at.start(name);
          at.run(30_000);
          assert.equal(at.holders('web').length, 1, at.trace.join('\n'));
          assert.equal(at.holders('IPaddr::a').length, 1, at.trace.join('\n'));
          if (what === 'restart' && node === 'n2')
            assert.equal(logs(at, 'n2', /Releasing resource group: n1 IPaddr::a/), 0, at.trace.join('\n'));
          well(at);
        }
      }
    });

    it('its time has passed: it may go home again, and fails there a bounded number of times', () => {
      const soon = { failureTimeoutMs: 20_000 };
      const at = cluster({ failback, differs: { n1: soon, n2: soon } });
      at.host('n1').failingStarts.add('web');
      for (const name of NODES) at.start(name);
      at.run(19_000);
      assert.equal(logs(at, 'n1', /Giving up resources due to failure of web/), 1);
      at.run(500_000);
      assert.equal(logs(at, 'n1', /Giving up resources due to failure of web/), failback === 'on' ? 5 : 1);
      holds(at, { web: 'n2', 'IPaddr::a': 'n2', mail: 'n1' });
      well(at);
    });

    it('the line of the group changes: it is tried anew', () => {
      const at = cluster({ failback });
      at.host('n1').failingStarts.add('web');
      for (const name of NODES) at.start(name);
      at.run(8000);
      const next = [group('n1', 'IPaddr::a', 'web2'), ...GROUPS.slice(1)];
      for (const name of NODES) at.edit(name, next);
      at.run(10_000);
      assert.equal(at.holders('web2').length + at.holders('web').length, 1, at.trace.join('\n'));
      assert.equal(told(at, 'n1').failure, undefined);
    });

    it('a resource that another group of the set uses too: the group is not lent alone', () => {
      const shared = [group('n1', 'IPaddr::a', 'web'), group('n1', 'IPaddr::c', 'web'), group('n2', 'IPaddr::b', 'db')];
      const at = cluster({ failback, groups: shared });
      at.host('n1').failingStarts.add('IPaddr::a');
      for (const name of NODES) at.start(name);
      at.run(20_000);
      holds(at, { 'IPaddr::a': '', 'IPaddr::c': 'n1', web: 'n1' });
      assert.equal(told(at, 'n1').servedByNobody, true);
    });
  });
}

describe('a start script fails beside 3.0.6', () => {
  it('the only group of the set: the whole set goes', () => {
    const at = cluster({ groups: ALONE, legacy: ['n2'], failback: 'on' });
    at.host('n1').failingStarts.add('web');
    for (const name of NODES) at.start(name);
    at.run(40_000);
    holds(at, { 'IPaddr::a': 'n2', web: 'n2', db: 'n2' });
    assert.equal(at.status('n1')?.rscstatus, 'none');
    well(at);
  });

  it('while another group of the set is well, nothing goes, and it is tried again slowly', () => {
    const at = cluster({ legacy: ['n2'], failback: 'on' });
    at.host('n1').failingStarts.add('web');
    for (const name of NODES) at.start(name);
    at.run(40_000);
    holds(at, { 'IPaddr::a': '', web: '', mail: 'n1', db: 'n2' });
    assert.equal(at.status('n1')?.rscstatus, 'local');
    assert.equal(told(at, 'n1').servedByNobody, true);
    at.host('n1').failingStarts.clear();
    at.run(60_000);
    holds(at, { 'IPaddr::a': 'n1', web: 'n1', mail: 'n1', db: 'n2' });
    well(at);
  });
});

describe('messages of a failed start, lost and late', () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    it(`cleared and failing again and again in bad weather, seed ${seed}`, () => {
      const at = cluster({ seed, failback: seed % 2 === 0 ? 'on' : 'off' });
      at.host('n1').failingStarts.add('web');
      for (const name of NODES) at.start(name);
      at.run(5000);
      at.network.weather = { loss: 250, duplicate: 100, delay: 300, corrupt: 0 };
      const { random } = at;
      for (let turn = 0; turn < 12; turn += 1) {
        const host = at.host(NODES[random.below(2)] ?? 'n1');
        if (random.below(2) === 0) host.failingStarts.add('web');
        else host.failingStarts.clear();
        const node = NODES[random.below(2)] ?? 'n1';
        const kind = random.below(4);
        if (kind < 2) at.command(node, { name: 'clearfailure', group: 'all' });
        else at.command(node, { name: kind === 2 ? 'takeover' : 'standby', set: 'local' });
        at.run(random.below(4000));
      }
      at.network.weather = { loss: 0, duplicate: 0, delay: 0, corrupt: 0 };
      for (const host of at.hosts) host.failingStarts.clear();
      at.run(20_000);
      at.command('n1', { name: 'clearfailure', group: 'all' });
      at.run(10_000);
      well(at);
    });
  }
});

it('a clear and a start of the guest cross on the wire: one holder at each moment', () => {
  for (let late = 0; late < 40; late += 3) {
    const at = cluster({ failback: 'off' });
    let doubled = 0;
    at.check(() => {
      if (at.holders('web').length > 1 || at.holders('IPaddr::a').length > 1) doubled += 1;
    });
    at.host('n1').failingStarts.add('web');
    at.network.interfere = (from, _to, packet) => (from === 'n2' && fieldOf(packet, 'hbd_guest') !== undefined ? 300 : undefined);
    for (const name of NODES) at.start(name);
    for (let left = 4000; left > 0 && at.holders('web').join() !== 'n2'; left -= 1) at.run(1);
    at.run(late);
    at.host('n1').failingStarts.clear();
    at.command('n1', { name: 'clearfailure', group: 'IPaddr::a' });
    at.run(5000);
    assert.equal(doubled, 0, at.trace.join('\n'));
    well(at);
  }
});
