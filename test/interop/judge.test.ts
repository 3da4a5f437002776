import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bare, chatter, deaths, lives, lostWords, severe } from './complaints.ts';
import { base } from './dimensions.ts';
import type { Side } from './events.ts';
import { filesOf, heldThings, scriptsOf } from './files.ts';
import { type Change, judge, type Window } from './judge.ts';
import { covering } from './scenarios.ts';

const address = [{ key: 'a', kind: 'address', home: 'first' }] as const;
const window = (before: Window['before'], after: Window['after'], allows: Window['allows'] = 'move'): Window => ({
  title: 'step',
  from: 100,
  to: 1100,
  before,
  after,
  allows,
});
const change = (at: number, ...holders: Side[]): Change => ({ at, holders });
const run = (one: Window, ...changes: Change[]) => judge(address, new Map([['a', changes]]), [one]);

describe('the judge', () => {
  it('lets a thing that moves be gone, and measures how long', () => {
    const verdict = run(window('home', 'second'), change(0, 'first'), change(300), change(850, 'second'));
    assert.deepEqual(verdict.faults, []);
    assert.equal(verdict.gapMs, 550);
  });

  it('finds two holders, unless the nodes cannot hear each other', () => {
    const changes = [change(0, 'first'), change(500, 'first', 'second'), change(520, 'second')];
    assert.match(run(window('home', 'second'), ...changes).faults.join(), /held by both for 20 ms, 400 ms after/);
    assert.deepEqual(run(window('home', 'second', 'any'), ...changes).faults, []);
    const split = run(window('home', 'split', 'split'), change(0, 'first'), change(500, 'first', 'second'));
    assert.deepEqual([split.faults, split.steps[0]?.twiceMs], [[], 600]);
  });

  it('finds that something went away that was to stay', () => {
    assert.match(
      run(window('home', 'home'), change(0, 'first'), change(500), change(510, 'first')).faults.join(),
      /not held by the first node/,
    );
    assert.equal(
      run(window('home', 'split', 'split'), change(0, 'first'), change(500, 'second'), change(600, 'first', 'second')).faults.length,
      1,
    );
  });

  it('finds a wrong end and a holder nobody expected', () => {
    assert.match(run(window('home', 'second'), change(0, 'first'), change(500)).faults.join(), /ended with nobody and not with second/);
    assert.match(
      run(window('off', 'home'), change(0), change(500, 'second'), change(900, 'first')).faults.join(),
      /held by the second node/,
    );
    assert.match(run(window('home', 'home')).faults.join(), /was not sampled/);
  });

  it('lets anybody but both hold while both are told to stop', () => {
    const changes = [change(0, 'first'), change(300, 'second'), change(500)];
    assert.deepEqual(run(window('home', 'off', 'pass'), ...changes).faults, []);
    assert.match(run(window('home', 'off', 'pass'), change(0, 'first', 'second'), change(500)).faults.join(), /held by both/);
  });

  it('expects of an open end only that nobody holds twice', () => {
    assert.deepEqual(run(window('home', 'open'), change(0, 'first'), change(500)).faults, []);
    assert.match(run(window('home', 'open'), change(0, 'first'), change(500, 'first', 'second')).faults.join(), /held by both/);
  });

  it('takes the gap of a start only where there is nothing else', () => {
    const changes = new Map([['a', [change(0), change(900, 'first'), change(1200), change(1250, 'second')]]]);
    const start = window('off', 'home');
    const move = { ...window('home', 'second'), from: 1100, to: 2000 };
    assert.equal(judge(address, changes, [start, move]).gapMs, 50);
    assert.equal(judge(address, changes, [start]).gapMs, 800);
  });
});

describe('what a log says', () => {
  const crit = 'Nov 20 22:04:46 n1 heartbeat: [20]: CRIT: Cluster node n2 returning after partition.';

  it('at ERROR or above, once each, without what differs from run to run', () => {
    const other = crit.replaceAll('n1', 'n2').replace('[20]', '[31]');
    const script = '2026/11/20_22:04:46\tResourceManager(default)[31]:\tCRIT: Resource STOP failure. Reboot required! 7';
    assert.deepEqual(severe(`${crit}\n${other}\ninfo: ERROR\n${script}\n`), [
      'CRIT: Cluster node NODE returning after partition.',
      'CRIT: Resource STOP failure. Reboot required! N',
    ]);
    const lost =
      'n1 heartbeat: [95]: ERROR: msg2string: Message with zero fields\nn1 heartbeat: [95]: ERROR: NV failure (msgfromsteam): [>>>\n';
    assert.deepEqual([severe(lost), lostWords(lost)], [[], 2]);
    assert.deepEqual(severe('n1 heartbeat: [2]: ERROR: Cannot lock ourselves into memory:  too small.\n'), []);
    assert.equal(bare(`ERROR: authtoken=${'0af'.repeat(13)}, n1   interval 15 ms`), 'ERROR: authtoken=HEX, NODE interval N ms');
  });

  it('of deaths and of lives of the daemon', () => {
    assert.equal(deaths('WARN: node n2: is dead\ninfo: Link n2:eth1 dead.\n'), 1);
    assert.equal(lives('info: Configuration validated. Starting heartbeat 3.0.6 (heartbeatd)\nx\n'.repeat(2)), 2);
  });

  it('and talk without an end shows at rest', () => {
    assert.deepEqual(chatter({ n1: 12, n2: 90 }, 3000), ['n2 sent 30.0 packets per second at rest']);
  });
});

describe('the files of a pair', () => {
  it('name what is held, and all dimensions show in them', () => {
    assert.equal(filesOf(base).haresources, 'n1 IPaddr::10.78.0.100/24/eth0 service0\n');
    assert.equal(heldThings({ ...base, groups: 'ten' }).length, 10);
    assert.match(filesOf({ ...base, groups: 'two' }).haresources, /^n1 .*\nn2 IPaddr::10\.78\.0\.101\S* other0\n$/);
    const texts = new Set(covering().map((row) => JSON.stringify(filesOf(row))));
    assert.equal(texts.size, covering().length);
    assert.deepEqual(Object.keys(scriptsOf(base)), ['/etc/init.d/service0']);
  });
});
