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

function setup(test: TestContext) {
  const configDir = mkdtempSync(join(tmpdir(), 'hb-reload-'));
  test.after(() => rmSync(configDir, { recursive: true, force: true }));
  const write = (hacf: string, key = 'one', haresources = 'n1 svc\n'): void => {
    writeFileSync(join(configDir, 'ha.cf'), hacf);
    writeFileSync(join(configDir, 'authkeys'), `auth 1\n1 sha1 ${key}\n`, { mode: 0o600 });
    writeFileSync(join(configDir, 'haresources'), haresources);
  };
  write(HACF);
  const { config } = readConfig(configDir, 'n1');
  assert.ok(config);
  const told: string[] = [];
  const applied: Config[] = [];
  const options = { configDir, stateDir: '/', runDir: '/', node: 'n1', debug: 0, manageResources: true, realtime: false, foreground: true };
  const reload = new Reload(
    { ...options, tell: () => undefined, ready: () => undefined },
    { line: (level, text) => told.push(`${level}: ${text}`) },
    config,
    (next) => applied.push(next),
  );
  const run = (): string[] => {
    told.length = 0;
    reload.run();
    return [...told];
  };
  return { write, run, applied, configDir };
}

describe('reload', () => {
  it('says that nothing changed when nothing did', (test) => {
    const { run, applied } = setup(test);
    assert.deepEqual(run(), ['info: Configuration unchanged.']);
    assert.deepEqual(applied, []);
  });

  it('takes new keys, times and variables, and keeps the rest of what runs', (test) => {
    const { write, run, applied } = setup(test);
    write(HACF.replace('deadtime 5', 'deadtime 6').replace('red', 'blue').replace('bcast lo', 'ucast lo 127.0.0.1'), 'two');
    const told = run();
    assert.deepEqual(told, [
      'info: Rereading authentication file.',
      'info: Times of ha.cf changed: they are in effect.',
      'info: Lines `env` of ha.cf changed: the next scripts get them.',
      'WARN: a change of bcast, ucast, mcast and udpport takes a restart of heartbeat: it is not in effect',
    ]);
    const [next] = applied;
    assert.equal(next?.deadtimeMs, 6000);
    assert.equal(next?.env.COLOUR, 'blue');
    assert.equal(Buffer.from(next?.auth.keys[0]?.key ?? []).toString(), 'two');
    assert.equal(next?.media[0]?.kind, 'bcast');
    // What has not taken effect is told each time, what has is not.
    assert.deepEqual(run(), told.slice(3));
  });

  it('takes new variables alone', (test) => {
    const { write, run, applied } = setup(test);
    write(HACF.replace('red', 'blue'));
    assert.deepEqual(run(), ['info: Lines `env` of ha.cf changed: the next scripts get them.']);
    assert.equal(applied[0]?.env.COLOUR, 'blue');
    assert.deepEqual(run(), ['info: Configuration unchanged.']);
  });

  it('never calls a changed file unchanged', (test) => {
    const { write, run, applied } = setup(test);
    for (const [from, to] of [
      ['/tmp/none', '/tmp/other'],
      ['auto_failback on', 'auto_failback off'],
      ['node n1 n2', 'node n1 n3'],
      ['keepalive 1\n', 'keepalive 1\nrealtime off\n'],
    ] as const) {
      write(HACF.replace(from, to));
      assert.match(run().join('\n'), /^WARN: a change of .* takes a restart of heartbeat: it is not in effect$/);
    }
    write(HACF, 'one', 'n2 svc\n');
    assert.deepEqual(run(), ['WARN: a change of haresources takes a restart of heartbeat: it is not in effect']);
    assert.deepEqual(applied, []);
  });

  it('changes nothing for files with errors, and tells all of them', (test) => {
    const { write, run, applied, configDir } = setup(test);
    write(HACF.replace('deadtime 5', 'deadtime x').replace('bcast lo', 'nonsense'), 'two');
    rmSync(join(configDir, 'haresources'));
    const told = run();
    assert.equal(told.filter((line) => line.startsWith('ERROR: ')).length >= 3, true, told.join('\n'));
    assert.equal(told.at(-1), 'ERROR: Config errors: the running configuration stays as it is');
    assert.deepEqual(applied, []);
    write(HACF);
    assert.deepEqual(run(), ['info: Configuration unchanged.']);
  });
});
