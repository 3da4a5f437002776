import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookAtPaths } from '../../src/os/path-facts.ts';
import { folder } from './support.ts';

test('what lies at the paths of a text is known afterwards, without a further look', async (context) => {
  const dir = folder(context);
  const [program, plain] = [join(dir, 'program'), join(dir, 'plain')];
  for (const file of [program, plain]) writeFileSync(file, '');
  chmodSync(program, 0o755);
  chmodSync(plain, 0o644);
  const facts = await lookAtPaths(`respawn root ${program} -v\nrespawn root ${plain}\nserial /dev/null,${dir}/none\n`);
  chmodSync(plain, 0o755);
  assert.deepEqual([facts.isExecutable(program), facts.isExecutable(plain), facts.isExecutable(join(dir, 'none'))], [true, false, false]);
  assert.deepEqual(
    [facts.fileKind('/dev/null'), facts.fileKind(plain), facts.fileKind(join(dir, 'none'))],
    ['characterDevice', 'other', 'missing'],
  );
});

test('a disk that does not answer is not waited for, and nothing is held against what is on it', async () => {
  const never = new Promise<never>(() => undefined);
  const facts = await lookAtPaths(
    'respawn root /stuck/program\nserial /stuck/tty /gone',
    (path) => (path === '/gone' ? Promise.resolve({ executable: false, kind: 'missing' }) : never),
    5,
  );
  assert.equal(facts.isExecutable('/stuck/program'), true);
  assert.equal(facts.fileKind('/stuck/tty'), 'characterDevice');
  assert.equal(facts.fileKind('/gone'), 'missing');
});
