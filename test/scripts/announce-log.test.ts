// IPaddr's announcement without the daemon, and the log functions of shellfuncs (log-lines 1).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eventually, Net, namespaceObstacle, RESOURCE_DIR, SHELLFUNCS } from './net.ts';

const skip = namespaceObstacle();

describe('IPaddr without the daemon as announcer', { skip }, () => {
  let net: Net;
  before(async () => {
    net = await Net.make('eth0');
    net.ok('ip address add 10.77.0.3/24 brd + dev eth0');
  });
  after(() => net.close());

  it('announces in the background, nobody waits for it, stop ends it', async (t) => {
    if (net.shell('PATH=$PATH:/usr/sbin:/sbin command -v arping').status !== 0) return t.skip('arping is not installed');
    const began = performance.now();
    // spawnSync reads stdout and stderr until their end, so a child that held them would cost the 5 s of the announcement.
    assert.equal(net.ipaddr('10.77.0.150', 'start', { HA_ANNOUNCER: '' }).status, 0);
    assert.ok(performance.now() - began < 3000, 'start waited for the announcement');
    const mark = join(net.rsctmp, 'send_arp-10.77.0.150');
    const pid = Number(readFileSync(mark, 'utf8'));
    assert.ok(existsSync(`/proc/${pid}`));
    assert.equal(net.ipaddr('10.77.0.150', 'stop', { HA_ANNOUNCER: '' }).status, 0);
    assert.ok(!existsSync(mark));
    // Ended, whether or not somebody has collected it yet: then the command line is empty.
    const line = (): string => (existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '');
    await eventually(() => (line() === '' ? true : undefined), 'the announcer is gone');
  });

  it('a process id in an old mark is not killed when it is somebody else', async () => {
    const other = spawn('sleep', ['30']);
    try {
      net.ok(`mkdir -p ${net.rsctmp}; echo ${other.pid} > ${net.rsctmp}/send_arp-10.77.0.151`);
      assert.equal(net.ipaddr('10.77.0.151', 'stop').status, 0);
      assert.equal(other.exitCode, null);
      assert.equal(other.kill('SIGTERM'), true);
      const [, signal] = (await once(other, 'exit')) as [number | null, string | null];
      assert.equal(signal, 'SIGTERM');
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('with the daemon as announcer it sends nothing itself', () => {
    assert.equal(net.ipaddr('10.77.0.150', 'start').status, 0);
    assert.ok(!existsSync(join(net.rsctmp, 'send_arp-10.77.0.150')));
    assert.equal(net.ipaddr('10.77.0.150', 'stop').status, 0);
  });
});

describe('the log of resource scripts', { skip }, () => {
  let net: Net;
  before(async () => {
    net = await Net.make('eth0');
    net.ok('ip address add 10.77.0.3/24 brd + dev eth0');
  });
  after(() => net.close());

  const linesOf = async (path: string, count: number): Promise<string[]> =>
    eventually(() => {
      const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
      return lines.length >= count ? lines : undefined;
    }, `${count} lines in ${path}`);

  it('has the texts and the two forms that monitoring looks for', async () => {
    const env = { HA_LOGFILE: join(net.temp, 'l1'), HA_DEBUGLOG: join(net.temp, 'd1') };
    net.ipaddr('10.77.0.150', 'start', env);
    const head = String.raw`\d{4}/\d\d/\d\d_\d\d:\d\d:\d\d`;
    const tag = String.raw`IPaddr\(IPaddr_10\.77\.0\.150\)\[\d+\]:`;
    const texts = [
      'INFO: Using calculated nic for 10.77.0.150: eth0',
      'INFO: Using calculated netmask for 10.77.0.150: 255.255.255.0',
      'INFO: eval ifconfig eth0:0 10.77.0.150 netmask 255.255.255.0 broadcast 10.77.0.255',
      'INFO:  Success',
    ];
    const log = await linesOf(env.HA_LOGFILE, 4);
    const debug = await linesOf(env.HA_DEBUGLOG, 4);
    assert.equal(log.length, 4);
    for (const [index, text] of texts.entries()) {
      assert.match(log[index] ?? '', new RegExp(`^${head}\t ${tag}    `));
      assert.ok(log[index]?.endsWith(`:    ${text}`), log[index]);
      assert.match(debug[index] ?? '', new RegExp(`^${tag}\t${head}\t`));
      assert.ok(debug[index]?.endsWith(`\t${text}`), debug[index]);
    }
    net.ipaddr('10.77.0.150', 'stop', env);
    const both = await linesOf(env.HA_LOGFILE, 6);
    assert.ok(both[4]?.endsWith(':    INFO: ifconfig eth0:0 down'));
  });

  it('one file named for both destinations gets each line once', async () => {
    const path = join(net.temp, 'l2');
    net.ipaddr('10.77.0.150', 'status', { HA_LOGFILE: path, HA_DEBUGLOG: path });
    await linesOf(path, 1);
    await eventually(() => (readdirSync(net.rsctmp).some((name) => name.startsWith('.ha_log')) ? undefined : true), 'the writer is done');
    assert.equal((await linesOf(path, 1)).length, 1);
  });

  it('a disk that does not answer holds up no script, and few writers wait for it', async () => {
    // A pipe without a reader: opening it for writing waits, like a frozen file system.
    const path = join(net.temp, 'frozen');
    net.ok(`mkfifo ${path}`);
    const began = performance.now();
    for (let i = 0; i < 24; i++) assert.equal(net.ipaddr('10.77.0.150', 'status', { HA_LOGFILE: path }).status, 7);
    assert.ok(performance.now() - began < 8000);
    const marks = (): number => readdirSync(net.rsctmp).filter((name) => name.startsWith('.ha_log')).length;
    assert.ok(marks() <= 16, `${marks()} writers`);
    // The disk answers again: the writers end.
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await eventually(() => (marks() === 0 ? true : undefined), 'all writers have ended');
    closeSync(reader);
  });

  it('marks of writers that were killed do not silence the log', async () => {
    const path = join(net.temp, 'l3');
    for (let i = 0; i < 40; i++) net.ok(`mkdir -p ${net.rsctmp}; echo 4194303 > ${net.rsctmp}/.ha_log.${i}.1`);
    net.ipaddr('10.77.0.150', 'status', { HA_LOGFILE: path });
    await linesOf(path, 1);
  });

  it('ha_log, ha_debug and ha_pseudo_resource for scripts of your own', async () => {
    const env = { HA_LOGFILE: join(net.temp, 'l4'), HA_DEBUGLOG: join(net.temp, 'd4'), HA_LOGTAG: 'mine(default)' };
    const own = `. ${SHELLFUNCS}; ha_log info: one "two  blanks"; ha_debug debug: hidden; HA_debug=1; ha_debug debug: shown`;
    net.shell(own, env);
    const log = await linesOf(env.HA_LOGFILE, 1);
    const debug = await linesOf(env.HA_DEBUGLOG, 2);
    assert.match(log.join('\n'), /^\S+\t mine\(default\)\[\d+\]: {4}info: one two {2}blanks$/);
    assert.deepEqual(debug.map((line) => line.split('\t')[2]).sort(), ['debug: shown', 'info: one two  blanks']);
    const pseudo = (action: string): [number | null, string] => {
      const done = net.shell(`. ${SHELLFUNCS}; ha_pseudo_resource thing ${action}`, env);
      return [done.status, done.stdout];
    };
    assert.deepEqual(['status', 'start', 'status', 'stop', 'status'].map(pseudo), [
      [7, 'stopped\n'],
      [0, ''],
      [0, 'running\n'],
      [0, ''],
      [7, 'stopped\n'],
    ]);
  });

  it('no destination named: the line goes to stderr; named /dev/null and none: nowhere', () => {
    const done = net.shell(`. ${SHELLFUNCS}; ha_log WARN: seen`, { HA_LOGFILE: '', HA_LOGTAG: 'mine' });
    assert.match(done.stderr, /^mine\[\d+\]: WARN: seen\n$/);
    const nowhere = { HA_LOGFILE: '/dev/null', HA_DEBUGLOG: '/dev/null', HA_LOGFACILITY: 'none' };
    assert.deepEqual(net.shell(`. ${SHELLFUNCS}; ha_log WARN: seen`, nowhere), { status: 0, stdout: '', stderr: '' });
  });

  it('works through a link, beside functions of the same name that are not ours', async () => {
    const path = join(net.temp, 'l5');
    net.ok(`mkdir -p ${net.temp}/ha.d/resource.d && echo 'exit 99' > ${net.temp}/ha.d/shellfuncs`);
    net.ok(`ln -s ${RESOURCE_DIR}/IPaddr ${net.temp}/ha.d/resource.d/IPaddr`);
    const done = net.run(join(net.temp, 'ha.d/resource.d/IPaddr'), ['10.77.0.150', 'status'], { HA_LOGFILE: path });
    assert.equal(done.status, 7);
    await linesOf(path, 1);
  });
});
