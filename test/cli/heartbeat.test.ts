import assert from 'node:assert/strict';
import test from 'node:test';
import { type CheckedConfig, type HeartbeatWorld, heartbeat } from '../../src/cli/heartbeat.ts';
import type { LaunchResult } from '../../src/cli/launch.ts';
import { detachedArguments, HEARTBEAT_USAGE, parseHeartbeat } from '../../src/cli/options.ts';
import type { Running } from '../../src/cli/running.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { DaemonOptions } from '../../src/contracts/daemon.ts';

const good: CheckedConfig = { config: { parameters: { keepalive: '2' } } as unknown as Config, problems: [], exitStatus: 0 };
const bad: CheckedConfig = {
  problems: [
    { file: '/etc/ha.d/ha.cf', line: 3, severity: 'error', text: 'Illegal directive [foobar]' },
    { file: '/etc/ha.d/ha.cf', line: 9, severity: 'warning', text: 'small' },
  ],
  exitStatus: 6,
};
const none: Running = { kind: 'none' };
const live: Running = { kind: 'running', pid: 77, mark: '1' };
const HEAD = 'Nov  5 22:04:46 n1 heartbeat: [20]: ';

function world(more: Partial<HeartbeatWorld> = {}) {
  const did: unknown[] = [];
  let out = '';
  let err = '';
  const ready: LaunchResult = { kind: 'ready', pid: 78 };
  const made: HeartbeatWorld = {
    out: (line) => (out += `${line}\n`),
    err: (line) => (err += `${line}\n`),
    pid: 20,
    hostName: 'N1',
    localTime: () => ({ year: 2026, month: 11, day: 5, hour: 22, minute: 4, second: 46 }),
    check: async () => good,
    tables: async () => ({
      defaults: (wiki) => [wiki ? 'a wiki page' : 'a table'],
      effective: ({ parameters }, hostName) => [`keepalive ${parameters.keepalive} on ${hostName}`],
    }),
    formatProblem: ({ file, line, text }) => `${file}:${line}: ${text}`,
    findRunning: () => none,
    kill: (pid, signal) => void did.push(`${signal} ${pid}`),
    isAlive: () => false,
    listens: () => true,
    sleep: async () => void did.push('sleep'),
    launch: async (args) => {
      did.push(['launch', ...args]);
      return ready;
    },
    becomeGuardian: (args) => void did.push(['guardian', ...args]),
    findGuardian: () => undefined,
    detachedStarter: () => ({ tell: () => undefined, ready: () => undefined }),
    runDaemon: async ({ foreground, debug, configDir }) => {
      did.push(['run', foreground, debug, configDir]);
      return 5;
    },
    ...more,
  };
  const run = async (...argv: string[]) => ({ status: await heartbeat(argv, made), out, err, did });
  return { run };
}

const BANNER = `${HEAD}info: **************************\n${HEAD}info: Configuration validated. Starting heartbeat 3.0.6 (heartbeatd 0.1.0)\n`;

test('words become options', () => {
  const table: readonly (readonly [string, Record<string, unknown>])[] = [
    [
      '',
      {
        action: 'start',
        foreground: false,
        debug: 0,
        realtime: true,
        manageResources: true,
        print: false,
        wiki: false,
        configDir: '/etc/ha.d',
        stateDir: '/var/lib/heartbeat',
        runDir: '/run',
      },
    ],
    ['-f', { action: 'start', foreground: true }],
    ['-dd -d', { debug: 3 }],
    ['-dfd', { debug: 2, foreground: true }],
    ['-l', { realtime: false }],
    ['-v', { action: 'start', print: true }],
    ['-D', { action: 'defaults', wiki: false }],
    ['-DW', { action: 'defaults', wiki: true }],
    ['-D -k -s', { action: 'defaults' }],
    ['-DV', { action: 'version' }],
    ['-W', { action: 'start' }],
    ['-s', { action: 'status' }],
    ['-k', { action: 'stop' }],
    ['-r', { action: 'reload' }],
    ['-V', { action: 'version' }],
    ['-M', { action: 'start', manageResources: false }],
    ['-W', { action: 'start' }],
    ['-R -C local', { action: 'restart', held: 'local' }],
    ['-R -C all --handed 20,21,22', { action: 'restart', held: 'all', handed: { config: 20, locks: [21, 22] } }],
    ['-R -C all --handed x', { action: 'restart', handed: undefined }],
    ['--check', { action: 'check' }],
    ['--config-dir /a/../b --state-dir=/c --run-dir /d --node NX', { configDir: '/b', stateDir: '/c', runDir: '/d', node: 'nx' }],
  ];
  for (const [words, wanted] of table) {
    const parsed = parseHeartbeat(words.split(' ').filter(Boolean));
    assert.equal(parsed.kind, 'options', words);
    const options = new Map<string, unknown>(parsed.kind === 'options' ? Object.entries(parsed.options) : []);
    for (const [name, value] of Object.entries(wanted)) assert.deepEqual(options.get(name), value, `${words}: ${name}`);
  }
});

test('a relative folder is made absolute, because the background daemon works elsewhere', () => {
  const parsed = parseHeartbeat(['--run-dir', 'here']);
  assert.equal(parsed.kind === 'options' && parsed.options.runDir, `${process.cwd()}/here`);
});

test('the detached process gets the same options', () => {
  const parsed = parseHeartbeat(['-dd', '-l', '-M', '--node', 'nx', '--run-dir', '/d']);
  assert.ok(parsed.kind === 'options');
  const again = parseHeartbeat(detachedArguments(parsed.options));
  assert.ok(again.kind === 'options');
  assert.deepEqual(again.options, { ...parsed.options, action: 'runDetached' });
});

test('anything unknown is a usage error on stderr, exit 2', async () => {
  for (const words of [['-h'], ['-x'], ['--nosuch'], ['word'], ['--node'], ['-C', 'local'], ['-R', '-r'], ['-C']]) {
    assert.deepEqual(await world().run(...words), { status: 2, out: '', err: `${HEARTBEAT_USAGE}\n`, did: [] });
  }
});

test('-V', async () => {
  assert.deepEqual(await world().run('-V'), { status: 0, out: '3.0.6 (heartbeatd 0.1.0)\n', err: '', did: [] });
});

test('-s tells running, stale and stopped apart', async () => {
  const status = (running: Running) => world({ findRunning: () => running }).run('-s');
  assert.deepEqual(await status(live), { status: 0, out: 'heartbeat OK [pid 77 et al] is running on N1 [n1]...\n', err: '', did: [] });
  assert.deepEqual(await status(none), { status: 3, out: 'heartbeat is stopped. No process\n', err: '', did: [] });
  assert.deepEqual(await status({ kind: 'stale' }), { status: 1, out: 'heartbeat is stopped. No process\n', err: '', did: [] });
});

test('-k signals and waits until the process has gone', async () => {
  let polls = 3;
  const ran = await world({ findRunning: () => live, isAlive: () => polls-- > 0 }).run('-k');
  assert.deepEqual(ran, { status: 0, out: '', err: '', did: ['SIGTERM 77', 'sleep', 'sleep', 'sleep'] });
});

test('-k with nothing to stop, without the right, and on a process that has just gone', async () => {
  assert.deepEqual(await world().run('-k'), { status: 0, out: '', err: 'INFO: Heartbeat already stopped.\n', did: [] });
  const throwing = (code: string) => ({
    findRunning: () => live,
    kill: () => {
      throw Object.assign(new Error(code), { code });
    },
  });
  assert.equal((await world(throwing('EPERM')).run('-k')).status, 4);
  assert.equal((await world(throwing('ESRCH')).run('-k')).status, 0);
  assert.equal((await world(throwing('EINVAL')).run('-k')).status, 1);
});

test('--check prints everything and opens nothing', async () => {
  const refused = await world({ check: async () => bad }).run('--check');
  assert.deepEqual(refused, {
    status: 6,
    out: 'configuration refused: 1 errors, 1 warnings\n',
    err: 'ERROR: /etc/ha.d/ha.cf:3: Illegal directive [foobar]\nWARN: /etc/ha.d/ha.cf:9: small\n',
    did: [],
  });
  assert.deepEqual(await world().run('--check'), { status: 0, out: 'configuration good: 0 errors, 0 warnings\n', err: '', did: [] });
});

test('a start with errors prints them as log lines, then the two last ones', async () => {
  const ran = await world({ check: async () => bad }).run();
  assert.deepEqual(ran, {
    status: 6,
    out: '',
    err:
      `${HEAD}ERROR: /etc/ha.d/ha.cf:3: Illegal directive [foobar]\n${HEAD}WARN: /etc/ha.d/ha.cf:9: small\n` +
      `${HEAD}ERROR: Heartbeat not started: configuration error.\n${HEAD}ERROR: Configuration error, heartbeat not started.\n`,
    did: [],
  });
  assert.equal((await world({ check: async () => ({ ...bad, exitStatus: 4 }) }).run()).status, 4);
});

test('a start in the background passes on what became of it', async () => {
  const good = await world().run('-d', '--run-dir', '/d');
  assert.deepEqual([good.status, good.err], [0, BANNER]);
  assert.deepEqual(good.did, [
    ['launch', '--run-detached', '--config-dir', '/etc/ha.d', '--state-dir', '/var/lib/heartbeat', '--run-dir', '/d', '-d'],
  ]);
  const after = async (result: LaunchResult) => {
    const ran = await world({ launch: async () => result }).run();
    return [ran.status, ran.err.slice(BANNER.length + HEAD.length)];
  };
  assert.deepEqual(await after({ kind: 'ended', status: 4 }), [4, 'ERROR: heartbeat ended at once with status 4\n']);
  assert.deepEqual(await after({ kind: 'killed', signal: 'SIGKILL' }), [1, 'ERROR: heartbeat was ended at once by SIGKILL\n']);
  assert.deepEqual(await after({ kind: 'slow', pid: 78 }), [0, 'WARN: heartbeat [pid 78] runs but is not ready after 10 s: see its log\n']);
});

test('a start while it runs checks the files, says so and leaves it alone', async () => {
  const ran = await world({ findRunning: () => live }).run();
  assert.deepEqual(ran, { status: 0, out: '', err: `${BANNER}${HEAD}info: heartbeat: already running [pid 77].\n`, did: [] });
});

test('-D and -DW print their table and touch nothing', async () => {
  assert.deepEqual(await world().run('-D'), { status: 0, out: 'a table\n', err: '', did: [] });
  assert.deepEqual(await world().run('-WD'), { status: 0, out: 'a wiki page\n', err: '', did: [] });
});

test('-f becomes the guardian, and the daemon itself where that fails; -v prints the configuration first', async () => {
  const ran = await world().run('-f', '-v', '-d', '--config-dir', '/c', '--state-dir', '/s', '--run-dir', '/r');
  const guardian = ['guardian', '--run-detached', '--config-dir', '/c', '--state-dir', '/s', '--run-dir', '/r', '-d', '-f'];
  assert.deepEqual([ran.status, ran.out, ran.did], [5, 'keepalive 2 on N1\n', [guardian, ['run', true, 1, '/c']]]);
});

test('under a guardian, with or without -f, it is the daemon, and a later life of one waits for no starter', async () => {
  const none = world({ check: async () => assert.fail('checked again'), detachedStarter: () => assert.fail('nobody waits') });
  assert.deepEqual((await none.run('--run-detached', '-f', '--guardian', 'first')).did, [['run', true, 0, '/etc/ha.d']]);
  assert.deepEqual((await none.run('--run-detached', '--guardian', 'again')).did.at(-1), ['run', false, 0, '/etc/ha.d']);
});

test('between two lives -s waits for the next one, and -k stops the guardian of one that does not come', async () => {
  let looks = 0;
  const stale: Running = { kind: 'stale' };
  const between = { findRunning: () => (looks++ < 3 ? stale : live), findGuardian: () => 76 };
  assert.equal((await world(between).run('-s')).status, 0);
  assert.equal(looks, 4);
  let asked = 0;
  const ran = await world({ findRunning: () => stale, findGuardian: () => (asked++ < 60 ? 76 : undefined) }).run('-k');
  assert.deepEqual([ran.status, ran.did.filter((one) => one !== 'sleep')], [0, ['SIGTERM 76']]);
  const started = await world({ findRunning: () => stale, findGuardian: () => 76 }).run();
  assert.match(started.err, /WARN: heartbeat has died; its guardian \[pid 76\] goes on trying to start it\n$/);
  assert.deepEqual([started.status, started.did.filter((one) => one !== 'sleep')], [0, []]);
});

test('the detached process is the daemon, without a second check', async () => {
  const ran = await world({ check: async () => assert.fail('checked again') }).run('--run-detached', '--config-dir', '/c');
  assert.deepEqual([ran.status, ran.err, ran.did], [5, '', [['run', false, 0, '/c']]]);
});

test('a daemon that breaks down before its log is open tells the starter', async () => {
  const told: string[] = [];
  const breaking = world({
    detachedStarter: () => ({ tell: (line) => told.push(line), ready: () => undefined }),
    runDaemon: async () => {
      throw new Error('no such library');
    },
  });
  await assert.rejects(breaking.run('--run-detached'), /no such library/);
  assert.match(told.join('\n'), /no such library/);
});

test('-r signals after a good check, refuses after a bad one, starts what does not run', async () => {
  const good = await world({ findRunning: () => live }).run('-r');
  assert.deepEqual(good, {
    status: 0,
    out: '',
    err: `${HEAD}info: Signalling heartbeat pid 77 to reread config files\n`,
    did: ['SIGHUP 77'],
  });
  const refused = await world({ findRunning: () => live, check: async () => bad }).run('-r');
  assert.deepEqual([refused.status, refused.did], [1, []]);
  assert.match(refused.err, /info: Config errors: Heartbeat pid 77 NOT restarted\n$/);
  assert.equal(((await world().run('-r')).did[0] as string[])[0], 'launch');
});

test('-R by hand is refused, and the daemon that starts again in its place is told what it holds', async () => {
  const refused = await world().run('-R', '-C', 'local');
  assert.deepEqual(refused, { status: 6, out: '', err: 'ERROR: heartbeat is not running.\n', did: [] });
  const beside = await world({ findRunning: () => live }).run('-R');
  assert.deepEqual(beside, { status: 1, out: '', err: 'ERROR: Heartbeat already running [pid 77].\n', did: [] });
  // A number that came round again: nobody has handed anything over.
  const byChance = await world({ findRunning: () => ({ kind: 'own' }) }).run('-R', '-C', 'local');
  assert.deepEqual([byChance.status, byChance.did], [6, []]);

  const given: DaemonOptions[] = [];
  const runDaemon = async (options: DaemonOptions): Promise<number> => {
    given.push(options);
    return 0;
  };
  const own = world({ findRunning: () => ({ kind: 'own' }), runDaemon });
  const words = ['-R', '-C', 'foreign', '--handed', '20,21,22', '--config-dir', '/c', '-M', '-d', '-f'];
  assert.equal((await own.run(...words)).status, 0);
  const [options] = given;
  assert.ok(options);
  assert.deepEqual(
    [options.held, options.handed, options.manageResources, options.foreground, options.debug],
    ['foreign', { config: 20, locks: [21, 22] }, false, true, 1],
  );
  const again = options.again?.('all', { config: 30, locks: [31, 32] }) ?? [];
  const parsed = parseHeartbeat(again);
  assert.ok(parsed.kind === 'options');
  const { action, held, handed, configDir, manageResources, foreground, debug } = parsed.options;
  assert.deepEqual(
    [action, held, handed, configDir, manageResources, foreground, debug],
    ['restart', 'all', { config: 30, locks: [31, 32] }, '/c', false, true, 1],
  );
  assert.equal((await own.run('-R', '-C', 'some', '--handed', '1,2,3')).status, 2);
});

test('-k and -r wait for a daemon that has just started again in its place', async () => {
  const deaf = () => {
    const answers = [false, false, false];
    return { findRunning: () => live, listens: () => answers.pop() ?? true };
  };
  assert.deepEqual((await world(deaf()).run('-k')).did, ['sleep', 'sleep', 'sleep', 'SIGTERM 77']);
  assert.deepEqual((await world(deaf()).run('-r')).did, ['sleep', 'sleep', 'sleep', 'SIGHUP 77']);
  // Not for ever: it may be a program that never will.
  const never = await world({ findRunning: () => live, listens: () => false }).run('-k');
  assert.deepEqual(never.did.slice(-1), ['SIGTERM 77']);
});

test('-k says it again to a daemon that has not heard it', async () => {
  const alive = Array.from({ length: 150 }, () => true);
  const ran = await world({ findRunning: () => live, isAlive: () => alive.pop() ?? false }).run('-k');
  assert.equal(ran.did.filter((what) => what === 'SIGTERM 77').length, 2);
});

test('of two starts at once the later one finds the other, and all is well', async () => {
  let looks = 0;
  const late: Partial<HeartbeatWorld> = {
    findRunning: () => {
      looks += 1;
      return looks < 4 ? none : live;
    },
    launch: async () => ({ kind: 'ended', status: 1 }),
  };
  const found = await world(late).run();
  assert.equal(found.status, 0);
  assert.equal(found.err, `${BANNER}${HEAD}info: heartbeat: already running [pid 77].\n`);
  const alone = await world({ launch: async () => ({ kind: 'ended', status: 1 }) }).run();
  assert.equal(alone.status, 1);
  assert.match(alone.err, /ERROR: heartbeat ended at once with status 1\n$/);
});
