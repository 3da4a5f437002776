import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { VERSION } from '../../src/base/version.ts';
import { readConfigFiles } from '../../src/daemon/config-files.ts';

const root = path.join(import.meta.dirname, '../..');
const PROGRAMS = [
  'heartbeat',
  'cl_status',
  'hb_standby',
  'hb_takeover',
  'hb_addnode',
  'hb_delnode',
  'hb_setweight',
  'hb_setsite',
  'hb_clearfailure',
];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-bin-'));
test.after(() => fs.rmSync(folder, { recursive: true }));

test('the version is that of the package', () => {
  assert.equal(JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version, VERSION);
});

test('a program runs from a link elsewhere, with its words and its exit status; unbuilt it says what to do', () => {
  fs.cpSync(path.join(root, 'bin'), path.join(folder, 'app/bin'), { recursive: true });
  fs.mkdirSync(path.join(folder, 'sbin'));
  const run = (name: string, env: Record<string, string> = {}) =>
    spawnSync(path.join(folder, 'sbin', name), ['-a', 'b c'], { encoding: 'utf8', timeout: 20_000, env: { ...process.env, ...env } });
  for (const name of PROGRAMS) {
    fs.symlinkSync(path.join(folder, 'app/bin', name), path.join(folder, 'sbin', name));
    const unbuilt = run(name);
    assert.equal(unbuilt.status, 1);
    assert.match(unbuilt.stderr, new RegExp(`^${name}: .*app/dist/${name}\\.cjs is not there: run 'npm run build' first\n$`));
  }
  fs.mkdirSync(path.join(folder, 'app/dist'));
  for (const name of PROGRAMS) {
    const program = `process.title = 'heartbeat: master control process';
      console.log(JSON.stringify([process.argv.slice(2), require('fs').readFileSync('/proc/self/cmdline', 'latin1').replace(/\\0+$/, '')]));
      process.exit(7)`;
    fs.writeFileSync(path.join(folder, 'app/dist', `${name}.cjs`), program);
    const ran = run(name);
    assert.equal(ran.status, 7, ran.stderr);
    assert.deepEqual(JSON.parse(ran.stdout)[0], ['-a', 'b c']);
    if (name === 'heartbeat') assert.equal(JSON.parse(ran.stdout)[1], 'heartbeat: master control process', 'room for the whole title');
    assert.match(run(name, { HEARTBEAT_NODE: 'no-such-node' }).stderr, /Node\.js \(20 or later\) is not in PATH/);
  }
});

test('the three files are read with their modes; what is not a plain file is told apart from what is missing', () => {
  const config = path.join(folder, 'ha.d');
  fs.mkdirSync(path.join(config, 'haresources'), { recursive: true });
  fs.writeFileSync(path.join(config, 'ha.cf'), Buffer.from([0x6e, 0xe9, 0x0a]), { mode: 0o640 });
  const files = readConfigFiles(config);
  assert.deepEqual(files.hacf, { path: `${config}//ha.cf`, text: 'n\u00e9\n', mode: 0o640 });
  assert.deepEqual(files.authkeys, { path: `${config}//authkeys`, text: undefined, mode: undefined });
  assert.equal(files.haresources.text, undefined);
  assert.equal(files.haresources.fault, 'not a plain file');
  assert.equal(spawnSync('mkfifo', [path.join(config, 'authkeys')]).status, 0);
  assert.equal(readConfigFiles(config).authkeys.fault, 'not a plain file');
});

test('a reader that has gone is no fault', () => {
  const program = `import { processIo } from ${JSON.stringify(path.join(root, 'src/cli/io.ts'))};
    for (let line = 0; line < 100; line += 1) { processIo.out('x'.repeat(10_000)); processIo.err('x'.repeat(10_000)); }
    setImmediate(() => process.exit(5));`;
  const file = path.join(folder, 'talker.mjs');
  fs.writeFileSync(file, program);
  const tsx = import.meta.resolve('tsx');
  const script = '{ "$0" --import "$1" "$2" 2>&1; echo $? >"$3"; } | true';
  const told = path.join(folder, 'told');
  spawnSync('sh', ['-c', script, process.execPath, tsx, file, told], { timeout: 20_000 });
  assert.equal(fs.readFileSync(told, 'utf8'), '5\n');
});
