import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { createAccounts } from '../../src/os/accounts.ts';
import { type Fifo, makeFifo, openFifo } from '../../src/os/fifo.ts';
import { processMark } from '../../src/os/peer-credentials.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-fifo-'));
test.after(() => fs.rmSync(folder, { recursive: true }));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !holds(); ) {
    assert.ok(Date.now() < end, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function shell(text: string): Promise<number | null> {
  return new Promise((resolve) => spawn('sh', ['-c', text], { stdio: 'ignore' }).on('exit', resolve));
}

test('the FIFO is made where there is none, closed to others; a plain file in its place goes, nothing else does', () => {
  const file = path.join(folder, 'made');
  assert.equal(makeFifo(file), true);
  assert.ok(fs.statSync(file).isFIFO());
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  assert.equal(makeFifo(file), false);
  const plain = path.join(folder, 'plain');
  fs.writeFileSync(plain, '>>>\n');
  assert.equal(makeFifo(plain), true);
  assert.ok(fs.statSync(plain).isFIFO());
  const dir = path.join(folder, 'dir');
  fs.mkdirSync(dir);
  assert.match(String((makeFifo(dir) as { detail: string }).detail), /neither a FIFO nor a plain file/);
  assert.match(String((makeFifo(path.join(folder, 'no', 'where')) as { detail: string }).detail), /No such file/);
});

test('writers come and go; nothing waits, a pause holds the writer up, and no thread of the pool is taken', async () => {
  const file = path.join(folder, 'read');
  makeFifo(file);
  let text = '';
  let failed = 0;
  const opened = openFifo(file, { chunk: (bytes) => (text += Buffer.from(bytes).toString()), failed: () => (failed += 1) });
  assert.ok(!('code' in opened));
  const fifo: Fifo = opened;
  for (const word of ['one', 'two', 'three']) {
    await shell(`echo ${word} >${file}`);
    await until(word, () => text.endsWith(`${word}\n`));
  }
  // Four threads are all there are by default: a read that waits in one of them would hold these up.
  await Promise.all(Array.from({ length: 8 }, () => fs.promises.stat(folder)));
  fifo.pause();
  text = '';
  const writing = shell(`head -c 500000 /dev/zero >${file}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(text.length <= 65_536, `${text.length} bytes were read while nobody wanted them`);
  fifo.resume();
  await writing;
  await until('all of it', () => text.length === 500_000);
  fifo.close();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(failed, 0);
});

test('names of users and groups: by number, the first counts, and new ones are found later', async () => {
  const users = path.join(folder, 'passwd');
  const groups = path.join(folder, 'group');
  fs.writeFileSync(users, 'root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nbroken\n:x:7:\n+::::::\nbad:x:1x:\n');
  fs.writeFileSync(groups, 'haclient:x:899:hacluster\n');
  const accounts = createAccounts({ users, groups });
  assert.deepEqual(
    [accounts.user(0), accounts.user(1), accounts.user(7), accounts.group(899), accounts.group(0)],
    ['root', undefined, undefined, 'haclient', undefined],
  );
  fs.appendFileSync(users, 'new:x:1000:1000::/:/bin/sh\n');
  fs.unlinkSync(groups);
  accounts.refresh();
  accounts.refresh();
  await until('the new one', () => accounts.user(1000) === 'new');
  assert.equal(accounts.group(899), 'haclient', 'a table that cannot be read leaves what was known');
  assert.equal(createAccounts({ users: '/nowhere', groups: '/nowhere' }).user(0), undefined);
});

test('a process is known by its start time, whatever it is called', async () => {
  assert.match(processMark(process.pid) ?? '', /^\d+$/);
  assert.equal(processMark(process.pid), processMark(process.pid));
  assert.deepEqual([processMark(0), processMark(-1), processMark(2 ** 22 + 1)], [undefined, undefined, undefined]);
});
