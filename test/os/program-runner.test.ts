import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { ProgramOutcome, Programs } from '../../src/contracts/clients.ts';
import { keepDescriptorsPrivate } from '../../src/os/descriptors.ts';
import { createProgramRunner } from '../../src/os/program-runner.ts';
import { findUser, type User } from '../../src/os/users.ts';
import { folder, until } from './support.ts';

// As the daemon does: what the starter of this test has left open goes no further.
keepDescriptorsPrivate();

const me = userInfo().username;
const root = process.geteuid?.() === 0;

interface Bench {
  readonly runner: Programs;
  readonly told: string[];
  readonly out: string;
  program(body: string): string;
  run(command: string, user?: string): Promise<ProgramOutcome>;
  lines(): string[];
}

function bench(test: TestContext, more: { readonly findUser?: typeof findUser } = {}): Bench {
  const top = folder(test);
  chmodSync(top, 0o777);
  const told: string[] = [];
  const out = join(top, 'out');
  const runner = createProgramRunner({
    environment: () => ({ PATH: process.env.PATH ?? '', OUT: out, HA_CURHOST: 'n1' }),
    log: (level, text) => told.push(`${level}: ${text}`),
    setpriv: '/usr/bin/setpriv',
    ...more,
  });
  return {
    runner,
    told,
    out,
    program(body) {
      const path = join(top, 'program');
      writeFileSync(path, `#!/bin/sh\n${body}\n`);
      chmodSync(path, 0o755);
      return path;
    },
    run: (command, user = me) =>
      new Promise((resolve) => {
        let inside = true;
        runner.start(1, { user, command, failfast: false }, (outcome) => {
          assert.ok(!inside);
          resolve(outcome);
        });
        inside = false;
      }),
    lines: () => (existsSync(out) ? readFileSync(out, 'utf8').trimEnd().split('\n') : []),
  };
}

it('runs the line by a shell, in a session of its own, with nothing of ours but the environment', async (test) => {
  const it = bench(test);
  const path = it.program(
    'echo "$# $1|$2 $HA_CURHOST" >>"$OUT"; cut -d" " -f1,5,6 /proc/$$/stat >>"$OUT"; for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done >>"$OUT"; exit 7',
  );
  const outcome = await it.run(`${path} "a b" c`);
  assert.ok(outcome.kind === 'exited');
  assert.equal(outcome.status, 7);
  const { pid } = outcome;
  const [words, ids, input] = it.lines();
  assert.equal(words, '2 a b|c n1');
  assert.equal(ids, `${pid} ${pid} ${pid}`);
  assert.equal(input, '/dev/null');
  assert.match(it.told[0] ?? '', /^info: Starting child client "\/.*program "a b" c" \([0-9]+,[0-9]+\)$/);
  assert.equal(it.told[1], it.told[0]?.replace('child client ', '').replace(/\(([0-9]+),([0-9]+)\)$/, `as uid $1  gid $2 (pid ${pid})`));
});

it('no descriptor of ours goes along', async (test) => {
  const it = bench(test);
  await it.run(`/bin/ls /proc/self/fd >${it.out}`);
  // 3 is the folder that it lists.
  assert.deepEqual(it.lines(), ['0', '1', '2', '3']);
});

it('tells a signal, and sends one to the whole group', async (test) => {
  const it = bench(test);
  const ended = it.run(it.program('sleep 60 & echo $! >>"$OUT"; wait'));
  await until('the child', () => it.lines().length === 1);
  it.runner.signal(1, 'SIGTERM');
  const outcome = await ended;
  assert.ok(outcome.kind === 'killed' && outcome.signal === 'SIGTERM');
  assert.match(it.told.at(-1) ?? '', new RegExp(`^info: killing .*/program process group ${outcome.pid} with signal 15$`));
  await until(
    'its child has gone, too',
    () => !existsSync(`/proc/${it.lines()[0]}/exe`) || readFileSync(`/proc/${it.lines()[0]}/stat`, 'utf8').includes(') Z '),
  );
});

it('SIGKILL ends what ignores SIGTERM', async (test) => {
  const it = bench(test);
  const ended = it.run(it.program('trap "" TERM; echo up >>"$OUT"; while :; do sleep 0.05; done'));
  await until('the trap', () => it.lines().length === 1);
  it.runner.signal(1, 'SIGTERM');
  it.runner.signal(1, 'SIGKILL');
  const outcome = await ended;
  assert.ok(outcome.kind === 'killed' && outcome.signal === 'SIGKILL');
  it.runner.signal(1, 'SIGKILL');
});

it('a signal before there is a process means that there is none', async (test) => {
  let found: ((user: User | undefined) => void) | undefined;
  const it = bench(test, {
    findUser: (_, later) => {
      found = later;
    },
  });
  const ended = it.run('/bin/true');
  it.runner.signal(1, 'SIGTERM');
  found?.({ name: me, uid: 0, gid: 0 });
  assert.deepEqual(await ended, { kind: 'killed', signal: 'SIGTERM' });
  assert.deepEqual(it.told, []);
});

it('says why it cannot be started', async (test) => {
  const it = bench(test);
  for (const user of ['no-such-user', '', '0', 'a:b', '-x']) {
    assert.deepEqual(await it.run('/bin/true', user), { kind: 'notStarted', detail: 'there is no such user' });
  }
  const nul = await it.run('/bin/true a\0b');
  assert.equal(nul.kind, 'notStarted');
  assert.deepEqual(await it.run('/no/such/program').then((outcome) => outcome.kind === 'exited' && outcome.status), 127);
});

it('runs as the user of the line, with all groups of that user and no right of ours', {
  skip: root ? false : 'needs root',
}, async (test) => {
  const it = bench(test);
  const path = it.program('id -u; id -g; id -G; grep -E "^Cap(Eff|Prm)" /proc/$$/status');
  for (const how of ['setpriv', 'node'] as const) {
    const plain = createProgramRunner({
      environment: () => ({ PATH: process.env.PATH ?? '' }),
      log: () => undefined,
      ...(how === 'setpriv' ? { setpriv: '/usr/bin/setpriv' } : {}),
    });
    const out = `${it.out}-${how}`;
    await new Promise((resolve) => plain.start(1, { user: 'nobody', command: `${path} >${out}`, failfast: false }, resolve));
    const [uid, gid, groups = '', ...rights] = readFileSync(out, 'utf8').trim().split('\n');
    assert.equal(uid, '65534');
    assert.ok(groups.split(' ').includes(gid ?? ''));
    assert.ok(!groups.split(' ').includes('0'));
    assert.deepEqual(
      rights.map((line) => line.replace(/\s+/, ' ')),
      ['CapPrm: 0000000000000000', 'CapEff: 0000000000000000'],
    );
  }
});

it('finds users of the file by their whole name, and asks the system for others', async (test) => {
  const file = join(folder(test), 'passwd');
  writeFileSync(file, 'ab:x:1:2::/:\nbad:x:-1:2::/:\nhuge:x:4294967295:2::/:\n');
  const ask = (name: string) => new Promise<User | undefined>((resolve) => findUser(name, resolve, file));
  assert.deepEqual(await ask('ab'), { name: 'ab', uid: 1, gid: 2 });
  assert.deepEqual(await Promise.all(['a', 'bad', 'huge', 'ab:x'].map(ask)), [undefined, undefined, undefined, undefined]);
  assert.equal((await ask('root'))?.uid, 0);
});
