/** What resource scripts of 3.0.6 find in their environment, read from a running one with a short ha.cf: ours find it too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathsOf, placesUnder } from '../../src/os/paths.ts';
import { scriptEnvironment } from '../../src/os/script-environment.ts';
import { loadGood } from './support.ts';

const HACF = `logfile /var/log/ha-log
keepalive 1
deadtime 5
initdead 5
node n1 n2
bcast eth0
auto_failback on
env FOO=bar
env HA_X=y
env deadtime=77
env CURHOST=xx
`;

/** Without what belongs to an event (HA_t, HA_DONTASK ...) and without the places of that host. */
const CAPTURED = `HA_COMPRESSION=zlib HA_CURHOST=n1 HA_DEBUGLOG=/dev/null HA_FOO=bar HA_HA_X=y HA_LOGD=no HA_LOGFILE=/var/log/ha-log
HA_auto_failback=on HA_autojoin=none HA_baud=19200 HA_cluster=linux-ha HA_compression=zlib HA_compression_threshold=2 HA_conn_logd_time=60
HA_coredumps=true HA_deadping=5000ms HA_deadtime=77 HA_debug=0 HA_enable_config_writes=on HA_hbgenmethod=file HA_hopfudge=1 HA_initdead=5
HA_keepalive=1 HA_log_badpack=true HA_logfile=/var/log/ha-log HA_max_rexmit_delay=250 HA_memreserve=6500 HA_msgfmt=classic
HA_pacemaker=false HA_realtime=true HA_record_config_changes=on HA_record_pengine_inputs=on HA_syslogmsgfmt=true
HA_traditional_compression=no HA_udpport=694 HA_uuidfrom=file HA_warntime=2500ms OCF_ROOT=/usr/lib/ocf`.split(/\s+/);
const PLACES = 'HA_BIN HA_DATEFMT HA_DIR HA_DOCDIR HA_FIFO HA_FUNCS HA_RCDIR HA_RESOURCEDIR OCF_AGENTS PATH'.split(' ');

test('every variable of a resource script of 3.0.6, with its value', () => {
  const environment = scriptEnvironment(loadGood({ hacf: HACF }), pathsOf(placesUnder('/x')), {});
  const lacking = CAPTURED.filter((pair) => {
    const equals = pair.indexOf('=');
    return environment[pair.slice(0, equals)] !== pair.slice(equals + 1);
  });
  assert.deepEqual(lacking, []);
  assert.deepEqual(
    PLACES.filter((name) => (environment[name] ?? '') === ''),
    [],
  );
});
