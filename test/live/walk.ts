/** Runs the steps of an installation as tests, one after the other; after a failed step the others are skipped. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cache, support } from '../hosts/support.ts';
import { Pair, type PairSpec } from './pair.ts';

export type Step = readonly [name: string, act: (pair: Pair) => Promise<unknown>];

/** What a live test needs: test hosts in either way, or the real Heartbeat 3.0.6 on one. */
export type Need = 'hosts' | 'heartbeat3';

/** Why live tests that need this cannot run here, or undefined. */
export function obstacle(need: Need): string | undefined {
  const { way, reason } = support();
  if (way === undefined) return reason;
  if (need === 'hosts') return undefined;
  if (way === 'user') return 'needs real root: Heartbeat 3.0.6 has a user of its own, and there are none inside a user namespace';
  const places = ['usr/libexec/heartbeat/heartbeat', 'usr/lib/heartbeat/heartbeat'];
  if (places.some((place) => existsSync(join(cache, 'heartbeat3', place)))) return undefined;
  return 'Heartbeat 3.0.6 is not among the packages of this system';
}

export function walk(name: string, need: Need, spec: () => PairSpec, steps: readonly Step[]): void {
  describe(name, () => {
    const why = obstacle(need);
    let pair: Pair | undefined;
    let failed: string | undefined;
    before(async () => {
      if (why === undefined) pair = await Pair.open(spec());
    });
    for (const [title, act] of steps) {
      it(title, { skip: why ?? false, timeout: 120_000 }, async (t) => {
        if (failed !== undefined) return t.skip(`after the failure of "${failed}"`);
        assert.ok(pair);
        try {
          await act(pair);
        } catch (fault) {
          failed = title;
          t.diagnostic(await pair.logs().catch(String));
          throw fault;
        }
      });
    }
    it('one holder at every sample, none only inside the listed events', { skip: why ?? false }, async (t) => {
      if (pair === undefined) return;
      await pair.close((line) => t.diagnostic(line));
    });
    after(async () => {
      await pair?.lab.close();
    });
  });
}
