import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createScriptLog } from '../../src/os/script-log.ts';
import { until } from './support.ts';

const FUNCTIONS = fileURLToPath(new URL('../../etc/ha.d/shellfuncs', import.meta.url));

function open(test: TestContext) {
  const lines: string[] = [];
  const log = createScriptLog((name, text) => lines.push(`${name}|${text}`));
  test.after(() => log.close());
  const sh = (script: string, env: Record<string, string> = {}) =>
    spawnSync('sh', ['-c', script, 'x'], {
      stdio: ['ignore', 'pipe', 'pipe', log.fd ?? 'ignore'],
      env: { PATH: process.env.PATH, ...env },
    });
  return { lines, sh, fd: log.fd ?? assert.fail('no pipe') };
}

describe('log lines of scripts over a pipe', () => {
  it('arrive whole, in order, with the name of the script', async (test) => {
    const { lines, sh } = open(test);
    sh(`printf 'a\\tone\\nb\\ttwo\\twords\\n' >&3; printf 'c\\tth' >&3; printf 'ree é\\n' >&3`);
    await until('three lines', () => lines.length === 3);
    assert.deepEqual(lines, ['a|one', 'b|two\twords', 'c|three é']);
  });

  it('that say nothing are passed over, and a line without end keeps no memory', async (test) => {
    const { lines, fd } = open(test);
    const script = `printf 'no tab\\n\\tno name\\n' >&3; head -c 300000 /dev/zero | tr '\\0' x >&3; printf '\\nok\\tend\\n' >&3`;
    // More than a pipe holds, so the reader must run meanwhile.
    spawn('sh', ['-c', script], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    await until('the end', () => lines.includes('ok|end'));
    assert.ok(lines.every((line) => line.length < 5000));
    assert.equal(lines.length, 1);
  });

  it('are what ha_log writes under the daemon, with no process of its own', async (test) => {
    const { lines, sh } = open(test);
    const env = { HA_LOGFD: '3', HA_LOGFILE: '/nowhere/at/all', HA_LOGTAG: 'IPaddr(x)' };
    const { status, stderr } = sh(`. '${FUNCTIONS}'; ha_log "info: hello   there"; echo "$$" >/dev/null; wait`, env);
    assert.equal(status, 0, String(stderr));
    await until('the line', () => lines.length === 1);
    assert.match(lines[0] ?? '', /^IPaddr\(x\)\[\d+\]\|info: hello {3}there$/);
  });
});
