/** The core set: mixed pairs in the scenarios that matter most, four at a time, since they wait more than they work. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cache } from '../hosts/support.ts';
import { obstacle } from '../live/walk.ts';
import { perform } from './perform.ts';
import type { References } from './reference.ts';
import { choose, scenarios } from './scenarios.ts';

const folder = join(cache, 'interop');
const references = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as References;

describe('beside the real Heartbeat 3.0.6', { concurrency: 4 }, () => {
  const why = obstacle('heartbeat3');
  for (const scenario of choose(scenarios(), { full: false, only: [] })) {
    it(scenario.name, { skip: why ?? false, timeout: 240_000 }, async (t) => {
      const result = await perform(scenario, { folder, keep: false, reference: references[scenario.subject] });
      for (const { title, gapMs, twiceMs } of result.steps) t.diagnostic(`${title}: nobody ${gapMs} ms, both ${twiceMs} ms`);
      for (const reason of result.reasons) t.diagnostic(`differs: ${reason}`);
      assert.deepEqual(result.faults, [], `logs and captures are in ${join(folder, scenario.name.replaceAll('/', '+'))}`);
    });
  }
});
