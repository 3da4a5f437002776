// What we ship is sound: the sample files load without a word of complaint, the shell files pass their checks, the init script
// says and returns what tools 2 lists.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problems.ts';
import { mediaCatalog } from '../../src/media/index.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const SHELL_FILES = [
  'etc/ha.d/shellfuncs',
  'etc/ha.d/harc',
  'etc/tools/mach_down',
  'etc/tools/req_resource',
  'etc/tools/ResourceManager',
  'etc/init.d/heartbeat',
  'etc/guardian',
  'scripts/lib/demo/resource.d/page',
  'scripts/demo',
  ...readdirSync(join(ROOT, 'etc/ha.d/resource.d')).map((name) => `etc/ha.d/resource.d/${name}`),
];

describe('sample files', () => {
  const file = (name: string) => ({
    path: `/etc/ha.d//${name}`,
    text: readFileSync(join(ROOT, `etc/ha.d/${name}.sample`), 'utf8'),
    mode: 0o600,
  });
  const host = { hostName: 'alpha', hasInterface: (name: string) => ['lo', 'eth0', 'eth1'].includes(name), servicePort: () => undefined };

  it('load, and give a cluster of two with one group', () => {
    const files = { hacf: file('ha.cf'), authkeys: file('authkeys'), haresources: file('haresources') };
    const { config, problems } = loadConfig(files, host, { media: mediaCatalog, auth: authCatalog });
    assert.deepEqual(problems.map(formatProblem), []);
    assert.deepEqual(config?.nodes, ['alpha', 'beta']);
    assert.deepEqual(
      config?.groups.map((group) => [group.home, group.resources.map((resource) => [resource.script, ...resource.args])]),
      [['alpha', [['IPaddr', '192.168.1.100/24/eth0:0'], ['nginx']]]],
    );
    assert.equal(config?.auth.keys[0]?.method, 'sha1');
  });

  it('with the lines that are remarks in ha.cf switched on', () => {
    const hacf = file('ha.cf');
    const text = hacf.text.replace(/^#(ucast|mcast)/gm, '$1');
    assert.notEqual(text, hacf.text);
    const files = { hacf: { ...hacf, text }, authkeys: file('authkeys'), haresources: file('haresources') };
    const { config, problems } = loadConfig(files, host, { media: mediaCatalog, auth: authCatalog });
    assert.deepEqual(problems.map(formatProblem), []);
    assert.deepEqual(
      config?.media.map((medium) => medium.kind),
      ['bcast', 'ucast', 'mcast'],
    );
  });
});

describe('shell files', () => {
  const noShellcheck = spawnSync('shellcheck', ['--version']).status === 0 ? false : 'shellcheck is not installed';
  for (const path of SHELL_FILES) {
    it(`${path}: syntax`, () => {
      const done = spawnSync('sh', ['-n', join(ROOT, path)], { encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
    });
    it(`${path}: shellcheck`, { skip: noShellcheck }, () => {
      const done = spawnSync('shellcheck', ['-x', path], { encoding: 'utf8', cwd: ROOT });
      assert.equal(done.status, 0, done.stdout);
    });
  }
});

describe('init script', () => {
  const temp = mkdtempSync(join(tmpdir(), 'hb-init-'));
  after(() => rmSync(temp, { recursive: true, force: true }));
  const haDir = join(temp, 'ha.d');
  mkdirSync(join(haDir, 'resource.d'), { recursive: true });
  const program = (name: string, text: string): void => writeFileSync(join(temp, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program(
    'heartbeat',
    `echo "$*" >> ${temp}/calls; case $1 in -s) cat ${temp}/state; exit $(cat ${temp}/rc);; '') echo trouble >&2; exit $(cat ${temp}/rc);; esac`,
  );
  program('cl_status', `echo "$*" >> ${temp}/calls; cat ${temp}/failback`);
  program('hb_standby', "echo 'Going standby [all].'");
  program('hb_takeover', ':');

  const call = (action: string): [number | null, string, string] => {
    writeFileSync(join(temp, 'calls'), '');
    const done = spawnSync(join(ROOT, 'etc/init.d/heartbeat'), [action], {
      encoding: 'utf8',
      timeout: 10_000,
      env: {
        PATH: process.env.PATH ?? '',
        HA_DIR: haDir,
        HEARTBEAT: join(temp, 'heartbeat'),
        HA_TOOLS: temp,
        LOCK_DIR: join(temp, 'lock'),
      },
    });
    return [done.status, done.stdout, readFileSync(join(temp, 'calls'), 'utf8')];
  };
  const set = (rc: number, failback = 'on', state = 'heartbeat OK'): void => {
    writeFileSync(join(temp, 'rc'), String(rc));
    writeFileSync(join(temp, 'failback'), `${failback}\n`);
    writeFileSync(join(temp, 'state'), `${state}\n`);
  };

  it('not configured: says so, exit 0', () => {
    const [status, text] = call('start');
    assert.equal(status, 0);
    assert.match(text, /^Heartbeat not configured: .* not found\. Heartbeat failure \[rc=1\]\. Failed\.\n$/);
  });

  it('start, stop, reload, status', () => {
    writeFileSync(join(haDir, 'ha.cf'), '');
    set(0);
    assert.deepEqual(call('start'), [0, 'Starting High-Availability services: Done.\n', '\n']);
    assert.deepEqual(call('stop'), [0, 'Stopping High-Availability services: Done.\n', '-k\n']);
    assert.deepEqual(call('reload'), [0, 'Reloading High-Availability services: Done.\n', '-r\n']);
    assert.deepEqual(call('force-reload'), [0, 'Reloading High-Availability services: Done.\n', '-r\n']);
    assert.deepEqual(call('restart'), [
      0,
      'Stopping High-Availability services: Done.\nStarting High-Availability services: Done.\n',
      '-k\n\n',
    ]);
    assert.deepEqual(call('status'), [0, 'heartbeat OK\n', '-s\n']);
    for (const rc of [1, 3]) {
      set(rc, 'on', 'heartbeat is stopped. No process');
      assert.deepEqual(call('status'), [rc, 'heartbeat is stopped. No process\n', '-s\n']);
    }
    set(6);
    assert.deepEqual(call('start'), [6, 'Starting High-Availability services: Heartbeat failure [rc=6]. Failed.\ntrouble\n', '\n']);
  });

  it('standby and takeover', () => {
    set(0);
    const said = 'auto_failback: on\nAttempting to enter standby mode\nGoing standby [all].\nDone.\n';
    assert.deepEqual(call('standby').slice(0, 2), [0, said]);
    assert.deepEqual(call('takeover').slice(0, 2), [0, 'Asking the other node for its resources\nDone.\n']);
    set(0, 'legacy');
    assert.deepEqual(call('standby').slice(0, 2), [1, 'auto_failback: legacy\nauto_failback is set to legacy.  Cannot enter standby.\n']);
    set(3);
    assert.deepEqual(call('standby').slice(0, 2), [1, 'Heartbeat is not currently running.\n']);
  });

  it('the startstop hook, and wrong words', () => {
    const hook = join(haDir, 'resource.d/startstop');
    writeFileSync(hook, `#!/bin/sh\necho "$*" >> ${temp}/hook\n`);
    chmodSync(hook, 0o755);
    set(0);
    call('start');
    call('stop');
    assert.equal(readFileSync(join(temp, 'hook'), 'utf8'), 'pre-start\npost-start 0\npre-stop\npost-stop 0\n');
    const [status, text] = call('condrestart');
    assert.equal(status, 1);
    assert.match(text, /^Usage: .*heartbeat \{start\|stop\|status\|restart\|reload\|force-reload/);
  });
});
