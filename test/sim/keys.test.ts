/** Keys change one node after the other: no packet is refused, nothing moves; and who knows a left-over key alone is nobody. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthKey } from '../../src/contracts/config.ts';
import { campaign } from './campaign.ts';
import { settled, watch, watchClosely } from './checkers.ts';
import { NODES, SimCluster, type SimSetup } from './cluster.ts';
import { authkeys, Forger, KEY_FAULTS, KEYS, refusals } from './keys.ts';
import { CALM } from './network.ts';

const KEEPALIVE_MS = 1000;
/** Of a 3.0.6 node, which hears every half second and speaks every second, and of one beat lost while its processes reread. */
const LEGACY_REFUSED_MAX = 8;

function running(setup: Partial<SimSetup>, auth: Readonly<Record<string, ReturnType<typeof authkeys>>>): SimCluster {
  const at = new SimCluster({ seed: 7, ...setup });
  watch(at);
  watchClosely(at);
  for (const name of NODES) {
    const own = auth[name];
    if (own !== undefined) at.writeKeys(name, own, false);
    at.start(name);
  }
  at.run(30_000);
  settled(at);
  assert.deepEqual(at.violations, [], at.trace.join('\n'));
  return at;
}

/** What `act` must not bring: a script, a death, a late word; and no packet that one of ours refuses. */
function unnoticed(at: SimCluster, act: () => void, { refused = 0 } = {}): void {
  const scripts = at.scriptsRun;
  const before = NODES.map((name) => refusals(at, name));
  const from = at.trace.length;
  act();
  settled(at);
  const told = at.trace.slice(from).join('\n');
  assert.deepEqual(at.violations, [], told);
  assert.equal(at.scriptsRun, scripts, told);
  assert.doesNotMatch(told, /is dead|Late heartbeat|returning after partition|Both machines own/);
  for (const [index, name] of NODES.entries()) {
    const more = refusals(at, name) - (before[index] ?? 0);
    const limit = at.legacy(name) === undefined ? refused : LEGACY_REFUSED_MAX;
    assert.ok(more <= limit, `${name} refuses ${more}\n${told}`);
  }
}

function signing(at: SimCluster, name: string): number | undefined {
  return at.status(name)?.keys.signing.index;
}

const both = (key: AuthKey, ...listed: AuthKey[]) => ({ n1: authkeys(key, ...listed), n2: authkeys(key, ...listed) });

const CHANGES = [
  ['one secret for another', KEYS.first, KEYS.second],
  ['crc for sha1', KEYS.crc, KEYS.first],
  ['md5 for sha1', KEYS.md5, KEYS.first],
  ['sha1 for crc, a rollback', KEYS.first, KEYS.crc],
  ['sha1 for md5', KEYS.second, KEYS.md5],
] as const;

describe('rotation, one node at a time', () => {
  for (const [what, old, next] of CHANGES) {
    for (const order of [NODES, ['n2', 'n1']] as const) {
      for (const legacy of [[], ['n2']]) {
        // A 3.0.6 node cannot say beforehand that it goes back to a weaker key: it goes last.
        if (legacy.length > 0 && (what.includes('rollback') || what === 'sha1 for md5') && order[0] === 'n2') continue;
        it(`${what}, ${order[0]} first${legacy.length > 0 ? ', n2 a 3.0.6 node' : ''}`, () => {
          const at = running({ legacy }, both(old, old));
          unnoticed(at, () => {
            for (const name of order) at.writeKeys(name, authkeys(old, old, next));
            at.run(5000);
            for (const name of order) {
              at.writeKeys(name, authkeys(next, old, next));
              at.run(60_000);
            }
            for (const name of order) {
              at.writeKeys(name, authkeys(next, next));
              at.run(20_000);
            }
          });
          assert.equal(signing(at, 'n1'), next.index);
        });
      }
    }
  }

  it('half way a node starts in place, or again: it finds back into the cluster within a keepalive of being heard', () => {
    for (const [old, next] of CHANGES.map(([, ...keys]) => keys)) {
      for (const [half, restarted] of [
        ['n1', 'n1'],
        ['n1', 'n2'],
      ] as const) {
        const at = running({}, both(old, old, next));
        at.writeKeys(half, authkeys(next, old, next));
        at.run(10_000);
        unnoticed(
          at,
          () => {
            at.restart(restarted);
            at.run(20_000);
          },
          // Its first words, before it has heard what the other one signs with, and one of the other's.
          { refused: 6 },
        );
        at.stop(restarted);
        at.run(15_000);
        at.start(restarted);
        at.run(30_000);
        settled(at);
        assert.deepEqual(at.violations, [], at.trace.join('\n'));
      }
    }
  });

  it('half way a heartbeatd node starts again beside a 3.0.6 node that signs weaker, or stronger', () => {
    for (const [own, theirs] of [
      [KEYS.first, KEYS.crc],
      [KEYS.crc, KEYS.first],
      [KEYS.second, KEYS.first],
    ] as const) {
      const at = running({ legacy: ['n2'] }, both(theirs, own, theirs));
      at.writeKeys('n1', authkeys(own, own, theirs));
      at.run(10_000);
      assert.equal(signing(at, 'n1'), theirs.index, 'as the 3.0.6 node does');
      at.stop('n1');
      at.run(20_000);
      at.start('n1');
      at.run(40_000);
      settled(at);
      assert.deepEqual(at.violations, [], at.trace.join('\n'));
      assert.equal(signing(at, 'n1'), theirs.index);
      // And the 3.0.6 node, too.
      at.stop('n2');
      at.run(20_000);
      at.start('n2');
      at.run(40_000);
      settled(at);
      assert.deepEqual(at.violations, [], at.trace.join('\n'));
    }
  });

  it('a rollback by stop and start: the weaker node signs as the other one does', () => {
    const at = running({}, both(KEYS.first, KEYS.crc, KEYS.first));
    at.stop('n2');
    at.run(15_000);
    at.writeKeys('n2', authkeys(KEYS.crc, KEYS.crc, KEYS.first));
    at.start('n2');
    at.run(20_000);
    settled(at);
    assert.deepEqual(at.violations, [], at.trace.join('\n'));
    assert.equal(signing(at, 'n2'), KEYS.first.index);
    assert.deepEqual(at.status('n2')?.keys.auth, { index: 0, method: 'crc' });
    unnoticed(at, () => {
      at.writeKeys('n1', authkeys(KEYS.crc, KEYS.crc, KEYS.first));
      at.run(20_000);
    });
    for (const name of NODES) assert.equal(signing(at, name), KEYS.crc.index);
  });

  it('a cut half way: after it both are what they were', () => {
    const at = running({}, both(KEYS.crc, KEYS.crc, KEYS.first));
    at.writeKeys('n1', authkeys(KEYS.first, KEYS.crc, KEYS.first));
    at.run(5000);
    for (const link of at.links) {
      at.network.cut('n1', 'n2', link);
      at.network.cut('n2', 'n1', link);
    }
    at.run(20_000);
    at.network.healAll();
    const before = NODES.map((name) => refusals(at, name));
    at.run(30_000);
    settled(at);
    assert.deepEqual(at.violations, [], at.trace.join('\n'));
    assert.deepEqual(
      NODES.map((name) => refusals(at, name)),
      before,
    );
  });
});

describe('a left-over weak key', () => {
  const orders = [
    ['status', 'active'],
    ['status', 'dead'],
  ] as const;

  /** All that a stranger would say, under crc, in both names, at this moment. */
  function attack(forger: Forger): void {
    for (const name of NODES) {
      for (const lives of [0, 1, 1_000_000]) {
        for (const ahead of [1, 2, 100_000]) {
          const say = (type: string, ...fields: (readonly [string, string])[]) => forger.say(name, type, fields, { lives, ahead });
          for (const [type, st] of orders) say(type, ['st', st], ['dt', '1'], ['hbd_v', '1'], ['hbd_auth', '0']);
          say('shutdone', ['st', 'dead']);
          say('starting', ['hbd_v', '1']);
          say('resource', ['rsc_hold', 'all'], ['rtype', 'full'], ['isstable', '1'], ['hbd_v', '1'], ['hbd_hold', 'all']);
          say('ask_resources', ['rsc_hold', 'all'], ['info', 'me']);
          say('hb_takeover', ['rsc_hold', 'all']);
          say('delnode', ['nodelist', 'n1 n2']);
          say('NS_nak_rexmit', ['dest', name], ['firstseq', '1'], ['info', 'seqno not found']);
          say('NS_rexmit', ['dest', name === 'n1' ? 'n2' : 'n1'], ['firstseq', '1'], ['lastseq', '50']);
        }
      }
    }
  }

  it('who knows it alone brings nothing about while both nodes sign with a stronger one', () => {
    for (const seed of [1, 2, 3]) {
      const at = running({ seed }, both(KEYS.first, KEYS.first, KEYS.crc));
      const forger = new Forger(at, KEYS.crc);
      const before = NODES.map((name) =>
        JSON.stringify([at.status(name)?.nodes.map(({ heardMsAgo: _, ...node }) => node), at.status(name)?.groups]),
      );
      const quiet = at.network.delivered;
      at.run(10_000);
      const usual = at.network.delivered - quiet;
      const from = at.network.delivered;
      unnoticed(
        at,
        () => {
          for (let round = 0; round < 10; round += 1) {
            attack(forger);
            at.run(KEEPALIVE_MS);
          }
        },
        { refused: Number.POSITIVE_INFINITY },
      );
      // Beats, and an acknowledgement of every tenth.
      assert.ok(
        Math.abs(at.network.delivered - from - usual) <= 8,
        `${at.network.delivered - from} packets, not ${usual}: somebody answers`,
      );
      assert.deepEqual(
        NODES.map((name) => JSON.stringify([at.status(name)?.nodes.map(({ heardMsAgo: _, ...node }) => node), at.status(name)?.groups])),
        before,
      );
      for (const name of NODES) {
        assert.ok(refusals(at, name) > 500, 'counted');
        const lines = at.trace.filter((line) => line.includes(`${name} WARN: packet in the name of`)).length;
        assert.ok(lines > 0 && lines <= 6, `${lines} lines`);
      }
    }
  });

  it('nor in the starts of the nodes, whichever is first, and while they start in place', () => {
    for (const seed of [1, 2, 3, 4]) {
      const at = running({ seed }, both(KEYS.first, KEYS.first, KEYS.crc));
      const forger = new Forger(at, KEYS.crc);
      const attacked = (ms: number) => {
        for (let passed = 0; passed < ms; passed += 100) {
          attack(forger);
          at.run(100);
        }
      };
      const name = NODES[seed % 2] ?? 'n1';
      if (seed < 3) {
        at.stop(name);
        at.run(10_000);
        at.start(name);
      } else {
        at.restart(name);
        at.run(1200);
      }
      // The true word is late: the other one is heard with its second beat only.
      const deafUntil = at.timeline.now + 900;
      at.network.interfere = (_from, to) => (to === name && at.timeline.now < deafUntil ? 'lost' : undefined);
      attacked(8000);
      at.run(20_000);
      settled(at);
      assert.deepEqual(at.violations, [], at.trace.join('\n'));
      assert.doesNotMatch(at.trace.join('\n'), /signs with key 0|stronger key/, 'it was never believed');
    }
  });

  it('is believed, with a warning, of a node that signs with it, and no longer when it signs with a stronger one', () => {
    const at = running({ legacy: ['n2'] }, both(KEYS.crc, KEYS.crc, KEYS.first));
    at.writeKeys('n1', authkeys(KEYS.first, KEYS.crc, KEYS.first));
    at.run(1_500_000);
    const warned = at.trace.filter((line) =>
      /WARN: node n2 signs with key 0 \(crc\), weaker than key 1 of our auth line/.test(line),
    ).length;
    assert.ok(warned >= 2 && warned <= 4, `${warned} warnings in 25 minutes`);
    const seen = at.status('n1')?.nodes.find(({ name }) => name === 'n2');
    assert.deepEqual([seen?.key, seen?.weakKey], [{ index: 0, method: 'crc' }, true]);
    at.writeKeys('n2', authkeys(KEYS.first, KEYS.crc, KEYS.first));
    at.run(5000);
    const after = at.status('n1')?.nodes.find(({ name }) => name === 'n2');
    assert.deepEqual([after?.key, after?.weakKey], [{ index: 1, method: 'sha1' }, undefined]);
    const forger = new Forger(at, KEYS.crc);
    at.run(1000);
    forger.say('n2', 'shutdone', [['st', 'dead']]);
    at.run(1000);
    assert.equal(refusals(at, 'n1'), 1);
    settled(at);
    assert.deepEqual(at.violations, [], at.trace.join('\n'));
  });

  it('a life that somebody claimed with it, while the node was away, ends with the first true word of the node', () => {
    const at = new SimCluster({ seed: 9 });
    watch(at);
    for (const name of NODES) at.writeKeys(name, authkeys(KEYS.first, KEYS.first, KEYS.crc), false);
    at.start('n1');
    const forger = new Forger(at, KEYS.crc);
    for (let second = 0; second < 8; second += 1) {
      at.run(1000);
      forger.say(
        'n2',
        'status',
        [
          ['st', 'active'],
          ['dt', '1388'],
        ],
        { lives: 1_000_000, ahead: second + 1 },
      );
    }
    assert.equal(at.status('n1')?.nodes.find(({ name }) => name === 'n2')?.weakKey, true);
    at.start('n2');
    at.run(40_000);
    settled(at);
    assert.deepEqual(at.violations, [], at.trace.join('\n'));
    assert.match(at.trace.join('\n'), /n1 WARN: node n2 is heard with a stronger key/);
  });
});

describe('storms with keys that change', () => {
  it('two heartbeatd nodes', () => {
    for (const seed of [11, 12, 13, 14, 15, 16]) {
      const at = campaign(seed, {}, KEY_FAULTS);
      assert.deepEqual(at.violations, [], `seed ${seed}\n${at.trace.join('\n')}`);
    }
  });

  it('beside a 3.0.6 node keys change at any moment, packets get lost, nodes start again', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const at = running({ seed, legacy: [NODES[seed % 2] ?? 'n1'] }, both(KEYS.first, KEYS.first, KEYS.second));
      for (let times = 0; times < 12; times += 1) {
        at.network.weather = { ...CALM, loss: at.random.below(60) };
        const name = NODES[at.random.below(2)] ?? 'n1';
        at.writeKeys(name, authkeys(at.random.below(2) === 0 ? KEYS.first : KEYS.second, KEYS.first, KEYS.second));
        at.run(500 + at.random.below(15_000));
        if (at.random.below(4) > 0) continue;
        at.stop(name);
        at.run(20_000);
        at.start(name);
        at.run(25_000);
      }
      at.network.weather = { ...CALM };
      at.run(40_000);
      settled(at);
      assert.deepEqual(at.violations, [], `seed ${seed}\n${at.trace.join('\n')}`);
    }
  });
});
