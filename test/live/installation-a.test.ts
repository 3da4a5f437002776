import assert from 'node:assert/strict';
import { serviceCalls, startHeartbeat, stopHeartbeat } from '../hosts/cluster.ts';
import { installationA } from './installations.ts';
import type { Pair } from './pair.ts';
import { type Step, walk } from './walk.ts';

/** Scripts run on a host since the last look, in order: IPaddr from the log, the services from their own record. */
async function callsOf(pair: Pair, which: 'first' | 'second'): Promise<string[]> {
  const text = await pair[which].read('/var/log/ha-log');
  const calls = [...text.matchAll(/info: Running \S*\/(\S+)\s.*?(start|stop)\s*$/gm)].map((match) => `${match[1]} ${match[2]}`);
  await pair[which].must(': >/var/log/ha-log; : >/var/log/services');
  return calls;
}

const steps: readonly Step[] = [
  ['start on hello alone: address and services come up there', (pair) => pair.startAlone()],
  [
    'in the order of the line',
    async (pair) => {
      assert.deepEqual(await serviceCalls(pair.first), ['httpd start', 'tomcat start']);
      assert.deepEqual(await callsOf(pair, 'first'), ['IPaddr start', 'httpd start', 'tomcat start']);
    },
  ],
  [
    'ifconfig shows the address with mask and broadcast, ping reaches it',
    async (pair) => {
      const shown = await pair.first.must('ifconfig -a');
      assert.match(shown, /eth0:\d+: .*\n\s+inet 192\.168\.8\.240 {2}netmask 255\.255\.224\.0 {2}broadcast 192\.168\.31\.255/);
      await pair.client.must('ping -c 2 -i 0.1 -W 1 192.168.8.240');
    },
  ],
  ['start on web: nothing moves', (pair) => pair.idleJoin()],
  [
    'web has not started anything',
    async (pair) => {
      assert.deepEqual(
        (await serviceCalls(pair.second)).filter((call) => call.endsWith('start')),
        [],
      );
    },
  ],
  [
    'stop on hello: web takes over',
    async (pair) => {
      await callsOf(pair, 'second');
      await pair.gracefulStop();
      assert.deepEqual(await callsOf(pair, 'first'), ['tomcat stop', 'httpd stop', 'IPaddr stop']);
      assert.deepEqual(await callsOf(pair, 'second'), ['IPaddr start', 'httpd start', 'tomcat start']);
    },
  ],
  ['start on hello again: the address returns', (pair) => pair.comeBack()],
  ['hb_standby', (pair) => pair.standby()],
  ['hb_takeover', (pair) => pair.takeover()],
  [
    'a reboot (stop, then power-off) moves it at once',
    async (pair) => {
      await pair.move('stop and reboot of hello', pair.second, async () => {
        await stopHeartbeat(pair.first);
        await pair.first.powerOff();
        await pair.first.boot();
      });
    },
  ],
  ['and hello gets it back', (pair) => pair.comeBack()],
  ['a power-off moves it after deadtime', (pair) => pair.powerOff()],
  ['and hello gets it back', (pair) => pair.comeBack()],
  ['the idle node stops and comes back', (pair) => pair.stopOfIdle()],
  [
    'the network of hello pulled: web takes over; plugged again: one owner is left',
    (pair) =>
      pair.cutAll(
        () => pair.first.pull('eth0'),
        () => pair.first.plug('eth0'),
      ),
  ],
  [
    'both stop',
    async (pair) => {
      await pair.window('stop of both', 'none', async () => {
        await Promise.all([stopHeartbeat(pair.first), stopHeartbeat(pair.second)]);
        await pair.watch.until([], 8000);
      });
      await pair.window('nobody runs', 'none', () =>
        startHeartbeat(pair.second)
          .then(() => pair.watch.until(['web'], 15_000))
          .then(() => undefined),
      );
    },
  ],
];

walk('installation A: hello and web on one LAN', 'hosts', () => installationA(), steps);
