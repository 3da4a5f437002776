import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, renameSync, type stat, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../src/contracts/config.ts';
import type { ScriptJob, ScriptOutcome } from '../../src/contracts/host.ts';
import { findHelperDir, pathsOf } from '../../src/os/paths.ts';
import { scriptEnvironment } from '../../src/os/script-environment.ts';
import { createScriptOutput } from '../../src/os/script-output.ts';
import { createScriptRunner, SCRIPT_OUTPUT_BYTES_MAX } from '../../src/os/script-runner.ts';
import { PLAIN_CONFIG } from '../support.ts';
import { folder, until } from './support.ts';

const CONFIG: Config = {
  ...PLAIN_CONFIG,
  self: 'n1',
  nodes: ['n1', 'n2'],
  keepaliveMs: 1000,
  deadtimeMs: 5000,
  warntimeMs: 2500,
  initdeadMs: 12000,
  deadpingMs: 5000,
  autoFailback: 'on',
  media: [],
  auth: { signing: 1, keys: [] },
  groups: [],
  log: { logfile: '/var/log/ha-log', debugfile: '/var/log/ha-debug', logfacility: 'local0', debug: 1, syslogmsgfmt: true },
  realtime: true,
  parameters: { deadtime: '5', deadping: '5000ms' },
  env: { STOPRETRYMAX: '3' },
  stopRetryMax: 3,
};

interface Setup {
  run(job: Partial<ScriptJob>): Promise<ScriptOutcome>;
  script(name: string, body: string, mode?: number): string;
  readonly log: string;
  readonly running: string[];
  readonly dirs: readonly string[];
}

async function setup(test: TestContext, environment: Readonly<Record<string, string>> = { PATH: process.env.PATH ?? '' }): Promise<Setup> {
  const top = folder(test);
  const dirs = [join(top, 'resource.d'), join(top, 'init.d')];
  for (const dir of dirs) mkdirSync(dir);
  const log = join(top, 'ha-debug');
  const output = createScriptOutput(log);
  const running: string[] = [];
  const runner = createScriptRunner({
    dirs: () => dirs,
    environment: () => environment,
    output,
    running: (path, args, action) => running.push([path, ...args, action].join(' ')),
  });
  test.after(() => output.close());
  return {
    dirs,
    log,
    running,
    script(name, body, mode = 0o755) {
      const path = name.includes('/') ? join(top, name) : join(dirs[0] ?? '', name);
      writeFileSync(path, `#!/bin/sh\n${body}\n`);
      chmodSync(path, mode);
      return path;
    },
    run: (job) =>
      new Promise((resolve) => {
        let told = 0;
        let inside = true;
        runner.start({ id: 1, script: 'x', args: [], action: 'start', env: {}, ...job }, (outcome) => {
          told += 1;
          assert.equal(told, 1);
          assert.equal(inside, false);
          resolve(outcome);
        });
        inside = false;
      }),
  };
}

describe('script runner', () => {
  it('gives arguments, then the action, and tells the exit status', async (test) => {
    const host = await setup(test);
    const path = host.script('x', 'echo "$# $*"; echo oops >&2; exit 7');
    assert.deepEqual(await host.run({ args: ['a b', 'c'] }), { kind: 'exited', status: 7, output: '', path });
    await until('the log', () => text(host.log) === '3 a b c start\noops\n');
    assert.deepEqual(host.running, [`${path} a b c start`]);
  });

  it('keeps what status says, and logs no call', async (test) => {
    const host = await setup(test);
    const path = host.script('x', 'echo "is $1"; echo hidden >&2; exit 3');
    assert.deepEqual(await host.run({ action: 'status' }), { kind: 'exited', status: 3, output: 'is status\n', path });
    assert.deepEqual(host.running, []);
    await until('the log', () => text(host.log) === 'hidden\n');
  });

  it('lets a script open /dev/stdout', async (test) => {
    const host = await setup(test);
    host.script('x', 'echo running > /dev/stdout');
    const outcome = await host.run({ action: 'status' });
    assert.equal(outcome.kind === 'exited' && outcome.output, 'running\n');
  });

  it('does not wait for a child that holds the output', async (test) => {
    const host = await setup(test);
    host.script('x', 'sleep 30 & echo $! > "$PIDS"; echo running');
    for (const action of ['status', 'start'] as const) {
      const pids = join(host.log, `../pid-${action}`);
      const begin = performance.now();
      const outcome = await host.run({ action, env: { PIDS: pids } });
      process.kill(Number(readFileSync(pids, 'utf8')), 'SIGKILL');
      assert.ok(performance.now() - begin < 10_000);
      assert.equal(outcome.kind === 'exited' && outcome.output, action === 'status' ? 'running\n' : '');
    }
  });

  it('bounds the output of status and does not stall its writer', async (test) => {
    const host = await setup(test);
    host.script('x', 'head -c 1000000 /dev/zero | tr "\\0" y; exit 4');
    const outcome = await host.run({ action: 'status' });
    assert.ok(outcome.kind === 'exited');
    assert.equal(outcome.status, 4);
    assert.equal(outcome.output, 'y'.repeat(SCRIPT_OUTPUT_BYTES_MAX));
  });

  it('takes no output at all for an answer', async (test) => {
    const host = await setup(test);
    const path = host.script('x', 'exit 0');
    assert.deepEqual(await host.run({ action: 'status' }), { kind: 'exited', status: 0, output: '', path });
  });

  it('leaves no descriptor behind', async (test) => {
    const host = await setup(test);
    host.script('x', 'ls -l /proc/self/fd | grep -c pipe: ');
    const counts: string[] = [];
    for (let call = 0; call < 5; call += 1) {
      const outcome = await host.run({ action: 'status' });
      counts.push(outcome.kind === 'exited' ? outcome.output : outcome.kind);
    }
    assert.equal(new Set(counts).size, 1, counts.join());
  });

  it('tells the signal that ended a script', async (test) => {
    const host = await setup(test);
    const path = host.script('x', 'kill -9 $$');
    assert.deepEqual(await host.run({}), { kind: 'killed', signal: 'SIGKILL', path });
  });

  it('runs each script in a process group of its own, on an empty stdin, with umask 022', async (test) => {
    const host = await setup(test);
    host.script('x', 'cut -d" " -f5 /proc/$$/stat; echo $$; readlink /proc/$$/fd/0; umask');
    const outcome = await host.run({ action: 'status' });
    assert.ok(outcome.kind === 'exited');
    const [group, pid, input, mask] = outcome.output.split('\n');
    assert.equal(group, pid);
    assert.notEqual(group, String(process.pid));
    assert.deepEqual([input, mask], ['/dev/null', '0022']);
  });

  it('prefers resource.d and falls back to the init folder', async (test) => {
    const host = await setup(test);
    const own = host.script('both', 'exit 1');
    host.script('init.d/both', 'exit 2');
    const second = host.script('init.d/second', 'exit 2');
    const plain = host.script('init.d/plain', 'exit 2');
    host.script('plain', 'exit 1', 0o644);
    mkdirSync(join(host.dirs[0] ?? '', 'second'));
    const ran = async (script: string) => {
      const outcome = await host.run({ script });
      return 'path' in outcome ? outcome.path : outcome.kind;
    };
    assert.deepEqual([await ran('both'), await ran('second'), await ran('plain')], [own, second, plain]);
  });

  for (const script of ['nosuch', '', '.', '..', '../init.d/x', '/bin/sh', 'a\0b', 'x'.repeat(5000)]) {
    it(`does not find \`${script.slice(0, 20).replace('\0', '\\0')}\``, async (test) => {
      const host = await setup(test);
      host.script('init.d/x', 'exit 0');
      assert.deepEqual(await host.run({ script }), { kind: 'notFound' });
      assert.deepEqual(host.running, []);
    });
  }

  it('passes of the fields of a message what can be passed', async (test) => {
    const host = await setup(test);
    host.script('x', 'echo "$HA_info"; env | grep -c HA_');
    const outcome = await host.run({ action: 'status', env: { HA_info: 'me\0hidden', 'HA_a=b': 'x', 'HA_\0': 'x' } });
    assert.equal(outcome.kind === 'exited' && outcome.output, 'me\n1\n');
  });

  it('tells what cannot be started', async (test) => {
    const host = await setup(test);
    const nul = host.script('x', 'exit 0');
    assert.ok(nul !== '');
    for (const args of [['a\0b'], ['x'.repeat(200_000)]]) {
      for (const action of ['start', 'status'] as const) {
        const outcome = await host.run({ args, action });
        assert.equal(outcome.kind, 'notStarted');
      }
    }
    writeFileSync(join(host.dirs[0] ?? '', 'bad'), '#!/no/such/interpreter\n', { mode: 0o755 });
    const outcome = await host.run({ script: 'bad' });
    assert.ok(outcome.kind === 'notStarted' && outcome.fault.code === 'ENOENT');
  });
});

describe('environment of scripts (haresources 7)', () => {
  const OURS = fileURLToPath(new URL('../../', import.meta.url));
  const paths = pathsOf({ configDir: '/no/such/folder', stateDir: '/var/lib/heartbeat', runDir: '/run' });

  it('names all that scripts expect', () => {
    // The last four are those of an event script that has started the daemon.
    const stale = { HA_st: 'dead', HA_t: 'status', HA_OSTATUS: 'active', HA_NICEFAILBACK: 'yes' };
    const inherited = { PATH: '/usr/bin', LANG: 'C', LC_ALL: 'C', LANGUAGE: 'de', NOTIFY_SOCKET: '/x', ...stale };
    const made = scriptEnvironment(CONFIG, paths, inherited);
    assert.deepEqual(made, {
      PATH: `${paths.helperDir}:/no/such/folder:${OURS}etc/tools:/usr/bin`,
      HA_NOARCHBIN: `${OURS}etc/tools`,
      LANG: 'C',
      HA_deadtime: '5',
      HA_deadping: '5000ms',
      HA_STOPRETRYMAX: '3',
      HA_CURHOST: 'n1',
      HA_DIR: '/no/such/folder/',
      HA_FUNCS: `${OURS}etc/ha.d/shellfuncs`,
      HA_FIFO: '/var/lib/heartbeat/fifo',
      HA_BIN: paths.helperDir,
      HA_RCDIR: '/no/such/folder/rc.d',
      HA_RESOURCEDIR: '/no/such/folder/resource.d',
      HA_DOCDIR: '/usr/share/doc/heartbeat',
      HA_RSCTMP: '/run/resource-agents',
      HA_LOGFILE: '/var/log/ha-log',
      HA_DEBUGLOG: '/var/log/ha-debug',
      HA_LOGFACILITY: 'local0',
      HA_LOGD: 'no',
      HA_DATEFMT: '%Y/%m/%d_%T\t',
      HA_debug: '1',
      HA_COMPRESSION: 'zlib',
      HA_ANNOUNCER: 'daemon',
      HA_LOGFD: '3',
      OCF_ROOT: '/usr/lib/ocf',
      OCF_AGENTS: '/usr/lib/ocf/resource.d/heartbeat',
    });
  });

  it('names as HA_BIN the folder that holds the helpers of resource scripts, wherever this system keeps them', (test) => {
    const top = folder(test);
    const [libexec, lib64, lib] = ['libexec', 'lib64', 'lib'].map((name) => join(top, name)) as [string, string, string];
    const all = [libexec, lib64, lib];
    assert.equal(findHelperDir(all), '/usr/libexec/heartbeat', 'none is there');
    for (const dir of [lib, libexec]) mkdirSync(dir);
    assert.equal(findHelperDir([lib64, lib]), lib, 'it is there, and empty');
    writeFileSync(join(lib, 'send_arp'), '');
    assert.equal(findHelperDir(all), lib);
    writeFileSync(join(libexec, 'findif'), '');
    assert.equal(findHelperDir(all), libexec);
  });

  it('prefers the shellfuncs and the harc of the site', (test) => {
    const configDir = folder(test);
    for (const name of ['shellfuncs', 'harc']) writeFileSync(join(configDir, name), '');
    const { shellFunctions, harc } = pathsOf({ configDir, stateDir: '/x', runDir: '/x' });
    assert.deepEqual([shellFunctions, harc], [join(configDir, 'shellfuncs'), join(configDir, 'harc')]);
    assert.equal(paths.harc, `${OURS}etc/ha.d/harc`);
  });

  it('reaches the script, the fields of a message beside it', async (test) => {
    const host = await setup(test, scriptEnvironment(CONFIG, paths));
    host.script('x', 'echo "$HA_CURHOST $HA_st $HA_DIR $HA_deadtime $(env | grep -c ^LC_ALL=)"');
    // 3.0.6 lets a message replace these.
    const outcome = await host.run({ action: 'status', env: { HA_st: 'dead', HA_DIR: '/evil', HA_deadtime: '1' } });
    assert.equal(outcome.kind === 'exited' && outcome.output, 'n1 dead /no/such/folder/ 5 0\n');
  });
});

describe('output of scripts', () => {
  it('goes to the new file after a rotation, and whoever kept the old one still reaches it', async (test) => {
    const top = folder(test);
    const output = createScriptOutput(join(top, 'log'));
    test.after(() => output.close());
    const kept = openSync(`/proc/self/fd/${output.fd()}`, 'w');
    writeFileSync(output.fd(), 'first\n');
    await until('the first file', () => text(join(top, 'log')) === 'first\n');
    renameSync(join(top, 'log'), join(top, 'log.1'));
    output.checkRotation();
    await until('a fresh file', () => text(join(top, 'log')) !== undefined);
    writeFileSync(output.fd(), 'second\n');
    writeFileSync(kept, 'late\n');
    closeSync(kept);
    await until('both files', () => text(join(top, 'log')) === 'second\n' && text(join(top, 'log.1')) === 'first\nlate\n');
  });

  it('never stalls a writer while the file cannot be written, and goes on when it can', async (test) => {
    const top = folder(test);
    const output = createScriptOutput(join(top, 'absent', 'log'));
    test.after(() => output.close());
    for (let line = 0; line < 1000; line += 1) writeFileSync(output.fd(), `${'x'.repeat(99)}\n`);
    mkdirSync(join(top, 'absent'));
    await until('the file', () => text(join(top, 'absent', 'log'))?.length === 100_000);
  });

  it('holds up no script for a file that cannot be written, whatever the script says', async (test) => {
    const top = folder(test);
    const lost: number[] = [];
    const output = createScriptOutput(join(top, 'absent', 'log'), { everyMs: 20, lost: (bytes) => lost.push(bytes) });
    test.after(() => output.close());
    const writer = spawn('head', ['-c', '4000000', '/dev/zero'], { stdio: ['ignore', output.fd(), 'ignore'] });
    test.after(() => writer.kill('SIGKILL'));
    await until('the end of the script', () => writer.exitCode === 0);
    mkdirSync(join(top, 'absent'));
    await until('the file', () => text(join(top, 'absent', 'log')) !== undefined && lost.length > 0);
    await until(
      'all of it',
      () => (text(join(top, 'absent', 'log'))?.length ?? 0) + lost.reduce((sum, bytes) => sum + bytes, 0) === 4_000_000,
    );
  });

  it('asks a disk that gives no answer once', (test) => {
    let asked = 0;
    const silent = (() => {
      asked += 1;
    }) as unknown as typeof stat;
    const output = createScriptOutput(join(folder(test), 'log'), { stat: silent });
    test.after(() => output.close());
    for (let minute = 0; minute < 10; minute += 1) output.checkRotation();
    assert.equal(asked, 1);
  });

  it('is nowhere without a file', (test) => {
    const output = createScriptOutput();
    test.after(() => output.close());
    writeFileSync(output.fd(), 'x');
  });
});

function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
