import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import type { LogConfig } from '../../src/contracts/config.ts';
import { createLog, type Log, type LogOptions } from '../../src/daemon/log.ts';
import { logOwner } from '../../src/os/log-owner.ts';

function setup(context: test.TestContext, more: Partial<LogOptions> = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hb-relog-'));
  context.after(() => fs.rmSync(folder, { recursive: true }));
  const at = (name: string): string => path.join(folder, name);
  const config = (parts: Partial<LogConfig>): LogConfig => ({ debug: 0, syslogmsgfmt: true, ...parts });
  const sent: string[] = [];
  const log = createLog({
    config: config({ logfile: at('one') }),
    node: 'n1',
    pid: 20,
    foreground: false,
    syslog: { send: (facility, _level, _ident, text) => sent.push(`${facility} ${text}`) },
    ...more,
  });
  const text = (name: string): string => (fs.existsSync(at(name)) ? fs.readFileSync(at(name), 'utf8') : '');
  return { log, at, config, sent, text };
}

const flushed = (log: Log): Promise<boolean> => new Promise((resolve) => log.flush(5000, resolve));
const words = (text: string): string[] => [...text.matchAll(/: (\w+)\n/g)].map((found) => found[1] ?? '');

test('other destinations take over from one line to the next, and no line is lost or doubled', async (context) => {
  const { log, at, config, sent, text } = setup(context);
  log.line('info', 'a');
  log.configure(config({ logfile: at('two'), debugfile: at('debug'), logfacility: 'local1', debug: 1 }));
  log.line('info', 'b');
  log.line('debug', 'c');
  log.configure(config({ logfile: at('two'), syslogmsgfmt: false }));
  log.line('info', 'd');
  log.line('debug', 'e');
  assert.equal(await flushed(log), true);
  // Those that were left are closed after their last line.
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(words(text('one')), ['a']);
  assert.deepEqual(words(text('two')), ['b', 'd']);
  assert.deepEqual(words(text('debug')), ['b', 'c']);
  assert.deepEqual(sent, ['local1 [20]: info: b']);
  const [classic, plain] = text('two').split('\n');
  assert.match(classic ?? '', /^\w{3} [ \d]\d [\d:]{8} n1 heartbeat: \[20\]: info: b$/);
  assert.doesNotMatch(plain ?? '', / n1 heartbeat/);
});

test('a level that signals have moved stays, unless ha.cf names another', async (context) => {
  const { log, at, config, text } = setup(context);
  log.configure(config({ debugfile: at('debug') }));
  log.setDebug(1);
  log.configure(config({ debugfile: at('debug'), logfacility: 'local0' }));
  log.line('debug', 'a');
  log.configure(config({ debugfile: at('debug'), debug: 2 }));
  log.configure(config({ debugfile: at('debug'), debug: 0 }));
  log.line('debug', 'b');
  await flushed(log);
  assert.deepEqual(words(text('debug')), ['a']);
});

test('flush gives up on a disk that stands still', async (context) => {
  const still = { ...fs, open: () => undefined } as unknown as NonNullable<LogOptions['fs']>;
  const { log } = setup(context, { fs: still });
  log.line('info', 'a');
  assert.equal(await new Promise((resolve) => log.flush(10, resolve)), false);
});

test('each file that is opened is given away before its first line, also after a rotation', async (context) => {
  const owned: number[] = [];
  const { log, at, text } = setup(context, {
    own: (fd, done) => {
      owned.push(fs.fstatSync(fd).size);
      done(null);
    },
  });
  log.line('info', 'a');
  await flushed(log);
  fs.renameSync(at('one'), at('old'));
  log.reopen();
  log.line('info', 'b');
  await flushed(log);
  assert.deepEqual(owned, [0, 0]);
  assert.deepEqual([words(text('old')), words(text('one'))], [['a'], ['b']]);
});

test('a file that cannot be given away is written all the same, and that is told once', async (context) => {
  const { log, text } = setup(context, { own: (_fd, done) => done(new Error('Operation not permitted')) });
  log.line('info', 'a');
  await flushed(log);
  log.reopen();
  log.line('info', 'b');
  await flushed(log);
  const lines = text('one').split('\n').filter(Boolean);
  assert.equal(lines.length, 3);
  assert.match(lines[1] ?? '', /WARN: change_logfile_ownership: failed to chown logfile: Operation not permitted$/);
});

test('the owner is hacluster:haclient where there are such, and plain files alone', { skip: process.getuid?.() !== 0 }, async (context) => {
  const { at } = setup(context);
  fs.writeFileSync(at('passwd'), 'root:x:0:0::/:/bin/sh\nhacluster:x:4711:4712::/:/bin/false\n');
  fs.writeFileSync(at('group'), 'root:x:0:\nhaclient:x:4713:\n');
  assert.equal(logOwner(at('none'), at('group')), undefined);
  assert.equal(logOwner(at('passwd'), at('none')), undefined);
  const own = logOwner(at('passwd'), at('group'));
  assert.ok(own);
  const given = (fd: number): Promise<Error | null> => new Promise((resolve) => own(fd, resolve));
  const file = fs.openSync(at('log'), 'a');
  assert.equal(await given(file), null);
  const { uid, gid } = fs.fstatSync(file);
  assert.deepEqual([uid, gid], [4711, 4713]);
  fs.closeSync(file);
  const device = fs.openSync('/dev/null', 'a');
  assert.equal(await given(device), null);
  assert.equal(fs.fstatSync(device).uid, 0);
  fs.closeSync(device);
  assert.match(String(await given(99_999)), /bad file descriptor|EBADF/i);
});
