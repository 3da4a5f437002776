import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createClock } from '../../src/os/clock.ts';
import { pause } from './support.ts';

describe('clock', () => {
  it('reads all clocks at once', () => {
    const clock = createClock();
    const [one, two] = [clock.now(), clock.now()];
    assert.ok(two.at >= one.at);
    assert.ok(Math.abs(one.unixSeconds - Date.now() / 1000) < 2);
    assert.match(one.load, /^\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+\/\d+ \d+$/);
    assert.equal(one.load, two.load);
    assert.ok(Math.abs((one.wallMs ?? 0) - Date.now()) < 2000);
    const upMs = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000;
    assert.ok(one.bootAt !== undefined && Math.abs(one.bootAt - upMs) < 2000, `${one.bootAt} and ${upMs}`);
  });

  it('never rings early, and each alarm once', async () => {
    const clock = createClock();
    const waits = [0, 0.4, 1, 1.5, 3.3, 7.9, 20.2, 50.5];
    const rung = await Promise.all(
      waits.map(
        (wait) =>
          new Promise<{ at: number; rang: number }>((resolve) => {
            const at = clock.now().at + wait;
            let times = 0;
            clock.alarm(at, () => {
              times += 1;
              assert.equal(times, 1);
              resolve({ at, rang: clock.now().at });
            });
          }),
      ),
    );
    for (const { at, rang } of rung) assert.ok(rang >= at, `${rang} is before ${at}`);
    const late = rung.map(({ at, rang }) => rang - at).sort((a, b) => a - b);
    assert.ok((late[0] ?? 9999) < 1000, `the best of ${late.length} alarms was ${late[0]} ms late`);
  });

  it('does not ring once cancelled, and forgets an alarm at no time', async () => {
    const clock = createClock();
    const rings: string[] = [];
    clock.alarm(clock.now().at + 5, () => rings.push('soon'))();
    const now = clock.alarm(clock.now().at, () => rings.push('now'));
    now();
    now();
    clock.alarm(Number.POSITIVE_INFINITY, () => rings.push('never'))();
    clock.alarm(Number.NaN, () => rings.push('never'));
    await pause(30);
    assert.deepEqual(rings, []);
  });

  it('lets what waits on a socket be read before a late alarm rings', async () => {
    const clock = createClock();
    const order: string[] = [];
    const socket = createSocket('udp4');
    await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
    socket.on('message', () => order.push('packet'));
    await new Promise<void>((sent) => socket.send('x', socket.address().port, '127.0.0.1', () => sent()));
    await pause(20);
    order.length = 0;
    const rang = new Promise<void>((resolve) => {
      clock.alarm(clock.now().at + 10, () => {
        order.push('alarm');
        resolve();
      });
    });
    socket.send('x', socket.address().port, '127.0.0.1');
    await new Promise<void>((resolve) => process.nextTick(resolve));
    // The process is held up past the alarm, with a packet in the buffer.
    const end = performance.now() + 30;
    while (performance.now() < end);
    await rang;
    assert.deepEqual(order, ['packet', 'alarm']);
    socket.close();
  });
});
