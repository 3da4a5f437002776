import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { errnoFault, thrownFault } from '../../src/os/errno.ts';
import {
  fileKind,
  hasAccount,
  isExecutable,
  resolveHost,
  resolveHost6,
  serviceName,
  servicePort,
  systemHostFacts,
} from '../../src/os/host-facts.ts';
import { call, libcFault } from '../../src/os/libc.ts';
import { enterRealtime } from '../../src/os/realtime.ts';
import { notifyServiceManager } from '../../src/os/sd-notify.ts';
import { createSyslog, syslogLine } from '../../src/os/syslog.ts';
import { folder } from './support.ts';

/** A datagram socket at `path`, read without waiting. */
function receiver(test: TestContext, path: string) {
  const fd = call('socket', 1, 2 | 0x800, 0);
  const address = Buffer.alloc(3 + Buffer.byteLength(path));
  address.writeUInt16LE(1, 0);
  address.write(path, 2);
  assert.equal(call('bind', fd, address, address.length), 0);
  let open = true;
  const close = () => {
    if (open) call('close', fd);
    open = false;
  };
  test.after(close);
  return {
    close,
    next(): string | undefined {
      const bytes = Buffer.alloc(20_000);
      const count = call('recv', fd, bytes, bytes.length, 0);
      return count < 0 ? undefined : bytes.subarray(0, count).toString('utf8');
    },
  };
}

const at = () => new Date(2026, 10, 5, 22, 4, 6);

describe('syslog', () => {
  it('sends a line in the common form', (test) => {
    const path = join(folder(test), 'log');
    const daemon = receiver(test, path);
    const syslog = createSyslog(path, at);
    syslog.send('local0', 'WARN', 'heartbeat', '[20]: WARN: node n2: is dead');
    assert.equal(daemon.next(), '<132>Nov  5 22:04:06 heartbeat: [20]: WARN: node n2: is dead');
    syslog.close();
  });

  it('costs only its lines when nobody listens, and goes on when somebody does again', (test) => {
    const path = join(folder(test), 'log');
    const syslog = createSyslog(path, at);
    syslog.send('daemon', 'info', 'heartbeat', 'lost');
    assert.equal(syslog.dropped(), 1);
    const first = receiver(test, path);
    syslog.send('daemon', 'info', 'heartbeat', 'first');
    assert.match(first.next() ?? '', /first$/);
    first.close();
    syslog.send('daemon', 'info', 'heartbeat', 'lost too');
    rmSync(path);
    const second = receiver(test, path);
    syslog.send('daemon', 'info', 'heartbeat', 'second');
    assert.match(second.next() ?? '', /second$/);
    assert.equal(syslog.dropped(), 2);
    syslog.close();
  });

  it('drops and counts when the reader is behind, without waiting', (test) => {
    const path = join(folder(test), 'log');
    receiver(test, path);
    const syslog = createSyslog(path, at);
    const begin = performance.now();
    for (let line = 0; line < 2000; line += 1) syslog.send('daemon', 'info', 'heartbeat', 'x'.repeat(500));
    assert.ok(syslog.dropped() > 0);
    assert.ok(performance.now() - begin < 2000);
    syslog.close();
  });

  it('keeps a line one line, and of bounded length', (test) => {
    assert.equal(syslogLine('kern', 'EMERG', 'a', 'b\r\nc\0d', at()), '<0>Nov  5 22:04:06 a: b c d');
    assert.match(syslogLine('nonsense', 'debug', 'a', 'b', at()), /^<31>/);
    const path = join(folder(test), 'log');
    const daemon = receiver(test, path);
    const syslog = createSyslog(path, at);
    syslog.send('daemon', 'info', 'a', 'x'.repeat(100_000));
    assert.equal(daemon.next()?.length, 8000);
    syslog.close();
  });

  it('refuses a path no socket can have', () => {
    const syslog = createSyslog('/x'.repeat(100));
    syslog.send('daemon', 'info', 'a', 'b');
    assert.equal(syslog.dropped(), 1);
  });
});

describe('service manager', () => {
  it('is told where it asked to be told', (test) => {
    const path = join(folder(test), 'notify');
    const manager = receiver(test, path);
    assert.equal(notifyServiceManager('READY=1', { NOTIFY_SOCKET: path }), true);
    assert.equal(manager.next(), 'READY=1');
    assert.equal(notifyServiceManager('READY=1', {}), false);
    assert.equal(notifyServiceManager('READY=1', { NOTIFY_SOCKET: '/nosuch/socket' }), false);
  });
});

describe('faults', () => {
  it('have the name of the error and its sentence', () => {
    assert.deepEqual(errnoFault('SO_BINDTODEVICE eth7', 19), { code: 'ENODEV', detail: 'SO_BINDTODEVICE eth7: No such device' });
    assert.equal(errnoFault('x', 9999).detail.startsWith('x: '), true);
  });
  it('are made of anything thrown', () => {
    assert.equal(thrownFault('x', Object.assign(new Error('no'), { code: 'EROFS' })).detail, 'x: Read-only file system');
    assert.deepEqual(thrownFault('x', 'text'), { code: 'failed', detail: 'x: text' });
    assert.equal(thrownFault('x', undefined).code, 'failed');
  });
  it('system calls are there, and answer as the kernel does', () => {
    assert.equal(libcFault(), undefined);
    assert.equal(call('close', -1), -9);
  });
});

describe('host facts', () => {
  it('come from the tables', (test) => {
    const services = join(folder(test), 'services');
    writeFileSync(
      services,
      'domain 53/tcp\ndomain\t53/udp # name\nha-cluster 694/udp\nold 7000/udp ha-other alias\nbad 99999/udp\n#x 1/udp\n',
    );
    assert.equal(servicePort('ha-cluster', 'udp', services), 694);
    assert.equal(servicePort('alias', 'udp', services), 7000);
    for (const name of ['nosuch', 'bad', 'x', '#x', 'name', '']) assert.equal(servicePort(name, 'udp', services), undefined);
    assert.equal(serviceName(53, 'udp', services), 'domain');
    assert.equal(serviceName(54, 'udp', services), undefined);
    assert.equal(servicePort('ha-cluster', 'udp', '/nosuch'), undefined);
    const hosts = join(folder(test), 'hosts');
    writeFileSync(hosts, '127.0.0.1 localhost\n::1 peer\n10.0.0.2 Peer.site peer # other\n');
    assert.equal(resolveHost('peer', hosts), '10.0.0.2');
    assert.equal(resolveHost('PEER.SITE', hosts), '10.0.0.2');
  });
  it('know accounts, programs and devices', () => {
    assert.equal(hasAccount('passwd', 'root'), true);
    assert.equal(hasAccount('group', 'root'), true);
    for (const name of ['no-such-user', '', '0', '-h', 'root\0']) assert.equal(hasAccount('passwd', name), false, name);
    assert.equal(isExecutable('/bin/sh'), true);
    for (const path of ['/etc/passwd', '/no/such/file', '/bin/sh\0']) assert.equal(isExecutable(path), false, path);
    assert.deepEqual(['/dev/null', '/etc/passwd', '/no/such/file', '\0'].map(fileKind), ['characterDevice', 'other', 'missing', 'missing']);
    assert.equal(resolveHost6('127.0.0.1'), undefined);
    assert.equal(resolveHost6('::1'), '::1');
  });
  it('name this host, or the node it was told', () => {
    assert.equal(systemHostFacts().hostName, hostname());
    assert.equal(systemHostFacts('n7').hostName, 'n7');
    assert.equal(systemHostFacts().hasInterface('lo'), true);
  });
});

describe('real time', () => {
  it('is a fault, not an end, where it cannot be had', () => {
    for (const priority of [0, 100, 1.5, Number.NaN]) assert.equal(enterRealtime(priority)?.code, 'EINVAL');
  });

  it('keeps children in the normal class', { skip: process.getuid?.() === 0 ? false : 'needs root' }, async (test) => {
    const file = join(folder(test), 'rt.mts');
    const module = new URL('../../src/os/realtime.ts', import.meta.url).href;
    writeFileSync(
      file,
      `import { spawnSync } from 'node:child_process';
       import { enterRealtime, isRealtime } from '${module}';
       const fault = enterRealtime(1);
       const child = spawnSync('cut', ['-d', ' ', '-f', '41', '/proc/self/stat'], { encoding: 'utf8' }).stdout.trim();
       console.log(JSON.stringify({ fault: fault?.code, own: isRealtime(), child }));`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += String(bytes);
    });
    await new Promise((resolve) => child.once('close', resolve));
    const said = JSON.parse(text) as { fault?: string; own: boolean; child: string };
    assert.equal(said.child, '0');
    if (said.fault === undefined) assert.equal(said.own, true);
    else test.diagnostic(`real time is not to be had here: ${said.fault}`);
  });
});
