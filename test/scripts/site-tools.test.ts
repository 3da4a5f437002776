// What scripts of a 3.0.6 site call: ResourceManager, mach_down, req_resource, ha_clustermsg (haresources 9, tools 4).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, constants, mkdirSync, mkdtempSync, openSync, readSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { removeFolder } from '../remove.ts';

const ROOT = join(import.meta.dirname, '../..');
const temp = mkdtempSync(join(tmpdir(), 'hb-site-'));
after(() => removeFolder(temp));
mkdirSync(join(temp, 'resource.d'));
mkdirSync(join(temp, 'init.d'));
const fifo = join(temp, 'fifo');
spawnSync('mkfifo', [fifo]);

function script(name: string, body: string): void {
  writeFileSync(join(temp, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(temp, name), 0o755);
}
script('resource.d/rs', 'echo "$# $*" >>"$CALLS"; echo running');
script('resource.d/IPaddr', '[ "$1" = 10.0.0.1/24 ] && echo OK || echo stopped');
script('init.d/off', 'echo "is not currently running"');
writeFileSync(join(temp, 'haresources'), '# remark\nN1 rs::a \\\n  rs::b   # tail\n\tn2\t10.0.0.1/24 off\r\nn2\nn10 off\n');

function tool(name: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = {
    PATH: process.env.PATH ?? '',
    HA_DIR: temp,
    HA_FUNCS: join(ROOT, 'etc/ha.d/shellfuncs'),
    HA_CURHOST: 'n1',
    HA_INIT_DIRS: join(temp, 'init.d'),
    HA_RSCTMP: join(temp, 'tmp'),
    CALLS: join(temp, 'calls'),
    ...more,
  };
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'etc/tools', name), args, { env, encoding: 'utf8', timeout: 10_000 });
  return { status, out: stdout, err: stderr };
}

const lists: readonly (readonly [string[], string])[] = [
  [['listkeys', 'n1'], 'rs::a\n'],
  [['listkeys', 'N2'], '10.0.0.1/24\n'],
  [['listkeys', '.*'], 'rs::a\n10.0.0.1/24\noff\n'],
  [['listkeys', 'n9'], ''],
  [['allkeys'], 'rs::a\n10.0.0.1/24\noff\n'],
  [['ourkeys'], 'rs::a rs::b\n'],
  [['otherkeys'], '10.0.0.1/24 off\noff\n'],
];
for (const [args, out] of lists) {
  it(`ResourceManager ${args.join(' ')}`, () => assert.deepEqual(tool('ResourceManager', args), { status: 0, out, err: '' }));
}

it('ResourceManager status: by the text alone, arguments before the action', () => {
  const statusOf = (resource: string) => tool('ResourceManager', ['status', resource]).status;
  assert.deepEqual(['rs::a b::::c*', '10.0.0.1/24', '10.0.0.2', 'off', 'none', '../rs'].map(statusOf), [0, 0, 3, 3, 3, 3]);
  const calls = spawnSync('tail', ['-n', '1', join(temp, 'calls')], { encoding: 'utf8' }).stdout;
  assert.equal(calls, '3 a b c* status\n');
});

it('ResourceManager verifyallidle counts first resources that run', () => {
  assert.equal(tool('ResourceManager', ['verifyallidle']).status, 2);
});

it('groups are moved by nobody but the daemon', () => {
  for (const word of ['takegroup', 'givegroup']) {
    const byHand = tool('ResourceManager', [word, 'rs::a']);
    assert.equal(byHand.status, 1);
    assert.match(byHand.err, /use hb_takeover or hb_standby/);
    assert.deepEqual(tool('ResourceManager', [word, 'rs::a'], { HA_t: 'ip-request' }), { status: 0, out: '', err: '' });
  }
  for (const name of ['mach_down', 'req_resource']) {
    const ran = tool(name, ['x'], { HA_FIFO: fifo });
    assert.equal(ran.status, 0);
    assert.match(ran.err, new RegExp(`${name}\\(default\\)\\[\\d+\\]: info: ${name} x: nothing to do`));
  }
  assert.equal(tool('ResourceManager', ['nonsense']).status, 1);
});

it('ha_clustermsg writes one packet, and without a reader it waits for nobody', () => {
  const say = (to: string) => {
    const env = { PATH: process.env.PATH ?? '', HA_FIFO: to, HA_FUNCS: join(ROOT, 'etc/ha.d/shellfuncs') };
    const text = '. "$HA_FUNCS"; ha_clustermsg <<!\nt=news\nfoo=a b\n!';
    return spawnSync('sh', ['-c', text], { env, encoding: 'utf8', timeout: 5000 });
  };
  assert.equal(say(fifo).status, 0);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  assert.equal(say(fifo).status, 0);
  const bytes = Buffer.alloc(1000);
  assert.equal(bytes.toString('utf8', 0, readSync(reader, bytes)), '>>>\nt=news\nfoo=a b\n<<<\n');
  closeSync(reader);
  assert.equal(say(join(temp, 'none')).status, 1);
  assert.equal(say('/dev/null').status, 0);
});
