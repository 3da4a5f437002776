/** Both nodes start at the same moment, one of them the real Heartbeat 3.0.6: our early `isstable=1` ends its 10 s exchange at once. */
import assert from 'node:assert/strict';
import { mixedPair } from './mixed.ts';
import { type Step, walk } from './walk.ts';

const steps: readonly Step[] = [
  ['both start at once', (pair) => pair.startBoth()],
  [
    'the power of the second fails: the primary keeps all',
    async (pair) => {
      await pair.second.powerOff();
      await pair.settled('all', '');
      await pair.second.boot();
    },
  ],
  ['the second comes back and nothing moves', (pair) => pair.idleJoin()],
  ['3.0.6 has logged no error', async (pair) => assert.deepEqual(await pair.complaints(), [])],
];

walk('heartbeatd and Heartbeat 3.0.6 start together', 'heartbeat3', () => mixedPair(['heartbeatd', 'heartbeat3']), steps);
walk('Heartbeat 3.0.6 and heartbeatd start together', 'heartbeat3', () => mixedPair(['heartbeat3', 'heartbeatd']), steps);
