import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ResourceGroup } from '../../src/contracts/config.ts';
import type { HeldResources } from '../../src/contracts/engine.ts';
import type { ScriptJob, ScriptRunner } from '../../src/contracts/host.ts';
import { createJournal } from '../../src/os/journal-file.ts';
import { parseJournal, readJournal } from '../../src/os/journal-reader.ts';
import { afterLeftOvers, leftOverScripts } from '../../src/os/left-over-scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'hb-journal-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'journal');

const group: ResourceGroup = {
  key: 'IPaddr::10.0.0.1',
  id: 'n1 IPaddr::10.0.0.1',
  home: 'n1',
  resources: [
    { word: 'IPaddr::10.0.0.1', script: 'IPaddr', args: ['10.0.0.1'] },
    { word: "web::it's::\u00c3\u00a4", script: 'web', args: ["it's", '\u00c3\u00a4'] },
    { word: 'gone', script: 'gone', args: [] },
  ],
};
const held: HeldResources = { set: 'local', running: [group], words: [group.resources.map(({ word }) => word)] };

function journal(environment: Record<string, string> = {}) {
  const faults: string[] = [];
  const made = createJournal({
    file,
    bootId: 'boot-1',
    find: (script) => (script === 'gone' ? undefined : `/r/${script}`),
    environment: () => ({ ...environment }),
    failed: ({ detail }) => faults.push(detail),
  });
  return { made, faults, keep: (what: HeldResources) => new Promise<void>((resolve) => made.keep(what, resolve)) };
}

describe('journal', () => {
  it('has one line per resource with the command that stops it, and comes back as it was', async () => {
    const { keep, faults } = journal();
    await keep(held);
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.deepEqual(
      lines.slice(4).map((line) => line.split('\t').slice(0, 2).join(' ')),
      ['address /r/IPaddr 10.0.0.1 stop', "resource /r/web 'it'\\''s' '\u00e4' stop", 'lost gone stop', ''],
    );
    const found = readJournal(file, 'boot-1');
    assert.ok(typeof found === 'object' && 'held' in found);
    assert.deepEqual(found.held, held);
    assert.equal(found.stop, false);
    assert.deepEqual(faults, []);
  });

  it('keeps to the newest, tells each when it is written, and goes at a clean end', async () => {
    const { made, keep } = journal();
    const some = { ...held, words: [['gone']] };
    await Promise.all([keep(held), keep({ ...held, set: 'all' }), keep(some)]);
    const found = readJournal(file, 'boot-1');
    assert.ok(typeof found === 'object' && 'held' in found);
    assert.deepEqual(found.held, some);
    made.stopAsked();
    await keep(some);
    assert.match(readFileSync(file, 'utf8'), /^stop$/m);
    await made.remove();
    assert.equal(readJournal(file, 'boot-1'), 'none');
  });

  it('gives a shell the very environment, odd values included', async () => {
    const { keep } = journal({ HA_A: "a\t'b'\t $x `y`", HA_B: 'two\nlines', HA_LOGFD: '3', 'not-a-name': '1' });
    await keep(held);
    const line = readFileSync(file, 'utf8').split('\n')[1] ?? '';
    const script = `tab=$(printf '\\t'); IFS=$tab read -r kind command <<'END'\n${line}\nEND\neval "$command"; printf %s "$HA_A/\${HA_B-none}/\${HA_LOGFD-none}"`;
    assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH } }), "a\t'b'\t $x `y`/none/none");
  });

  it('says so when it cannot be written, and holds nobody up', async () => {
    const faults: string[] = [];
    const lost = createJournal({
      file: join(folder, 'no/such/folder'),
      bootId: 'b',
      find: () => undefined,
      environment: () => ({}),
      failed: ({ detail }) => faults.push(detail),
    });
    await new Promise<void>((resolve) => lost.keep(held, resolve));
    assert.equal(faults.length, 1);
  });

  it('is void when it is of another boot, cut off, or nobody can read it', async () => {
    await journal().keep(held);
    const text = readFileSync(file, 'utf8');
    const voids = [
      text.replace('boot-1', 'boot-0'),
      text.slice(0, -1),
      `x${text}`,
      '',
      text.replace('"home":"n1"', '"home":1'),
      text.replace('"args":["10.0.0.1"]', '"args":"x"'),
    ];
    for (const bad of voids) assert.ok('void' in Object(parseJournal(bad, 'boot-1')), bad);
    writeFileSync(file, text.replace('{"key"', '{{'));
    assert.ok('void' in Object(readJournal(file, 'boot-1')));
  });

  it('is void when it is not ours, or a link to something', { skip: process.geteuid?.() !== 0 }, async () => {
    await journal().keep(held);
    chownSync(file, 65534, 65534);
    assert.deepEqual(readJournal(file, 'boot-1'), { void: 'it is not ours' });
    const link = join(folder, 'link');
    symlinkSync('/etc/passwd', link);
    assert.ok('void' in Object(readJournal(link, 'boot-1')));
  });
});

describe('scripts of a dead life', () => {
  it('are waited for; what they leave behind is not', async () => {
    const path = join(folder, 'slowly');
    writeFileSync(path, '#!/bin/sh\nsleep 5 &\nread -r line\n');
    chmodSync(path, 0o755);
    const child = spawn(path, ['a b', 'start'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise((resolve) => child.once('spawn', resolve));
    const left = await soon(() => leftOverScripts([['slowly', 'a b'], ['other']]));
    assert.deepEqual(
      left.map(({ pid }) => pid),
      [child.pid],
    );
    assert.deepEqual(leftOverScripts([['slowly', 'a']]), []);
    const ran: string[] = [];
    const job: ScriptJob = { id: 1, script: 'x', args: [], action: 'status', env: {} };
    const done = new Promise<void>((resolve) => {
      const start: ScriptRunner['start'] = ({ script }, ended) => {
        ran.push(script);
        ended({ kind: 'notFound' });
      };
      const runner = afterLeftOvers({ start }, left, 5);
      runner.start(job, () => resolve());
    });
    assert.deepEqual(ran, []);
    child.stdin?.end('\n');
    await done;
    assert.deepEqual(ran, ['x']);
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
});

/** The new process has its words a moment after its number. */
async function soon<Value>(look: () => readonly Value[]): Promise<readonly Value[]> {
  for (let at = 0; at < 200; at += 1) {
    const found = look();
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return [];
}
