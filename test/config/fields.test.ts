/** What the lines of ha.cf become in the configuration record, beyond times and media. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GOOD, HOST, lines, load, loadGood, withLine } from './support.ts';

const of = (...more: readonly string[]) => loadGood({ hacf: `${GOOD.hacf}${more.join('\n')}\n` });

test('compression, thresholds in bytes', () => {
  const { compression, compressionThreshold, traditionalCompression } = of();
  assert.deepEqual([compression, compressionThreshold, traditionalCompression], ['zlib', 2048, false]);
  const set = of('compression bz2', 'compression_threshold 30', 'traditional_compression yes');
  assert.deepEqual([set.compression, set.compressionThreshold, set.traditionalCompression], ['bz2', 30 * 1024, true]);
  assert.equal(of('compression_threshold 2(K)').compressionThreshold, 2048);
});

test('bz2 without its library loads, and says what becomes of it', () => {
  const loaded = load({ hacf: withLine('compression bz2') }, { ...HOST, hasCompression: (name) => name === 'zlib' });
  assert.equal(loaded.config?.compression, 'bz2');
  assert.match(lines(loaded, 'warning')[0] ?? '', /bz2 needs libbz2.*write `compression zlib`/);
});

test('generation and UUID', () => {
  assert.deepEqual([of().hbgenmethod, of().uuidfrom], ['file', 'file']);
  const set = of('hbgenmethod time', 'uuidfrom nodename');
  assert.deepEqual([set.hbgenmethod, set.uuidfrom, set.parameters.uuidfrom], ['time', 'nodename', 'nodename']);
});

test('apiauth: lists of names and numbers, in either order', () => {
  assert.deepEqual(of().apiauth, []);
  assert.deepEqual(of('apiauth foo uid=root,0', 'apiauth bar gid=haclient uid=hacluster', 'apiauth baz uid=root,').apiauth, [
    { client: 'foo', users: ['root', '0'], groups: [] },
    { client: 'bar', users: ['hacluster'], groups: ['haclient'] },
    { client: 'baz', users: ['root'], groups: [] },
  ]);
});

test('respawn and failfast: in the order of their lines, the command as it stands', () => {
  const { programs, unmet } = of(
    'respawn root /opt/a  -x  "two words"',
    'failfast hacluster /opt/b',
    '  respawn\tdaemon\t/opt/c\t$HOME # remark',
  );
  assert.deepEqual(programs, [
    { user: 'root', command: '/opt/a  -x  "two words"', failfast: false },
    { user: 'hacluster', command: '/opt/b', failfast: true },
    { user: 'daemon', command: '/opt/c\t$HOME', failfast: false },
  ]);
  assert.deepEqual(
    unmet.map(({ word, text }) => [word, /the host is not reset when it dies/.test(text)]),
    [['failfast', true]],
  );
});

const bare = { ...HOST, isExecutable: (path: string) => path.startsWith('/opt/'), hasUser: (name: string) => name === 'root' };

test('ipfail and dopd may be missing, and so may their user: they are named, not run', () => {
  for (const line of [
    'respawn hacluster /usr/lib64/heartbeat/ipfail',
    'respawn root /usr/lib/heartbeat/dopd',
    'respawn hacluster /opt/ipfail',
  ]) {
    const config = loadGood({ hacf: withLine(line) }, bare);
    assert.deepEqual(config.programs, [], line);
    assert.match(config.unmet[0]?.text ?? '', /: the program is not run, so /, line);
  }
});

test('ipfail that is there is run, and named: it sees no ping nodes', () => {
  const config = loadGood({ hacf: withLine('respawn root /opt/ipfail') }, bare);
  assert.equal(config.programs.length, 1);
  assert.match(config.unmet[0]?.text ?? '', /ping nodes are not watched in this version/);
  const dopd = loadGood({ hacf: withLine('respawn root /opt/dopd') }, bare);
  assert.deepEqual([dopd.programs.length, dopd.unmet], [1, []]);
});

test('any other program is refused as 3.0.6 refuses it', () => {
  const errors = (line: string) => lines(load({ hacf: withLine(line) }, bare), 'error')[0] ?? '';
  assert.match(errors('respawn root /usr/bin/monitor'), /Client child command \[\/usr\/bin\/monitor\] is not executable/);
  assert.match(errors('respawn nobody /opt/monitor'), /Invalid uid \[nobody\] specified for client child/);
  assert.match(errors('failfast root opt/ipfail'), /Client child command \[opt\/ipfail\] is not full pathname/);
});

test('nice_failback: what it said stays known beside legacy', () => {
  const base = GOOD.hacf.replace('auto_failback on\n', '');
  const nice = (...more: readonly string[]) => {
    const { autoFailback, niceFailback } = loadGood({ hacf: `${base}${more.join('\n')}\n` });
    return [autoFailback, niceFailback];
  };
  assert.deepEqual(nice('nice_failback on'), ['legacy', true]);
  assert.deepEqual(nice('nice_failback off'), ['legacy', false]);
  assert.deepEqual(nice('nice_failback on', 'nice_failback off'), ['legacy', false]);
  assert.deepEqual(nice('nice_failback on', 'auto_failback on'), ['on', false]);
  assert.deepEqual(nice('nice_failback on', 'auto_failback legacy'), ['legacy', false]);
  assert.deepEqual(nice('auto_failback off', 'nice_failback on'), ['off', false]);
  const [warning = ''] = lines(load({ hacf: `${base}nice_failback on\n` }), 'warning');
  assert.match(warning, /auto_failback off between heartbeatd nodes and legacy beside Heartbeat 3\.0\.6/);
  assert.match(warning, /write `auto_failback off` instead/);
});

test('-M: haresources is neither needed nor read, and nodes may join', async () => {
  const { loadConfig } = await import('../../src/config/load.ts');
  const { CATALOGS, files } = await import('./support.ts');
  for (const haresources of [undefined, 'zz 10.0.0.1\n', 'n1 10.0.0.1\n']) {
    const { config } = loadConfig(files({ haresources, hacf: withLine('autojoin Any') }), HOST, CATALOGS, { manageResources: false });
    assert.deepEqual([config?.manageResources, config?.groups, config?.autojoin], [false, [], 'any']);
  }
  assert.equal(of().manageResources, true);
});

test('log_badpack off is known to the log, and on leaves no trace', () => {
  assert.equal(of('log_badpack no').log.badpack, false);
  assert.equal('badpack' in of('log_badpack yes').log, false);
});

/** What scripts of 3.0.6 find in their environment with a short ha.cf, read from a running one. */
const DEFAULTS = `auto_failback=legacy autojoin=none baud=19200 cluster=linux-ha compression=zlib compression_threshold=2 conn_logd_time=60
coredumps=true deadping=30000ms deadtime=30000ms debug=0 enable_config_writes=on hbgenmethod=file hopfudge=1 initdead=30000ms keepalive=1000ms
log_badpack=true logfile=/l max_rexmit_delay=250 memreserve=6500 msgfmt=classic pacemaker=false realtime=true record_config_changes=on
record_pengine_inputs=on syslogmsgfmt=true traditional_compression=no udpport=694 uuidfrom=file warntime=15000ms`.split(/\s+/);

test('parameters: every default that 3.0.6 gives its scripts, and no other', () => {
  const { parameters } = loadGood({ hacf: 'logfile /l\nbcast eth1\nnode n1 n2\n' });
  const { crm, ...rest } = parameters;
  assert.equal(crm, 'false');
  const texts = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
  assert.deepEqual(texts.sort(), [...DEFAULTS].sort());
});

test('the other name of a directive is a parameter too', () => {
  const { crm, pacemaker } = of('crm no').parameters;
  assert.deepEqual([crm, pacemaker], ['no', 'no']);
});

test('authkeys: the last key below its own auth line signs, as with 3.0.6', () => {
  const signing = (authkeys: string) => load({ authkeys }).config?.auth.signing;
  assert.equal(signing('auth 1\n1 sha1 a\nauth 2\n2 md5 b\n'), 2);
  assert.equal(signing('auth 1\n1 sha1 a\nauth 2\n'), 1);
  assert.equal(signing('auth 1\n1 sha1 a\n2 md5 b\nauth 2\n'), 1);
  assert.equal(signing('auth 2\n1 sha1 a\nauth 1\n'), undefined);
  assert.match(
    lines(load({ authkeys: 'auth 1\n1 sha1 a\nauth 2\n' }))[0] ?? '',
    /auth 2: key 1 signs.*expected a line `2 METHOD \[KEY\]` below/,
  );
});
