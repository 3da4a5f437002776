import assert from 'node:assert/strict';
import { serviceCalls } from '../hosts/cluster.ts';
import { installationC } from './installations.ts';
import type { Step } from './walk.ts';
import { walk } from './walk.ts';

const oneLine: readonly Step[] = [
  ['both start', (pair) => pair.startBoth()],
  ['hb_standby on master1: master2 takes everything at once', (pair) => pair.standby()],
  ['hb_takeover on master1: it comes back', (pair) => pair.takeover()],
  [
    'the database stopped before the web server and started after it',
    async (pair) => {
      assert.deepEqual(await serviceCalls(pair.first), ['mysqld start', 'mysqld stop', 'mysqld start']);
      const runs = [...(await pair.first.read('/var/log/ha-log')).matchAll(/info: Running \S*\/(\S+)\s.*?(start|stop)\s*$/gm)];
      assert.deepEqual(
        runs.map((match) => `${match[1]} ${match[2]}`),
        [
          'IPaddr start',
          'nginx start',
          'mysqld start',
          'mysqld stop',
          'nginx stop',
          'IPaddr stop',
          'IPaddr start',
          'nginx start',
          'mysqld start',
        ],
      );
    },
  ],
  ['stop of master1', (pair) => pair.gracefulStop()],
  ['start of master1: failback at once', (pair) => pair.comeBack()],
  ['power-off of master1', (pair) => pair.powerOff()],
  ['master1 is back', (pair) => pair.comeBack()],
  [
    'the only heartbeat cable is cut and healed: one owner is left, without a person',
    (pair) =>
      pair.cutAll(
        () => pair.first.pull('eth1'),
        () => pair.first.plug('eth1'),
      ),
  ],
];

const twoLines: readonly Step[] = [
  ['both start', (pair) => pair.startBoth()],
  ['the heartbeat cable is cut and healed: the other line carries on', (pair) => pair.cutOne('eth1')],
  [
    'hb_standby with one line cut',
    async (pair) => {
      await pair.first.pull('eth1');
      await pair.standby();
      await pair.takeover();
      await pair.first.plug('eth1');
    },
  ],
  ['power-off with two lines', (pair) => pair.powerOff()],
  ['return', (pair) => pair.comeBack()],
  [
    'both lines cut and healed: one owner is left',
    (pair) =>
      pair.cutAll(
        () => pair.first.pull('eth0', 'eth1'),
        () => pair.first.plug('eth0', 'eth1'),
      ),
  ],
];

walk('installation C: master1 and master2, one heartbeat line', 'hosts', () => installationC('one'), oneLine);
walk('installation C: master1 and master2, redundant heartbeat lines', 'hosts', () => installationC('two'), twoLines);
