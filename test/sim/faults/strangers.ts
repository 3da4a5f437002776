import { textToBytes } from '../../../src/base/bytes.ts';
import { authCatalog } from '../../../src/protocol/auth/index.ts';
import { sealFrame } from '../../../src/protocol/envelope.ts';
import { stampMessage } from '../../../src/protocol/header.ts';
import { Message } from '../../../src/protocol/message.ts';
import type { Faults } from './fault.ts';

const REPLAYS_MAX = 20;
/** What would do the most harm if it were believed. */
const FORGERIES: readonly (readonly (readonly [string, string])[])[] = [
  [
    ['t', 'shutdone'],
    ['st', 'dead'],
  ],
  [
    ['t', 'resource'],
    ['rsc_hold', 'all'],
    ['rtype', 'full'],
    ['isstable', '1'],
  ],
  [
    ['t', 'ask_resources'],
    ['rsc_hold', 'all'],
    ['info', 'me'],
  ],
  [
    ['t', 'status'],
    ['st', 'active'],
    ['dt', '1'],
    ['protocol', '1'],
  ],
];

/** Somebody on the wire who does not have the key. */
export const STRANGER_FAULTS: Faults = {
  /** What he has heard, he says again later. */
  replay: (cluster, node) => {
    const count = 1 + cluster.random.below(REPLAYS_MAX);
    let sent = 0;
    for (let at = 0; at < count; at += 1) {
      const from = cluster.random.below(4) === 0 ? node : node === 'n1' ? 'n2' : 'n1';
      const bytes = cluster.network.kept(from);
      if (bytes !== undefined && cluster.network.inject(node, from, bytes, true)) sent += 1;
    }
    if (sent > 0) cluster.log(node, `--- ${sent} old packets come again`);
    return sent > 0;
  },
  /** What he makes up, he signs with a key of his own. */
  wrongKey: (cluster, node, other) => {
    const words = FORGERIES[cluster.random.below(FORGERIES.length)] ?? [];
    const message = stampMessage(Message.of(...words), {
      origin: other,
      originUuid: `uuid-of-${other}-....`.slice(0, 16).padEnd(16, '.'),
      generation: cluster.generation(other) + cluster.random.below(2),
      unixSeconds: 1_700_000_000 + Math.floor(cluster.timeline.now / 1000),
      ttl: 3,
      sequence: 1 + cluster.random.below(500),
      load: '0',
    });
    const index = 1 + cluster.random.below(2);
    const auth = { signing: index, keys: [{ index, method: 'sha1', key: textToBytes('guessed') }] };
    if (!cluster.network.inject(node, other, sealFrame(message, auth, authCatalog, 'classic'))) return false;
    cluster.log(node, `--- somebody says ${words.map((pair) => pair.join('=')).join(' ')} as ${other}, with key ${index}`);
    return true;
  },
};
