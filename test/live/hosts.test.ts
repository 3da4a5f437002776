/** What every other live test rests on: a test host is a machine of its own and reaches nothing outside. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Host } from '../hosts/host.ts';
import { Lab } from '../hosts/lab.ts';
import { monotonicMs, onLines, until } from '../hosts/run.ts';
import { checkout } from '../hosts/support.ts';
import { Watch } from '../hosts/watch.ts';
import { obstacle } from './walk.ts';

describe('test hosts', { skip: obstacle('hosts') ?? false }, () => {
  let lab: Lab;
  let one: Host;
  let two: Host;
  before(async () => {
    const started = monotonicMs();
    lab = await Lab.open({ lans: ['public', 'heart'] });
    const make = (name: string, number: number): Promise<Host> =>
      lab.host({
        name,
        kind: 'plain',
        nics: { eth0: { lan: 'public', address: `192.0.2.${number}/24` }, eth1: { lan: 'heart', address: `198.51.100.${number}/24` } },
      });
    [one, two] = await Promise.all([make('one', 1), make('two', 2)]);
    assert.ok(monotonicMs() - started < 5000, 'a pair of hosts takes too long to come up');
  });
  after(() => lab.close());

  it('have names, processes, interfaces and files of their own', async () => {
    assert.equal(await one.must('hostname'), 'one\n');
    assert.match(await one.must('ps ax -o pid,args'), /^\s*1 /m);
    assert.ok((await one.must('ps ax')).split('\n').length < 12, 'processes of the machine are visible');
    await one.must('echo mine >/etc/ha.d/ha.cf; echo mine >/var/lib/heartbeat/x; echo mine >/run/x; echo mine >/usr/sbin/x');
    assert.equal(await two.read('/etc/ha.d/ha.cf'), '');
    for (const name of ['/etc/ha.d/ha.cf', '/var/lib/heartbeat/x', '/run/x', '/usr/sbin/x'])
      assert.ok(!existsSync(name), `${name} came into being on the machine`);
    assert.match(await one.must('touch /opt/heartbeatd/x 2>&1; true'), /Read-only/);
  });

  it('leave no device in the network of the machine', () => {
    const devices = readdirSync('/sys/class/net');
    for (const name of ['public', 'heart', one.port('eth0'), two.port('eth1')])
      assert.ok(!devices.includes(name), `${name} is a device of the machine`);
  });

  it('lack the capabilities that reach the machine, and only write a reboot down', async () => {
    const bounding = /CapBnd:\s+([0-9a-f]+)/.exec(await one.must(['cat', '/proc/self/status']))?.[1] ?? '';
    const bits = BigInt(`0x${bounding}`);
    for (const [name, bit] of Object.entries({ sys_module: 16n, sys_rawio: 17n, sys_boot: 22n, sys_time: 25n })) {
      assert.equal(bits & (1n << bit), 0n, `${name} is still there`);
    }
    await one.must('/sbin/reboot -nf; halt; init 6');
    assert.match(await one.read('/var/log/reboot-calls'), /\/sbin\/reboot -nf\n.* \S*halt \n.* \S*init 6\n$/);
    await one.must('! [ -e /dev/watchdog ] && { ! [ -e /proc/sysrq-trigger ] || [ "$(wc -c </proc/sysrq-trigger)" = 0 ]; }');
    assert.notEqual((await one.exec('echo 1 >/proc/sys/kernel/panic')).status, 0);
  });

  it('reap processes whose parents are gone', async () => {
    await one.must('(sh -c "sleep 0.05 &" ) ; sleep 0.3');
    assert.doesNotMatch(await one.must('ps ax -o stat,args'), /^Z/m);
  });

  it('cables can be pulled and plugged, switch ports made deaf', async () => {
    const reaches = async (): Promise<boolean> => (await one.exec('ping -c 1 -W 0.3 198.51.100.2')).status === 0;
    assert.ok(await reaches());
    await two.pull('eth1');
    assert.equal((await two.must('cat /sys/class/net/eth1/carrier')).trim(), '0');
    assert.ok(!(await reaches()));
    await two.plug('eth1');
    assert.ok(await until('the cable works again', 5000, async () => ((await reaches()) ? true : undefined)));
    await two.deafen('eth1');
    assert.equal((await two.must('cat /sys/class/net/eth1/carrier')).trim(), '1');
    assert.ok(!(await reaches()));
    await two.undeafen('eth1');
    assert.ok(await until('the port works again', 5000, async () => ((await reaches()) ? true : undefined)));
  });

  it('the watch sees who holds an address, and what nobody allowed', async () => {
    const watch = new Watch('192.0.2.100', [one, two]);
    await watch.during('first', 'none', async () => {
      await one.must('ip addr add 192.0.2.100/24 dev eth0');
      await watch.until(['one'], 2000);
    });
    assert.deepEqual(watch.faults(), []);
    await two.must('ip addr add 192.0.2.100/24 dev eth0; sleep 0.1; ip addr del 192.0.2.100/24 dev eth0');
    await watch.until(['one'], 2000);
    assert.equal(watch.faults().length, 1);
    assert.match(watch.faults()[0] ?? '', /^one and two held 192\.0\.2\.100 for \d+/);
    await one.must('ip addr del 192.0.2.100/24 dev eth0');
    await watch.until([], 2000);
    assert.match(watch.faults()[1] ?? '', /^nobody held 192\.0\.2\.100/);
    const { count } = await watch.stop();
    assert.ok(count > 10);
  });

  it('a power-off ends everything at once and keeps the files', async () => {
    await one.must('echo kept >/etc/ha.d/kept; echo kept >/var/lib/heartbeat/kept; echo gone >/run/gone; (sleep 60 &)');
    const at = await one.powerOff();
    assert.ok(monotonicMs() - at < 1000);
    assert.notEqual((await two.exec('ping -c 1 -W 0.3 192.0.2.1')).status, 0);
    await one.boot();
    assert.equal(await one.read('/etc/ha.d/kept'), 'kept\n');
    assert.equal(await one.read('/var/lib/heartbeat/kept'), 'kept\n');
    assert.equal(await one.read('/run/gone'), '');
    assert.doesNotMatch(await one.must('ps ax'), /sleep 60/);
    await two.must('ping -c 1 -W 1 192.0.2.1');
  });

  it('all end when the process that made them is killed', async () => {
    const script = `import { Lab } from ${JSON.stringify(join(checkout, 'test/hosts/lab.ts'))};
      const lab = await Lab.open({ lans: ['public'] });
      const host = await lab.host({ name: 'orphan', kind: 'plain', nics: { eth0: { lan: 'public', address: '192.0.2.3/24' } } });
      console.log(host.pid); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve) => onLines(child, (line) => resolve(Number(line))));
    assert.ok(existsSync(`/proc/${pid}`));
    child.kill('SIGKILL');
    await until('the orphaned host is gone', 5000, () => (existsSync(`/proc/${pid}`) ? undefined : true));
  });
});
