import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mediaCatalog } from '../../src/media/index.ts';
import { freePort } from './support.ts';

function run(program: string, args: readonly string[]): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 40_000, killSignal: 'SIGKILL' }, (_, stdout, stderr) => {
      resolve({ status: child.exitCode, output: `${stdout}${stderr}` });
    });
  });
}

function child(name: string, ...args: string[]): string[] {
  return [process.execPath, '--import', 'tsx', fileURLToPath(new URL(name, import.meta.url)), ...args];
}

/** How to get a network namespace here, and why not when there is no way. */
function namespace(): { words: string[] } | { reason: string } {
  for (const words of [
    ['unshare', '--net'],
    ['unshare', '--user', '--map-root-user', '--net'],
  ]) {
    try {
      execFileSync(words[0] ?? '', [...words.slice(1), 'ip', 'link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'p0'], {
        stdio: 'ignore',
      });
      return { words };
    } catch {
      // the next way
    }
  }
  return { reason: 'no network namespace with a veth pair can be made here' };
}

describe('an interface that vanishes and returns', { concurrency: true }, () => {
  const way = namespace();
  for (const kind of Object.keys(mediaCatalog)) {
    it(kind, { skip: 'reason' in way ? way.reason : false }, async () => {
      assert.ok('words' in way);
      const [program = '', ...words] = [...way.words, ...child('reopen-child.ts', kind)];
      const { status, output } = await run(program, words);
      assert.equal(status, 0, output);
      assert.match(output, /done/);
    });
  }
});

describe('two daemons on one machine', () => {
  it('hear each other over bcast lo as ordinary users', async () => {
    const port = String(await freePort());
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const results = await Promise.all(
      [child('lo-child.ts', 'n1', 'n2', port), child('lo-child.ts', 'n2', 'n1', port)].map((words) => {
        const [program = '', ...args] = [...asNobody, ...words];
        return run(program, args);
      }),
    );
    for (const { status, output } of results) assert.equal(status, 0, output);
  });
});
