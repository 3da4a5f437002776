/** What -D, -DW and -v print. test/live/heartbeat-tables.test.ts holds them against the real 3.0.6. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DIRECTIVE_WORDS } from '../../src/config/directive-words.ts';
import { describeDirectives } from '../../src/config/directives.ts';
import { directivePage } from '../../src/config/reference-page.ts';
import { defaultsTable, defaultsWiki, effectiveConfiguration } from '../../src/config/tables.ts';
import { CATALOGS, GOOD, loadGood } from './support.ts';

const rows = describeDirectives(CATALOGS.media);

test('-D: columns of 25 and 10, in the order of 3.0.6', () => {
  const [head, rule, ...lines] = defaultsTable(rows);
  assert.equal(head, 'Directive                Default   Description');
  assert.equal(rule, '-'.repeat(80));
  assert.equal(lines[0], 'cluster                  linux-ha  the name of cluster');
  assert.equal(lines.at(-1), 'memreserve               6500      number of kbytes to preallocate in heartbeat');
  assert.equal(lines.length, 24);
  assert.ok(lines.includes('conn_logd_time           60        the interval to reconnect to logd'));
});

test('-DW: a row for each of the same', () => {
  const lines = defaultsWiki(rows);
  assert.equal(lines.length, 5 + 24);
  assert.ok(lines.includes('||[wiki:ha.cf/AutoFailbackDirective auto_failback]||legacy||auto failback||'));
});

test('-v: an ha.cf in itself, with what is in force', () => {
  const config = loadGood({ hacf: `${GOOD.hacf}mcast eth2 225.0.0.1 694 1 0\nstonith_host * apc x\nlogfacility local0\n` });
  const lines = effectiveConfiguration(config, 'N1', rows);
  const after = (line: string) => lines[lines.indexOf(line) + 1];
  assert.equal(lines[1], '#\tLinux-HA heartbeat configuration (on N1)');
  assert.ok(lines.includes('keepalive\t1\t#\tkeepalive time'));
  assert.ok(lines.includes('deadping\t5000ms\t#\tping deadtime'));
  assert.ok(lines.includes('node n1\t#\t current status: init'));
  assert.equal(after('# UDP/IP broadcast heartbeat channel -------------'), 'bcast eth1');
  assert.equal(after('# UDP/IP multicast heartbeat channel -------------'), 'mcast eth2');
  assert.ok(lines.some((line) => line.startsWith('# `stonith_host * apc x`')));
  assert.ok(lines.every((line) => line === '' || !/[\r\n]/.test(line)));
  // No key is ever shown.
  assert.equal(lines.join('\n').includes('labsecret'), false);
});

test('every directive has its words, and there are no words without a directive', () => {
  assert.deepEqual(Object.keys(DIRECTIVE_WORDS).sort(), rows.map(({ word }) => word).sort());
});

test('what is accepted and has no effect says so in the reference', () => {
  for (const { word, status, differs } of rows) {
    if (status !== 'implemented' && word !== 'cluster') assert.ok(differs !== undefined, word);
  }
});

test('the reference page is up to date', () => {
  const page = readFileSync(new URL('../../etc/ha.d/ha.cf.md', import.meta.url), 'utf8');
  assert.equal(page, directivePage(rows), 'run: node --import tsx scripts/lib/directive-page.mjs');
});
