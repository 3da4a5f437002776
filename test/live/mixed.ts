/** The walk of a pair in which one node (or both) is the real Heartbeat 3.0.6. */
import assert from 'node:assert/strict';
import type { HostKind } from '../hosts/host.ts';
import type { NodeSpec, PairSpec } from './pair.ts';
import type { Step } from './walk.ts';

export function mixedPair(kinds: readonly [HostKind, HostKind]): PairSpec {
  const node = (name: string, number: number, kind: HostKind): NodeSpec => ({
    name,
    kind,
    nics: { eth0: { lan: 'public', address: `10.78.0.${number}/24` }, eth1: { lan: 'heart', address: `10.77.1.${number}/24` } },
    files: {
      hacf: [
        'debugfile /var/log/ha-debug',
        'logfile /var/log/ha-log',
        'keepalive 1',
        'warntime 3',
        'deadtime 5',
        'initdead 10',
        'udpport 694',
        'bcast eth1',
        'auto_failback on',
        'node n1',
        'node n2',
        '',
      ].join('\n'),
      haresources: 'n1 IPaddr::10.78.0.100/24/eth0:0 nginx\n',
      authkeys: 'auth 1\n1 sha1 a shared secret\n',
    },
  });
  return {
    lans: ['public', 'heart'],
    nodes: [node('n1', 1, kinds[0]), node('n2', 2, kinds[1])],
    client: { lan: 'public', address: '10.78.0.9/24' },
    vip: '10.78.0.100',
    deadtimeMs: 5000,
    initdeadMs: 10_000,
    patienceMs: 20_000,
  };
}

export const mixedSteps: readonly Step[] = [
  ['start of the primary alone', (pair) => pair.startAlone()],
  ['the other joins and nothing moves', (pair) => pair.idleJoin()],
  ['hb_standby', (pair) => pair.standby()],
  ['hb_takeover', (pair) => pair.takeover()],
  ['graceful stop of the primary', (pair) => pair.gracefulStop()],
  ['its return', (pair) => pair.comeBack()],
  ['power-off of the primary', (pair) => pair.powerOff()],
  ['its return after the power-off', (pair) => pair.comeBack()],
  ['the idle node stops and comes back', (pair) => pair.stopOfIdle()],
  ['3.0.6 has logged no error', async (pair) => assert.deepEqual(await pair.complaints(), [])],
];
