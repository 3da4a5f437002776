/** Well signed nonsense from a node that knows the key: never an exception, never a flood, and afterwards all is well. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { Played, pair, repnodes } from './support.ts';

// biome-ignore format: one list
const TYPES = [
  'status', 'starting', 'resource', 'ask_resources', 'hb_takeover', 'shutdone', 'stonith', 'reqnodes', 'repnodes', 'ip-request',
  'ip-request-resp', 'addnode', 'NS_ackmsg', 'NS_rexmit', 'NS_nak_rexmit', 'NS_st', 'NS_other', 'other', '', 'constructor', '__proto__',
] as const;
// biome-ignore format: one list
const FIELDS = ['st', 'dt', 'rsc_hold', 'rtype', 'isstable', 'info', 'dest', 'ackseq', 'firstseq', 'lastseq', 'nodelist', 'node', 'ipaddr', 'ok', 'hbd_v', 'hbd_hold', 'hbd_before', 'hbd_re', 'hbd_ask', 't', 'src', 'HA_x'];
// biome-ignore format: one list
const VALUES = ['', '0', '1', '-1', 'none', 'local', 'foreign', 'all', 'full', 'me', 'other', 'done', 'n1', 'n2', 'n9', 'dead', 'active', 'ffffffffffffff', '99999999999999999999', 'zz', '\0\n%%%', '\u00ff\u0001', 'x'.repeat(3000), '__proto__'];

for (const failback of ['on', 'off', 'legacy'] as const) {
  test(`auto_failback ${failback}: 15 floods of 300 signed packets each`, () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const random = seededRandom(seed);
      const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
      const { rig, peer } = pair({ autoFailback: failback });
      const stranger = new Played('n9');
      for (let packet = 0; packet < 300 && rig.exitStatus === undefined; packet += 1) {
        const fields = Array.from({ length: random.below(5) }, () => [pick(FIELDS), pick(VALUES)] as const).filter(
          ([name]) => name !== 't',
        );
        const speaker = random.below(10) === 0 ? stranger : peer;
        if (random.below(30) === 0) speaker.generation += 1;
        if (random.below(30) === 0) speaker.seq += random.below(400);
        const stamp = random.below(8) === 0 ? { sequence: 1 + random.below(600) } : {};
        const effects = rig.hear(speaker.frame(pick(TYPES), fields, stamp));
        assert.ok(effects.length < 150, `seed ${seed}: ${effects.length} effects of one packet`);
        if (random.below(4) === 0) rig.wait(pick([1, 50, 300, 2000]));
      }
      const { status } = rig;
      assert.deepEqual(
        status.nodes.slice(0, 2).map(({ name }) => name),
        ['n1', 'n2'],
      );
      assert.ok(status.nodes.length <= 100, 'a flood of addnode ends at a bound');
      assert.ok(Object.keys(status.counters).length < 30);

      // A new life of the peer, which behaves, and silence after it: we end up with everything, and can stop.
      peer.generation += 10;
      peer.seq = 0;
      rig.hear(peer.status('up'));
      rig.hear(repnodes(peer));
      rig.hear(peer.status('active'));
      rig.hear(peer.frame('starting'));
      rig.wait(60_000);
      assert.deepEqual([...rig.running].length, 2, `seed ${seed}: the survivor holds both groups`);
      rig.give({ kind: 'stopAsked' });
      rig.wait(10_000);
      assert.equal(rig.exitStatus, 0, `seed ${seed}: and it can stop`);
    }
  });
}
