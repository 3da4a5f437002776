/** `scripts/demo` in both its forms, on what is built already: it is the first that a newcomer tries. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { run } from '../hosts/run.ts';
import { checkout, support } from '../hosts/support.ts';

const { way, reason } = support();
const INSIDE = ['unshare', ...(way === 'user' ? ['-Ur'] : []), '-mnpf', '--mount-proc', '--kill-child'];

async function demo(form: string, before: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hb-demo-'));
  try {
    const argv = [...before, process.execPath, join(checkout, 'scripts/lib/demo/demo.mjs'), form, folder, 'a test'];
    const { status, stdout, stderr } = await run(argv, { limitMs: 60_000 });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /All as it should be/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the demo', () => {
  it('on two hosts in namespaces', { skip: way === undefined ? (reason ?? true) : false }, () => demo('namespaces', INSIDE));
  it('as two daemons on loopback', () => demo('fallback', []));
});
