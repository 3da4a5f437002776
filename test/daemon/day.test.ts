import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusSnapshot } from '../../src/contracts/status.ts';
import { tellDay } from '../../src/daemon/day.ts';
import type { Log } from '../../src/daemon/log.ts';

test('the first lines of a day say who holds what and what has no effect', () => {
  const lines: string[] = [];
  const log = { line: (level: string, text: string) => lines.push(`${level}: ${text}`) } as unknown as Log;
  const node = { type: 'normal', weight: 100, site: '', links: [], generation: 1, deadtimeMs: 1000, heartbeatd: true } as const;
  const group = { home: 'n1', resources: [], ours: true } as const;
  const status: StatusSnapshot = {
    node: 'n1',
    version: '',
    generation: 1,
    state: 'active',
    rscstatus: 'local',
    nodes: [
      { ...node, name: 'n1', status: 'active' },
      { ...node, name: 'n2', status: 'dead' },
    ],
    groups: [
      { ...group, key: '10.0.0.1', state: 'running' },
      { ...group, key: 'other', state: 'failed' },
    ],
    parameters: {},
    counters: {},
    keys: { auth: { index: 1, method: 'sha1' }, signing: { index: 1, method: 'sha1' } },
    warnings: ['watchdog: it is not fed'],
  };
  tellDay(log, status);
  assert.deepEqual(lines, [
    'info: a new day: holding local (10.0.0.1); nodes: n1 active, n2 dead',
    'WARN: NOT IN EFFECT: watchdog: it is not fed',
  ]);
});
