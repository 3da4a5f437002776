import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ScriptJob } from '../../src/contracts/host.ts';
import { inSystemText, systemText } from '../../src/os/text.ts';

const asRead = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

it('what was UTF-8 in a file reaches the system as the same bytes', () => {
  for (const text of ['plain', '/mnt/müller', 'Ä ö 日本 🙂', '']) assert.equal(systemText(asRead(text)), text);
});

it('other bytes count as Latin-1, and characters stay what they are', () => {
  for (const text of ['m\u00fcller', '\u00ff', 'a 日 b', 'é']) assert.equal(systemText(text), text);
});

it('scripts get their words as the file has them', () => {
  const jobs: ScriptJob[] = [];
  const runner = inSystemText({ start: (job) => void jobs.push(job) });
  const job = {
    id: 1,
    script: asRead('dienst-ä'),
    args: [asRead('/mnt/müller'), '2'],
    action: 'start',
    env: { HA_x: asRead('ö') },
  } as const;
  runner.start(job, () => undefined);
  assert.deepEqual(jobs, [{ ...job, script: 'dienst-ä', args: ['/mnt/müller', '2'], env: { HA_x: 'ö' } }]);
});
