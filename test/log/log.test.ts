import assert from 'node:assert/strict';
import test from 'node:test';
import { note } from '../../src/base/notes.ts';
import type { LogConfig } from '../../src/contracts/config.ts';
import { createLog, type LogOptions } from '../../src/daemon/log.ts';
import type { LogFs } from '../../src/daemon/log-file.ts';

/** Files by name; every answer comes at once. */
class FakeFiles implements LogFs {
  readonly texts = new Map<string, string>();
  readonly #names: string[] = [];
  open(path: string, _flags: string, _mode: number, done: (error: Error | null, fd: number) => void): void {
    done(null, this.openSync(path));
  }
  openSync(path: string): number {
    this.#names.push(path);
    return this.#names.length + 9;
  }
  write(fd: number, bytes: Uint8Array, _o: number, _l: number, _p: null, done: (error: Error | null, written: number) => void): void {
    done(null, this.writeSync(fd, bytes));
  }
  writeSync(fd: number, bytes: Uint8Array): number {
    const name = this.#names[fd - 10] ?? `fd ${fd}`;
    this.texts.set(name, (this.texts.get(name) ?? '') + Buffer.from(bytes).toString());
    return bytes.length;
  }
  close(_fd: number, done: () => void): void {
    done();
  }
  stat(_path: string, done: (error: Error | null, stats: { ino: number; dev: number }) => void): void {
    done(null, { ino: 1, dev: 1 });
  }
  fstat(_fd: number, done: (error: Error | null, stats: { ino: number; dev: number }) => void): void {
    done(null, { ino: 1, dev: 1 });
  }
}

const both: LogConfig = { logfile: '/log', debugfile: '/debug', debug: 1, syslogmsgfmt: true };

function make(config: LogConfig, more: Partial<LogOptions> = {}) {
  const files = new FakeFiles();
  const sent: string[] = [];
  const log = createLog({
    config,
    node: 'n1',
    pid: 20,
    foreground: false,
    now: () => new Date(2026, 10, 5, 22, 4, 46),
    fs: files,
    syslog: { send: (facility, level, ident, text) => sent.push(`${facility}.${level} ${ident}: ${text}`) },
    ...more,
  });
  return { log, files, sent };
}

test('a note goes to logfile and debugfile in their own forms, debug lines to debugfile alone', () => {
  const { log, files, sent } = make(both);
  log.note(note('nodeDead', { node: 'n2' }));
  log.note(note('takingOverGroup', { key: '10.0.0.1' }));
  log.line('debug', 'debug now set to 1 [pid 20]');
  const dead = 'Nov  5 22:04:46 n1 heartbeat: [20]: WARN: node n2: is dead\n';
  assert.equal(
    files.texts.get('/log'),
    `${dead}2026/11/05_22:04:46\t mach_down(default)[20]:    info: Taking over resource group 10.0.0.1\n`,
  );
  assert.equal(
    files.texts.get('/debug'),
    `${dead}mach_down(default)[20]:\t2026/11/05_22:04:46\tinfo: Taking over resource group 10.0.0.1\n` +
      'Nov  5 22:04:46 n1 heartbeat: [20]: debug: debug now set to 1 [pid 20]\n',
  );
  assert.deepEqual(sent, []);
});

test('every level word is written as log-lines 1 spells it', () => {
  const { log, files } = make({ logfile: '/log', debug: 0, syslogmsgfmt: false });
  for (const level of ['EMERG', 'ALERT', 'CRIT', 'ERROR', 'WARN', 'notice', 'info', 'debug'] as const) log.line(level, 'x');
  const words = [...(files.texts.get('/log') ?? '').matchAll(/ (\w+): x\n/g)].map((found) => found[1]);
  assert.deepEqual(words, ['EMERG', 'ALERT', 'CRIT', 'ERROR', 'WARN', 'notice', 'info']);
});

test('debug lines follow the debug level', () => {
  const { log, files } = make({ debugfile: '/debug', debug: 0, syslogmsgfmt: true });
  log.line('debug', 'not yet');
  log.setDebug(1);
  log.line('debug', 'now');
  log.setDebug(0);
  log.line('debug', 'no more');
  assert.equal(files.texts.get('/debug'), 'Nov  5 22:04:46 n1 heartbeat: [20]: debug: now\n');
});

test('syslog gets the lines of the daemon and of its scripts as 3.0.6 writes them, when a facility is named', () => {
  const { log, sent } = make({ logfacility: 'local0', debug: 0, syslogmsgfmt: true });
  log.note(note('nodeDead', { node: 'n2' }));
  log.note(note('takingOverGroup', { key: '10.0.0.1' }));
  log.note(note('goingStandby', { set: 'all' }));
  assert.deepEqual(sent, [
    'local0.WARN heartbeat: [20]: WARN: node n2: is dead',
    'local0.info mach_down(default)[20]: info: Taking over resource group 10.0.0.1',
    'local0.info hb_standby(default)[20]: Going standby [all].',
  ]);
});

test('without a log directive: stderr in the foreground, syslog in the background', () => {
  const nothing: LogConfig = { debug: 0, syslogmsgfmt: true };
  const front = make(nothing, { foreground: true, mirror: () => assert.fail('told twice') });
  front.log.line('ERROR', 'x');
  assert.equal(front.files.texts.get('fd 2'), 'Nov  5 22:04:46 n1 heartbeat: [20]: ERROR: x\n');
  assert.deepEqual(front.sent, []);
  const back = make(nothing);
  back.log.line('info', 'x');
  assert.deepEqual(back.sent, ['daemon.info heartbeat: [20]: info: x']);
});

test('the person who starts the daemon sees its errors until it is ready', () => {
  const seen: string[] = [];
  const { log } = make(both, { mirror: (line) => seen.push(line) });
  log.line('info', 'a');
  log.line('ERROR', 'b');
  log.stopMirror();
  log.line('CRIT', 'c');
  assert.deepEqual(seen, ['Nov  5 22:04:46 n1 heartbeat: [20]: ERROR: b']);
});

test('close calls back also when a disk stands still', async () => {
  const still = new FakeFiles();
  still.open = () => undefined;
  const { log } = make(both, { fs: still });
  log.line('info', 'x');
  await new Promise<void>((resolve) => log.close(10, resolve));
});

test('a log that cannot be written is told to the person at the terminal and to the other destinations, once', () => {
  const seen: string[] = [];
  const rings: (() => void)[] = [];
  class LateFolder extends FakeFiles {
    override open(path: string, flags: string, mode: number, done: (error: Error | null, fd: number) => void): void {
      if (path === '/log' && rings.length < 3) done(new Error('ENOENT: no such file'), -1);
      else super.open(path, flags, mode, done);
    }
  }
  const files = new LateFolder();
  const { log } = make(both, { fs: files, later: (_ms, ring) => void rings.push(ring), mirror: (line) => seen.push(line) });
  log.line('info', 'first');
  for (let ring = 0; ring < 3; ring += 1) rings[ring]?.();
  const told = 'Nov  5 22:04:46 n1 heartbeat: [20]: ERROR: cannot write the log: ENOENT: no such file; its lines wait';
  assert.deepEqual(seen, [told]);
  assert.match(files.texts.get('/log') ?? '', /first\n/);
  assert.equal(files.texts.get('/debug')?.split('its lines wait').length, 2);
});
