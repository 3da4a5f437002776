import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createEventScripts, type EventScriptsOptions, type SiteScripts } from '../../src/os/event-scripts.ts';
import { createScriptLog } from '../../src/os/script-log.ts';
import { createScriptOutput } from '../../src/os/script-output.ts';
import { folder, until } from './support.ts';

const OURS = fileURLToPath(new URL('../../etc/ha.d/', import.meta.url));

interface Site {
  readonly top: string;
  readonly rcDir: string;
  readonly told: string[];
  readonly scripts: SiteScripts;
  script(name: string, body: string, mode?: number): void;
  lines(): string[];
}

function site(test: TestContext, before: (site: Omit<Site, 'scripts'>) => void, limits: EventScriptsOptions['limits'] = {}): Site {
  const top = folder(test);
  const rcDir = join(top, 'rc.d');
  mkdirSync(rcDir);
  const told: string[] = [];
  const made = {
    top,
    rcDir,
    told,
    script(name: string, body: string, mode = 0o755) {
      writeFileSync(join(rcDir, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(rcDir, name), mode);
    },
    lines: () => (existsSync(join(top, 'out')) ? readFileSync(join(top, 'out'), 'utf8').trimEnd().split('\n') : []),
  };
  before(made);
  const output = createScriptOutput(undefined);
  const log = createScriptLog((name, text) => told.push(`${name.replace(/[0-9]+/, 'N')} ${text}`));
  const scripts = createEventScripts({
    rcDir,
    harc: () => join(OURS, 'harc'),
    environment: () => ({
      PATH: process.env.PATH ?? '',
      HA_DIR: `${top}/`,
      HA_FUNCS: join(OURS, 'shellfuncs'),
      HA_FIFO: '/the/fifo',
      HA_LOGFD: '3',
      HA_LOGFILE: '/dev/null',
      HA_deadtime: '5',
      OUT: join(top, 'out'),
    }),
    output,
    logFd: log.fd,
    log: (level, text) => told.push(`${level} ${text}`),
    limits,
  });
  test.after(() => {
    scripts.close();
    output.close();
    log.close();
  });
  return { ...made, scripts };
}

it('runs rc.d/TYPE with the type for an argument and the fields around it', async (test) => {
  const it = site(test, (made) =>
    made.script(
      'status',
      'echo "$# $1 $HA_st $HA_src $HA_OSTATUS $LC_ALL $HA_FIFO $(umask)" >>"$OUT"; cut -d" " -f5,6 /proc/$$/stat >>"$OUT"; echo $$ >>"$OUT"; readlink /proc/$$/fd/0 >>"$OUT"',
    ),
  );
  it.scripts.run('status', { st: 'dead', src: 'n1', OSTATUS: 'active' });
  await until('the script', () => it.lines().length === 4);
  const [words, groups, pid, input] = it.lines();
  assert.equal(words, '1 status dead n1 active C /the/fifo 0022');
  assert.equal(groups, `${pid} ${pid}`);
  assert.equal(input, '/dev/null');
  await until('the line', () => it.told.length === 1);
  assert.deepEqual(it.told, [`harc(default)[N] info: Running ${it.top}//rc.d/status status`]);
});

it('nothing of the environment is replaced by a message, and odd names are left out', async (test) => {
  const it = site(test, (made) => made.script('news', 'echo "$HA_DIR|$HA_deadtime|$HA_foo" >>"$OUT"; env | grep -c "^HA_.*evil" >>"$OUT"'));
  it.scripts.run('news', { DIR: '/evil', deadtime: 'evil', 'a b': 'evil', 'x=y': 'evil', foo: "a b;$(echo x)'" });
  await until('the script', () => it.lines().length === 2);
  assert.deepEqual(it.lines(), [`${it.top}/|5|a b;$(echo x)'`, '0']);
});

it('the type must be the name of a file, letter by letter', async (test) => {
  const it = site(test, (made) => {
    made.script('news', 'echo "$1" >>"$OUT"');
    mkdirSync(join(made.rcDir, 'folder'));
    symlinkSync('news', join(made.rcDir, 'linked'));
  });
  for (const type of ['NEWS', '../rc.d/news', 'news/', '', '.', '..', 'folder', 'news\0', 'linked', 'news']) it.scripts.run(type, {});
  await until('both', () => it.lines().length === 2);
  assert.deepEqual(it.lines(), ['linked', 'news']);
});

it('without the x bit it is told, and the next one runs', async (test) => {
  const it = site(test, (made) => {
    made.script('one', 'echo one >>"$OUT"', 0o644);
    made.script('two', 'echo two >>"$OUT"');
  });
  it.scripts.run('one', {});
  it.scripts.run('two', {});
  await until('the second', () => it.lines().length === 1);
  assert.deepEqual(it.lines(), ['two']);
  await until('the word', () => it.told.length > 0);
  assert.equal(it.told[0], `harc(default)[N] ERROR: ${OURS}harc: ${it.top}//rc.d/one: not executable`);
});

it('one at a time, in order', async (test) => {
  const it = site(test, (made) => made.script('news', 'echo "begin $HA_n" >>"$OUT"; sleep 0.05; echo "end $HA_n" >>"$OUT"'));
  for (const n of ['1', '2', '3']) it.scripts.run('news', { n });
  await until('all', () => it.lines().length === 6);
  assert.deepEqual(it.lines(), ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
});

it('behind a slow script the oldest give way; it is told, and ended in the end', async (test) => {
  // On a busy machine a script needs its time to begin at all.
  const limits = { waitingMax: 2, slowMs: 1200, limitMs: 1600, killMs: 100 };
  const it = site(
    test,
    (made) => made.script('news', 'echo "$HA_n" >>"$OUT"; [ "$HA_n" != 1 ] || { trap "" TERM; sleep 20 & wait; wait; }'),
    limits,
  );
  for (const n of ['1', '2', '3', '4', '5']) it.scripts.run('news', { n });
  await until('the rest', () => it.lines().length === 3);
  assert.deepEqual(it.lines(), ['1', '4', '5']);
  await until('the sum', () => it.told.some((line) => line.includes('in all')));
  assert.deepEqual(
    it.told.filter((line) => line.startsWith('WARN')).map((line) => line.replaceAll(it.rcDir, 'RC')),
    [
      'WARN too many events wait for the scripts of RC: the oldest, news, is left out',
      'WARN RC/news has been running for 1 s: 2 events wait',
      'WARN RC/news is ended after 2 s',
      'WARN 2 events in all were not told to the scripts of RC',
    ],
  );
});

it('scripts that come later are found by a look', async (test) => {
  const it = site(test, () => undefined);
  it.script('news', 'echo here >>"$OUT"');
  it.scripts.run('news', {});
  it.scripts.refresh();
  await until('the script', () => {
    it.scripts.run('news', {});
    return it.lines().length > 0;
  });
});

it('what the daemon does itself has no FIFO to ask for it again', async (test) => {
  const types = ['ask_resources', 'hb_takeover', 'ip-request', 'ip-request-resp', 'status', 'own'];
  const it = site(test, (made) => {
    for (const type of types) made.script(type, 'echo "$1 $HA_FIFO" >>"$OUT"');
  });
  for (const type of types) it.scripts.run(type, {});
  await until('all', () => it.lines().length === types.length);
  assert.deepEqual(it.lines(), [...types.slice(0, 4).map((type) => `${type} /dev/null`), 'status /the/fifo', 'own /the/fifo']);
});

it('an rc.d that is not there, or a harc that cannot run, holds nothing up', async (test) => {
  const it = site(test, (made) => made.script('news', ':'));
  const told: string[] = [];
  const output = createScriptOutput(undefined);
  test.after(() => output.close());
  const common = { environment: () => ({}), output, log: (_: string, text: string) => told.push(text) };
  const nowhere = createEventScripts({ ...common, rcDir: join(it.top, 'none'), harc: () => undefined });
  nowhere.run('news', {});
  nowhere.refresh();
  const broken = createEventScripts({ ...common, rcDir: it.rcDir, harc: () => '/no/such/harc' });
  broken.run('news', {});
  broken.run('news', {});
  const missing = createEventScripts({ ...common, rcDir: it.rcDir, harc: () => undefined });
  missing.run('news', {});
  await until('all words', () => told.length === 3);
  assert.ok(told.every((text) => /harc/.test(text)));
});
