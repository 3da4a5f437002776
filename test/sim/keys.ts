import { textToBytes } from '../../src/base/bytes.ts';
import type { AuthConfig, AuthKey } from '../../src/contracts/config.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { sealFrame } from '../../src/protocol/envelope.ts';
import { stampMessage } from '../../src/protocol/header.ts';
import { Message } from '../../src/protocol/message.ts';
import { NODES, type SimCluster } from './cluster.ts';
import type { Faults } from './faults/fault.ts';
import { fieldOf } from './network.ts';

export const KEYS = {
  crc: { index: 0, method: 'crc', key: textToBytes('') },
  first: { index: 1, method: 'sha1', key: textToBytes('secret') },
  second: { index: 2, method: 'sha1', key: textToBytes('another secret') },
  md5: { index: 3, method: 'md5', key: textToBytes('a third secret') },
} as const satisfies Record<string, AuthKey>;

export function authkeys(signing: AuthKey, ...more: readonly AuthKey[]): AuthConfig {
  return { signing: signing.index, keys: [...new Set([signing, ...more])] };
}

/** Without the one that anybody can use. */
const ALL = [KEYS.first, KEYS.second, KEYS.md5];

/** Names of the verdicts that refuse a packet for the sake of its key. */
export const KEY_REFUSALS = ['authMismatch', 'authUnknownKey', 'authMalformed', 'weakKeyRefused'] as const;

export function refusals(cluster: SimCluster, name: string): number {
  const legacy = cluster.legacy(name);
  if (legacy !== undefined) return legacy.refused;
  const counters = cluster.status(name)?.counters ?? {};
  return KEY_REFUSALS.reduce((sum, code) => sum + (counters[code] ?? 0), 0);
}

/** Writes packets in the name of a node, with whatever key he knows, into the wire of the other. */
export class Forger {
  readonly #cluster: SimCluster;
  readonly #auth: AuthConfig;
  /** The newest numbers of each node, as anybody on the wire can read them. */
  readonly #heard = new Map<string, { generation: number; sequence: number; uuid: string }>();

  constructor(cluster: SimCluster, key: AuthKey) {
    this.#cluster = cluster;
    this.#auth = authkeys(key);
    cluster.network.watchers.push((from, packet) => {
      const generation = Number.parseInt(fieldOf(packet, 'hg') ?? '0', 16);
      const sequence = Number.parseInt(fieldOf(packet, 'seq') ?? '0', 16);
      if (sequence > 0) this.#heard.set(from, { generation, sequence, uuid: `uuid-of-${from}-....`.slice(0, 16).padEnd(16, '.') });
    });
  }

  /** As `name` says it next, or in a life of its own that many generations later. */
  say(name: string, type: string, fields: readonly (readonly [string, string])[], { lives = 0, ahead = 1 } = {}): void {
    const known = this.#heard.get(name) ?? { generation: 500, sequence: 0, uuid: ''.padEnd(16, '.') };
    const message = stampMessage(Message.of(['t', type], ...fields), {
      origin: name,
      originUuid: known.uuid,
      generation: known.generation + lives,
      unixSeconds: 1_700_000_000,
      ttl: 3,
      ...(type.startsWith('NS_') ? {} : { sequence: known.sequence + ahead, load: '0' }),
    });
    const bytes = sealFrame(message, this.#auth, authCatalog, 'classic');
    for (const link of this.#cluster.links) this.#cluster.network.injectOn(link, bytes);
  }
}

/** Rotation, one node at a time, at any moment, and packets under a key that nobody has. */
export const KEY_FAULTS: Faults = {
  keysAdded: (cluster) => {
    if (NODES.every((name) => (cluster.authkeys.get(name)?.keys.length ?? 0) >= ALL.length)) return false;
    for (const name of NODES) cluster.writeKeys(name, authkeys(KEYS.first, ...ALL));
    return true;
  },
  keysRotate: (cluster, node) => {
    // Both know all keys, or nobody may sign with another.
    if (NODES.some((name) => (cluster.authkeys.get(name)?.keys.length ?? 0) < ALL.length)) return false;
    // A 3.0.6 node that goes back to a weaker key has to be the last (it can announce nothing).
    const choice = cluster.legacyNodes.size > 0 ? [KEYS.first, KEYS.second] : [KEYS.first, KEYS.second, KEYS.md5];
    const next = choice[cluster.random.below(choice.length)] ?? KEYS.first;
    cluster.writeKeys(node, authkeys(next, ...ALL));
    return true;
  },
  forgedKey: (cluster, node) => {
    const stranger: AuthKey = { index: 1, method: 'sha1', key: textToBytes('a wrong guess') };
    cluster.forger ??= new Forger(cluster, cluster.random.below(2) === 0 ? stranger : KEYS.crc);
    const { forger } = cluster;
    cluster.log(node, '--- packets in its name under another key');
    forger.say(node, 'shutdone', [['st', 'dead']]);
    forger.say(
      node,
      'status',
      [
        ['st', 'active'],
        ['dt', '1'],
      ],
      { ahead: 2 },
    );
    forger.say(
      node,
      'status',
      [
        ['st', 'init'],
        ['dt', '1388'],
      ],
      { lives: 1000, ahead: 3 },
    );
    forger.say(
      node,
      'ask_resources',
      [
        ['rsc_hold', 'all'],
        ['info', 'done'],
      ],
      { ahead: 4 },
    );
    return true;
  },
};
