import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

const program = `
  const { keepDescriptorsPrivate } = await import(process.argv[1]);
  const { execFileSync } = await import('node:child_process');
  if (process.argv[2] === 'private') keepDescriptorsPrivate();
  console.log(execFileSync('/bin/sh', ['-c', 'ls /proc/self/fd'], { encoding: 'utf8' }).split(/\\s+/).includes('200'));
`;

it('a descriptor that the starter left open does not reach the scripts', () => {
  const ours = new URL('../../src/os/descriptors.ts', import.meta.url).pathname;
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program, ours];
  const run = (word: string) =>
    spawnSync('bash', ['-c', 'exec 200</dev/null; exec "$@"', 'bash', process.execPath, ...args, word], {
      encoding: 'utf8',
      timeout: 20_000,
    });
  const without = run('leaky');
  assert.equal(without.stdout, 'true\n', without.stderr);
  assert.equal(run('private').stdout, 'false\n');
});
