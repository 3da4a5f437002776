/** Runs the steps of an installation as tests, one after the other; after a failed step the others are skipped. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { support, type Way } from '../hosts/support.ts';
import { Pair, type PairSpec } from './pair.ts';

export type Step = readonly [name: string, act: (pair: Pair) => Promise<unknown>];

/** Why live tests of this kind cannot run here, or undefined. */
export function obstacle(needs: Way): string | undefined {
  const { way, reason } = support();
  if (way === undefined) return reason;
  if (needs === 'root' && way === 'user') return 'needs real root: other users do not exist inside a user namespace';
  return undefined;
}

export function walk(name: string, needs: Way, spec: () => PairSpec, steps: readonly Step[]): void {
  describe(name, () => {
    const why = obstacle(needs);
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
