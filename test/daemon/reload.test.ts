import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Config } from '../../src/contracts/config.ts';
import { readConfig } from '../../src/daemon/read-config.ts';
import { Reload } from '../../src/daemon/reload.ts';

const HACF = `logfile /tmp/none
keepalive 1
deadtime 5
initdead 10
bcast lo
auto_failback on
env COLOUR=red
node n1 n2
`;

interface Changes {
  readonly hacf?: string;
  readonly key?: string;
  readonly haresources?: string;
}

function setup(test: TestContext, manageResources = true, start: Changes = {}) {
  const configDir = mkdtempSync(join(tmpdir(), 'hb-reload-'));
  test.after(() => rmSync(configDir, { recursive: true, force: true }));
  const write = ({ hacf = HACF, key = 'one', haresources = 'n1 svc\n' }: Changes): void => {
    writeFileSync(join(configDir, 'ha.cf'), hacf);
    writeFileSync(join(configDir, 'authkeys'), `auth 1\n1 sha1 ${key}\n`, { mode: 0o600 });
    writeFileSync(join(configDir, 'haresources'), haresources);
  };
  write(start);
  const options = { node: 'n1', manageResources };
  const { config, files } = readConfig(configDir, options);
  assert.ok(config);
  const told: string[] = [];
  const applied: Config[] = [];
  let restarts = 0;
  let upgraded = false;
  const reload = new Reload({
    configDir,
    options,
    log: { line: (level, text) => told.push(`${level}: ${text}`) },
    running: config,
    files,
    apply: (next) => applied.push(next),
    restart: () => {
      restarts += 1;
    },
    upgraded: async () => upgraded,
  });
  const lines = async (act: Promise<void>): Promise<string[]> => {
    told.length = 0;
    await act;
    return [...told];
  };
  return {
    configDir,
    reload,
    write,
    applied,
    /** What a SIGHUP tells. */
    run: () => lines(reload.run()),
    /** What a saved haresources tells. */
    saved: () => lines(reload.haresources()),
    restarts: () => restarts,
    upgrade: () => {
      upgraded = true;
    },
  };
}

describe('reload', () => {
  it('says that nothing changed when nothing did', async (test) => {
    const { run, applied, restarts } = setup(test);
    assert.deepEqual(await run(), ['info: Configuration unchanged.']);
    assert.deepEqual([applied, restarts()], [[], 0]);
  });

  it('takes what is live, with a line for each part, and nothing else changes', async (test) => {
    const { write, run, applied, restarts, reload } = setup(test);
    const hacf = HACF.replace('deadtime 5', 'deadtime 6').replace('red', 'blue').replace('bcast lo', 'ucast lo 127.0.0.1');
    write({ hacf, key: 'two', haresources: 'n1 svc other\n' });
    assert.deepEqual(await run(), [
      'info: Rereading authentication file.',
      'info: Times of ha.cf changed: they are in effect.',
      'info: The media of ha.cf changed: they are being opened and closed.',
      'info: haresources changed: the groups follow.',
      'info: Lines `env` of ha.cf changed: the next scripts get them.',
    ]);
    const [next] = applied;
    assert.equal(next?.deadtimeMs, 6000);
    assert.equal(next?.env.COLOUR, 'blue');
    assert.equal(Buffer.from(next?.auth.keys[0]?.key ?? []).toString(), 'two');
    assert.deepEqual(
      next?.media.map(({ id }) => id),
      ['ucast lo 127.0.0.1'],
    );
    assert.equal(next?.groups[0]?.resources.length, 2);
    assert.equal(restarts(), 0);
    assert.match(reload.files.hacf.text ?? '', /deadtime 6/);
    assert.deepEqual(await run(), ['info: Configuration unchanged.']);
  });

  const parts: readonly (readonly [from: string, to: string, told: string])[] = [
    ['/tmp/none', '/tmp/other', 'logfile, debugfile, logfacility, debug or syslogmsgfmt changed: the log goes on as they say.'],
    ['auto_failback on', 'auto_failback off', 'auto_failback changed: it is in effect.'],
    ['node n1 n2', 'node n1 n3', 'The nodes of ha.cf, or autojoin, changed: they are in effect.'],
    ['keepalive 1\n', 'keepalive 1\nrealtime off\n', 'realtime or rtprio changed: it is in effect.'],
    [
      'keepalive 1\n',
      'keepalive 1\nhopfudge 2\nmsgfmt netstring\n',
      'hopfudge, max_rexmit_delay, msgfmt or compression changed: the next packets follow.',
    ],
    ['keepalive 1\n', 'keepalive 1\nenv STOPRETRYMAX=3\n', 'env STOPRETRYMAX changed: it is in effect.'],
  ];
  for (const [from, to, sentence] of parts) {
    it(`is live: ${to.trim().replaceAll('\n', ', ')}`, async (test) => {
      const { write, run, applied, restarts } = setup(test);
      write({ hacf: HACF.replace(from, to), haresources: '' });
      const told = await run();
      assert.ok(told.includes(`info: ${sentence}`), told.join('\n'));
      assert.deepEqual([applied.length, restarts()], [1, 0]);
    });
  }

  it('starts again in place for what cannot be live, and takes the rest at once', async (test) => {
    const { write, run, applied, restarts } = setup(test);
    write({ hacf: HACF.replace('auto_failback on', 'auto_failback legacy').replace('deadtime 5', 'deadtime 6') });
    const told = await run();
    assert.equal(told.filter((line) => line.startsWith('info: ')).length, 2, told.join('\n'));
    assert.ok(told.includes('info: Times of ha.cf changed: they are in effect.'));
    assert.equal(told.at(-1), 'info: auto_failback changed: heartbeat starts again in place, resources stay where they are.');
    assert.deepEqual([applied[0]?.deadtimeMs, applied[0]?.autoFailback, restarts()], [6000, 'on', 1]);
  });

  it('starts again in place when two nodes are left of three: resources are a matter of two from the start on', async (test) => {
    const { write, run, applied, restarts } = setup(test, true, { hacf: HACF.replace('n1 n2', 'n1 n2 n3') });
    write({});
    assert.deepEqual(await run(), ['info: node changed: heartbeat starts again in place, resources stay where they are.']);
    assert.deepEqual([applied[0]?.nodes.length, restarts()], [3, 1]);
  });

  it('starts again in place when the program is a newer one', async (test) => {
    const { run, applied, restarts, upgrade } = setup(test);
    upgrade();
    assert.deepEqual(await run(), [
      'info: the program of heartbeat changed: heartbeat starts again in place, resources stay where they are.',
    ]);
    assert.deepEqual([applied.length, restarts()], [0, 1]);
  });

  it('changes nothing for files with errors, and tells all of them', async (test) => {
    const { write, run, applied, configDir, reload } = setup(test);
    write({ hacf: HACF.replace('deadtime 5', 'deadtime x').replace('bcast lo', 'nonsense'), key: 'two' });
    rmSync(join(configDir, 'haresources'));
    const told = await run();
    assert.equal(told.filter((line) => line.startsWith('ERROR: ')).length >= 3, true, told.join('\n'));
    assert.equal(told.at(-1), 'ERROR: Config errors: the running configuration stays as it is');
    assert.deepEqual(applied, []);
    assert.equal(reload.files.hacf.text, HACF, 'a start in place begins with the good files');
    write({});
    assert.deepEqual(await run(), ['info: Configuration unchanged.']);
  });

  it('one reading follows the other, and what is asked meanwhile is done once', async (test) => {
    const { write, run, reload, applied } = setup(test);
    const first = run();
    write({ hacf: HACF.replace('deadtime 5', 'deadtime 7') });
    void reload.run();
    void reload.run();
    void reload.haresources();
    const told = await first;
    assert.equal(told.filter((line) => line === 'info: Times of ha.cf changed: they are in effect.').length, 1);
    assert.ok(told.length <= 2, 'three requests were two readings');
    assert.equal(applied.length, 1);
  });

  it('with -M haresources is not looked at', async (test) => {
    const { write, run, saved, applied } = setup(test, false, { haresources: 'nonsense ::' });
    write({ haresources: 'n9 x\n' });
    assert.deepEqual(await run(), ['info: Configuration unchanged.']);
    assert.deepEqual(await saved(), []);
    assert.deepEqual(applied, []);
  });
});

describe('a saved haresources', () => {
  it('counts without a signal, whatever ha.cf and authkeys look like', async (test) => {
    const { write, saved, applied, reload } = setup(test);
    assert.deepEqual(await saved(), [], 'the first look finds what was read at the start');
    write({ hacf: 'half writt', key: '', haresources: 'n1 svc\nn2 other\n' });
    assert.deepEqual(await saved(), ['info: haresources changed: the groups follow.']);
    assert.deepEqual(
      applied.map(({ groups, deadtimeMs }) => [groups.length, deadtimeMs]),
      [[2, 5000]],
    );
    assert.match(reload.files.haresources.text ?? '', /n2 other/);
    assert.equal(reload.files.hacf.text, HACF);
  });

  it('says nothing when only remarks changed', async (test) => {
    const { write, saved, applied } = setup(test);
    write({ haresources: '# ours\nn1   svc # web\n' });
    assert.deepEqual(await saved(), []);
    assert.deepEqual(applied, []);
  });

  it('with errors changes nothing and tells all of them', async (test) => {
    const { write, saved, applied } = setup(test);
    write({ haresources: 'n1 svc\nn7 a\nn8 b\n' });
    const told = await saved();
    assert.equal(told.length, 3, told.join('\n'));
    assert.match(told[0] ?? '', /^ERROR: .*haresources:2: .*n7/);
    assert.match(told[1] ?? '', /^ERROR: .*haresources:3: .*n8/);
    assert.equal(told[2], 'ERROR: haresources has errors: the groups stay as they are');
    assert.deepEqual(applied, []);
  });

  it('that is empty or gone stops nothing; heartbeat -r means an empty one', async (test) => {
    const { write, saved, run, applied, configDir } = setup(test);
    write({ haresources: '# nothing\n\n' });
    assert.deepEqual(await saved(), ['WARN: haresources is empty: the 1 groups that run stay. An empty file is taken by heartbeat -r']);
    rmSync(join(configDir, 'haresources'));
    assert.match((await saved()).join(), /^WARN: haresources cannot be read \(missing\): the 1 groups that run stay/);
    assert.equal(applied.length, 0);
    write({ haresources: '' });
    assert.deepEqual(await run(), ['info: haresources changed: the groups follow.']);
    assert.deepEqual(applied[0]?.groups, []);
    write({ haresources: 'n2 back\n' });
    assert.deepEqual(await saved(), ['info: haresources changed: the groups follow.']);
  });
});
