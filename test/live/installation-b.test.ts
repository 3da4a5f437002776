import assert from 'node:assert/strict';
import { installationB } from './installations.ts';
import { type Step, walk } from './walk.ts';

const steps: readonly Step[] = [
  ['start of the primary alone', (pair) => pair.startAlone()],
  ['the other joins and nothing moves', (pair) => pair.idleJoin()],
  [
    'the page says which server answers',
    async (pair) => {
      assert.equal(await pair.client.must('curl -s -m 2 http://192.168.171.100/'), 'masternginx serves this page\n');
    },
  ],
  [
    'the label of the line is there',
    async (pair) => {
      assert.match(await pair.first.must('ip -4 -o addr show dev eth0'), /inet 192\.168\.171\.100\/24 .* eth0:0\b/);
    },
  ],
  ['stop of the primary', (pair) => pair.gracefulStop()],
  ['start of the primary', (pair) => pair.comeBack()],
  ['hb_standby', (pair) => pair.standby()],
  ['hb_takeover', (pair) => pair.takeover()],
  ['power-off of the primary', (pair) => pair.powerOff()],
  ['its return', (pair) => pair.comeBack()],
  [
    'eth1 set down by hand on the primary: both serve; set up again: one owner is left',
    (pair) =>
      pair.cutAll(
        () => pair.first.must('ip link set eth1 down'),
        () => pair.first.must('ip link set eth1 up'),
      ),
  ],
  [
    'what is not there yet is named at the start',
    async (pair) => {
      const text = await pair.first.read('/var/log/ha-log');
      assert.match(text, /WARN: .*ping/);
      assert.match(text, /WARN: .*ipfail/);
    },
  ],
];

walk('installation B: masternginx and slavenginx with a heartbeat LAN of their own', 'hosts', installationB, steps);
