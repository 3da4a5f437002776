import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirectiveTable, describeDirectives } from '../../src/config/directives.ts';
import { CATALOGS, load, withLine } from './support.ts';

/** Every word that 3.0.6 takes in ha.cf (directives 2). */
const WORDS = `node keepalive deadtime warntime initdead deadping hopfudge udpport baud serial bcast mcast ucast ucast6 mcast6 ping ping6
ping_group udp auto_failback nice_failback debugfile logfile logfacility use_logd conn_logd_time syslogmsgfmt log_badpack debug apiauth
respawn failfast watchdog stonith stonith_host hbgenmethod uuidfrom autojoin cluster quorum_server compression compression_threshold
traditional_compression msgfmt max_rexmit_delay memreserve realtime rtprio coredumps coreroot env use_apphbd crm pacemaker crm_daemon_dir
crmd_spawns_pengine record_config_changes record_pengine_inputs enable_config_writes`.split(/\s+/);

test('every directive of 3.0.6 is known, and no other', () => {
  assert.deepEqual([...new DirectiveTable(CATALOGS.media).words].sort(), [...WORDS].sort());
});

test('the reference page has a row for each, with syntax and help', () => {
  const rows = describeDirectives(CATALOGS.media);
  assert.equal(new Set(rows.map(({ word }) => word)).size, rows.length);
  for (const { word, syntax, help } of rows) {
    assert.ok(syntax.startsWith(word), word);
    assert.match(help, /\.$/, word);
  }
});

test('every default is a value that its directive takes without a word', () => {
  for (const { word, fallback } of describeDirectives(CATALOGS.media)) {
    if (fallback === undefined || word === 'auto_failback') continue;
    const { config, problems } = load({ hacf: withLine(`${word} ${fallback}`).replace('initdead 10', 'initdead 30') });
    assert.deepEqual(
      problems.map(({ text }) => text),
      [],
      word,
    );
    assert.equal(config?.parameters[word], fallback);
  }
});
