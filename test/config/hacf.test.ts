import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../../src/config/problems.ts';
import { GOOD, HOST, lines, load, loadGood, withLine } from './support.ts';

/** Lines that refuse the start, and the text that must stand in the complaint (directives 3). */
const ERRORS: readonly (readonly [string, string])[] = [
  ['foobar 1', 'Illegal directive [foobar] in /etc/ha.d//ha.cf'],
  ['Deadtime 5', 'Illegal directive [Deadtime] in /etc/ha.d//ha.cf'],
  ['hbaping x', 'Illegal directive [hbaping] in /etc/ha.d//ha.cf'],
  ['normalpoll true', 'Illegal directive [normalpoll] in /etc/ha.d//ha.cf'],
  ['// a remark', 'Illegal directive [//] in /etc/ha.d//ha.cf: remarks begin with #'],
  ['deadtme 5', 'perhaps `deadtime` was meant'],
  ['keepalive=2', 'write a blank after `keepalive`'],
  ['keepalive 0', 'keepalive 0: expected'],
  ['keepalive 5s', 'keepalive 5s: expected'],
  ['keepalive 500 ms', 'keepalive ms: expected'],
  ['deadtime abc', 'deadtime abc: expected'],
  ['deadtime 2', 'Dead time [2000] is too small compared to keeplive [1000]'],
  ['deadtime -5', 'deadtime -5: expected'],
  ['initdead 4', 'Initial dead time [4000] is smaller than deadtime [5000]'],
  ['initdead x', 'initdead x: expected'],
  ['deadping 1', 'Ping dead time [1000] is too small compared to keeplive [1000]'],
  ['warntime 0', 'Warn time [0] is invalid.'],
  ['warntime x', 'Warn time [x] is invalid.'],
  ['hopfudge 256', 'hopfudge 256: expected'],
  ['memreserve 0', 'memreserve 0: expected'],
  ['msgfmt new', 'msgfmt new: expected'],
  ['debug 256', 'debug 256: expected'],
  ['realtime maybe', 'realtime maybe: expected'],
  ['coredumps maybe', 'coredumps maybe: expected'],
  ['auto_failback maybe', 'auto_failback maybe: expected'],
  ['nice_failback maybe', 'nice_failback flag is obsolete..'],
  ['udpport abc', 'heartbeat: invalid port [abc] specified.'],
  ['udpport 0', 'heartbeat: invalid port [0] specified.'],
  ['baud 1234', 'heartbeat: invalid baudrate [1234] specified.'],
  ['baud 9600\nbaud 9600', 'Baudrate multiply specified.'],
  ['logfacility local9', 'Log facility(local9) not valid'],
  ['bcast eth9', 'Get broadcast for interface eth9 failed: No such device'],
  ['bcast eth9', 'IP interface [eth9] does not exist'],
  ['bcast eth9', 'Illegal bcast [UDP/IP broadcast] in config file [eth9]'],
  ['mcast eth1 10.0.0.1 694 1 0', 'mcast [eth1] bad addr [10.0.0.1]'],
  ['mcast eth1 225.0.0.1', 'mcast [eth1] missing port'],
  ['mcast eth1 225.0.0.1 694', 'mcast [eth1] missing ttl'],
  ['mcast eth1 225.0.0.1 694 1', 'mcast [eth1] missing loop'],
  ['mcast eth1 225.0.0.1 694 300 0', ' mcast [eth1] bad ttl [44]'],
  ['mcast eth1 225.0.0.1 694 1 5', ' bad loop [5]'],
  ['mcast eth9 225.0.0.1 694 1 0', 'mcast device [eth9] is invalid or not set up properly'],
  ['ucast eth1', 'glib: ucast: [eth1] missing target IP address/hostname'],
  ['respawn', 'Invalid uid [] specified for client child'],
  ['respawn hacluster bin/true', 'Client child command [bin/true] is not full pathname'],
  ['failfast root bin/true', 'Client child command [bin/true] is not full pathname'],
  ['apiauth foo', 'Invalid apiauth directive [foo]'],
  ['apiauth foo uid=a\napiauth foo uid=a', 'Duplicate apiauth directive for API client foo'],
  ['crm yes', 'Failed to add pacemaker client child "cib"'],
  ['pacemaker respawn', 'Failed to add pacemaker client child "cib"'],
  ['crm no\npacemaker off', 'pacemaker/crm directive used multiple times!'],
  ['crm maybe', 'crm maybe: expected'],
  ['autojoin any', 'R1 style resource management conflicts with  autojoin set'],
  ['autojoin x', 'Invalid autojoin directive [x]'],
  ['uuidfrom x', 'Invalid uuidfrom directive [x]'],
  ['hbgenmethod x', 'Illegal hb generation method [x]'],
  ['stonith', 'No Stonith type given'],
  ['stonith_host *', 'No Stonith type given'],
  ['env =x', 'set_env: invalid nvpair(=x)'],
  ['coreroot abc', 'Invalid core directory [abc]: Invalid argument'],
  ['crmd_spawns_pengine x', 'ha_config_check_boolean:Invalid directive value x'],
  ['ping_group g', 'ping_group g: expected'],
  ['ping6 10.0.0.1', 'Illegal ping6 [ping6 membership] in config file [10.0.0.1]'],
  ['serial ttyS0', 'glib: Serial port not full pathname [ttyS0] in config file'],
  ['ucast6 eth1', 'glib: ucast6 [eth1] missing ucast6 address'],
  ['ucast6 eth1 ff02::1', 'glib: ucast6 [eth1] bad addr [ff02::1]'],
  ['mcast6 eth1 fe80::1 694 1 0', 'glib:  mcast6 [eth1] bad addr [fe80::1]'],
  ['mcast6 eth1 ff02::1:2 694 300 0', 'glib:  mcast6 [eth1] bad hops [44]'],
  ['compression lzma', 'Compression module(lzma) not found'],
  ['compression_threshold 0', 'set_compression_threshold: compress_threshhold(0) invalid'],
  ['max_rexmit_delay 0', 'Invalid max_rexmit_delay time(0)'],
  ['rtprio 200', 'Illegal realtime priority [200]'],
  ['watchdog /dev/a\nwatchdog /dev/a', 'heartbeat: Watchdog device multiply specified.'],
  [`node ${Array.from({ length: 101 }, (_, index) => `x${index}`).join(' ')}\nnode n1`, 'expected at most 100 nodes'],
  [`bcast ${'eth1 '.repeat(65)}`, 'Too many media specified (> 64)'],
];

for (const [line, text] of ERRORS) {
  test(`refused: ${line.slice(0, 60)}: ${text}`, () => {
    const loaded = load({ hacf: withLine(line) });
    assert.equal(loaded.config, undefined);
    const errors = lines(loaded, 'error');
    assert.ok(
      errors.some((error) => error.includes(text)),
      errors.join('\n'),
    );
    assert.ok(errors.every((error) => error.startsWith('/etc/ha.d/ha.cf:')));
  });
}

/** Lines that load, with the warning they bring (directives 2, 3, 6). */
const WARNINGS: readonly (readonly [string, string])[] = [
  ['initdead 6', 'Initial dead time [6000 ms] may be too small!'],
  ['auto_failback legacy', "Deprecated 'legacy' auto_failback option selected."],
  ['udp eth2', "WARNING: directive 'udp' replaced by 'bcast'"],
  ['udpport 53', 'heartbeat: udp port 53 reserved for service "domain".'],
  ['udpport 700', 'heartbeat: udpport setting must precede media statements'],
  ['debug', 'no value, so the line has no effect'],
  ['node n1 node n2', 'write `node a b`'],
  ['node n1 n2 N1', 'listed already'],
  ['node n1 n2 n3', 'resources move between two nodes only'],
  ['ucast eth7 10.0.0.1', 'the interface eth7 does not exist now'],
  ['ucast eth1 peer-ip', 'looks like a word left over from a sample'],
  ['use_logd yes', 'logd is enabled but logfile/debugfile is still configured in ha.cf'],
  ['warntime 6', 'nothing is ever reported as late'],
  ['serial /dev/ttyS0', 'serial is not implemented in this version'],
  ['ucast6 eth1 fe80::1', 'ucast6 is not implemented in this version'],
  ['bcast eth1 eth1', 'listed already; one is enough'],
  ['env x', 'env x: sets nothing'],
  ['hopfudge 2x', 'hopfudge 2x: not a whole number; taken as 2'],
  ['debug abc', 'debug abc: not a whole number; taken as 0'],
  ['udpport 695x', 'udpport 695x: not a whole number; taken as 695'],
  ['mcast6 eth1 ff02::1:2 694 4 1', 'mcast6 is not implemented in this version'],
  [`# ${'x'.repeat(6000)}`, 'longer than 5119 bytes'],
];

for (const [line, text] of WARNINGS) {
  test(`loads with a warning: ${line.slice(0, 60)}`, () => {
    const loaded = load({ hacf: withLine(line) });
    assert.notEqual(loaded.config, undefined, lines(loaded).join('\n'));
    const warnings = lines(loaded, 'warning');
    assert.ok(
      warnings.some((warning) => warning.includes(text)),
      warnings.join('\n'),
    );
  });
}

const SILENT = [
  'deadtime 6,7',
  'node n1,n2',
  'keepalive 2 1',
  'hbgenmethod file',
  'hbgenmethod time',
  'uuidfrom nodename',
  'apiauth x uid=root',
  'respawn root /opt/site/monitor',
  'compression bz2',
  'traditional_compression on',
  'compression_threshold 30',
  'log_badpack off',
  'autojoin none',
  'compression zlib',
  'compression_threshold 2',
  'traditional_compression false',
  'coredumps 1',
  'crm off',
  'cluster mine',
  'stonith_host elsewhere nosuch',
  'record_config_changes on',
  'use_logd off',
  'logfacility none',
  'baud 19200',
  'ucast eth1 10.0.0.1 # ours',
  '   \tdebug 1',
];

for (const line of SILENT) {
  test(`loads without a word: ${line}`, () => {
    const loaded = load({ hacf: withLine(line) });
    assert.deepEqual(lines(loaded), []);
    assert.notEqual(loaded.config, undefined);
  });
}

const GUARDS = [
  'ping 10.0.0.254',
  'ping6 fe80::1',
  'ping_group g a b',
  'stonith apcmaster /etc/x',
  'stonith_host * apc x',
  'watchdog /dev/watchdog',
];
for (const line of [...GUARDS, 'failfast root /bin/x', 'respawn hacluster /usr/lib64/heartbeat/ipfail']) {
  test(`named as unmet: ${line}`, () => {
    const config = loadGood({ hacf: withLine(line) });
    assert.deepEqual(
      config.unmet.map(({ word }) => word),
      [line.split(' ')[0]],
    );
    assert.ok(config.unmet[0]?.text.includes(line));
  });
}

test('`node a node b` is two nodes, unless this host is called node', () => {
  const hacf = withLine('node n1 node n2');
  assert.deepEqual(loadGood({ hacf }).nodes, ['n1', 'n2']);
  assert.deepEqual(loadGood({ hacf }, { ...HOST, hostName: 'node' }).nodes, ['n1', 'node', 'n2']);
  assert.deepEqual(loadGood({ hacf: withLine('node n1 node') }).nodes, ['n1', 'node']);
});

test('a remark of another kind after a value', () => {
  const errors = lines(load({ hacf: withLine('keepalive 2 // two') }), 'error');
  assert.match(errors[0] ?? '', /remarks begin with #, not with \/\//);
});

test('the last of several values and lines wins', () => {
  const config = loadGood({ hacf: `${GOOD.hacf}keepalive 1 2\nkeepalive 500ms\ndeadtime 7 8\n` });
  assert.deepEqual(
    [config.keepaliveMs, config.deadtimeMs, config.parameters.keepalive, config.parameters.deadtime],
    [500, 8000, '500ms', '8'],
  );
});

test('default times', () => {
  const base = 'logfile /l\nbcast eth1\nauto_failback on\nnode n1 n2\n';
  const of = (text: string) => {
    const { deadtimeMs, warntimeMs, initdeadMs, deadpingMs } = loadGood({ hacf: base + text });
    return [deadtimeMs, warntimeMs, initdeadMs, deadpingMs];
  };
  assert.deepEqual(of(''), [30_000, 15_000, 30_000, 30_000]);
  assert.deepEqual(of('deadtime 5'), [5000, 2500, 12_000, 5000]);
  assert.deepEqual(of('deadtime 6'), [6000, 3000, 12_000, 6000]);
  assert.deepEqual(of('deadtime 10'), [10_000, 5000, 20_000, 10_000]);
  assert.deepEqual(of('deadtime 10001ms'), [10_001, 5000, 10_001, 10_001]);
});

test('the port: ha.cf, else the service, else 694; media above udpport keep the default', () => {
  const host = { ...HOST, servicePort: (name: string) => (name === 'ha-cluster' ? 695 : undefined) };
  assert.equal(loadGood({}).media[0]?.port, 694);
  assert.equal(loadGood({}, host).media[0]?.port, 695);
  assert.equal(loadGood({ hacf: `udpport 1001\n${GOOD.hacf}` }).media[0]?.port, 1001);
  const late = loadGood({ hacf: `${GOOD.hacf}udpport 1001\nucast eth1 10.0.0.2\n` });
  assert.deepEqual([late.media.map(({ port }) => port), late.parameters.udpport], [[694, 1001], '1001']);
});

test('nice_failback: legacy without auto_failback above, else without effect', () => {
  const base = GOOD.hacf.replace('auto_failback on\n', '');
  const loaded = load({ hacf: `${base}nice_failback on\n` });
  assert.equal(loaded.config?.autoFailback, 'legacy');
  const [warning] = lines(loaded);
  assert.match(warning ?? '', /nice_failback flag is obsolete\.\. Use auto_failback \{on, off, legacy\} instead\./);
  assert.match(warning ?? '', /nice_failback on has been strictly interpreted as 'auto_failback legacy'/);
  assert.equal(loadGood({ hacf: `${base}nice_failback off\n` }).autoFailback, 'legacy');
  assert.equal(loadGood({ hacf: `${base}nice_failback on\nauto_failback off\n` }).autoFailback, 'off');
  const after = load({ hacf: `${GOOD.hacf}nice_failback on\n` });
  assert.equal(after.config?.autoFailback, 'on');
  assert.match(lines(after)[0] ?? '', /'nice_failback on' has been changed to 'auto_failback off'/);
});

test('auto_failback absent is legacy, with the three sentences of old', () => {
  const loaded = load({ hacf: GOOD.hacf.replace('auto_failback on\n', '') });
  assert.equal(loaded.config?.autoFailback, 'legacy');
  assert.deepEqual(lines(loaded), [
    "/etc/ha.d/ha.cf: Deprecated 'legacy' auto_failback option selected. Please convert to 'auto_failback on'. See documentation for conversion details.",
  ]);
});

test('log entries', () => {
  const bare = GOOD.hacf.replace('logfile /var/log/ha-log\n', '');
  assert.match(lines(load({ hacf: bare }), 'warning')[0] ?? '', /No log entry found in ha\.cf -- use logd/);
  assert.match(lines(load({ hacf: `${bare}use_logd no\n` }), 'error')[0] ?? '', /No log entry found in ha\.cf and use_logd is set to off/);
  const both = load({ hacf: `${GOOD.hacf}logfacility local0\nuse_logd yes\n` });
  assert.ok(lines(both).some((line) => line.includes('logfile/debugfile/logfacility is still configured')));
  const { log } = loadGood({ hacf: `${bare}logfacility none\ndebugfile /d\nsyslogmsgfmt off\ndebug 2\n` });
  assert.deepEqual(log, { debugfile: '/d', debug: 2, syslogmsgfmt: false });
});

test('nodes: none, and this host not among them', () => {
  const without = GOOD.hacf.replace(/node.*\n/g, '');
  assert.deepEqual(
    lines(load({ hacf: without }), 'error').map((line) => line.slice(0, 60)),
    ['/etc/ha.d/ha.cf: no nodes defined: expected a line `node NAM', '/etc/ha.d/ha.cf: Current node [n1] not in configuration! By '],
  );
  const [error] = lines(load({}, { ...HOST, hostName: 'N3' }), 'error');
  assert.match(error ?? '', /Current node \[n3\] not in configuration!/);
  assert.match(
    error ?? '',
    /By default, cluster nodes are named by `uname -n` and must be declared with a 'node' directive in the ha\.cf file\./,
  );
  assert.match(lines(load({}, { ...HOST, hostName: 'n1.example.org' }), 'error')[0] ?? '', /The file lists n1/);
  assert.equal(loadGood({}, { ...HOST, hostName: 'N1' }).self, 'n1');
});

test('media: none, only what is lacking, only ping', () => {
  const without = GOOD.hacf.replace('bcast eth1\n', '');
  assert.match(lines(load({ hacf: without }), 'error')[0] ?? '', /No heartbeat media defined/);
  assert.match(
    lines(load({ hacf: `${without}serial /dev/ttyS0\n` }), 'error')[0] ?? '',
    /No heartbeat media defined: serial is not implemented/,
  );
  const deaf = load({ hacf: `${without}ping 10.0.0.254\n` });
  assert.notEqual(deaf.config, undefined);
  assert.ok(lines(deaf).some((line) => line.includes('No working comm channels to write to.')));
});

test('media lines: blanks only part their words, ids stay apart', () => {
  const { media } = loadGood({
    hacf: withLine('bcast eth1,eth2\nucast eth3 10.0.0.2\nmcast eth1 225.0.0.1 694 1 0\nmcast eth1 225.0.0.2 694 1 0'),
  });
  assert.deepEqual(
    media.map(({ id }) => id),
    ['bcast eth1', 'bcast eth2', 'ucast eth3 10.0.0.2', 'mcast eth1', 'mcast eth1 225.0.0.2:694'],
  );
});

test('a ping node at the far end of the only link is worth a word', () => {
  const loaded = load({ hacf: withLine('ping 10.0.0.2').replace('bcast eth1', 'ucast eth1 10.0.0.2') });
  assert.ok(lines(loaded).some((line) => line.includes('the far end of the only heartbeat link')));
});

test('CR LF, a missing last line end, remarks and odd blanks', () => {
  const config = loadGood({ hacf: `${GOOD.hacf.replaceAll('\n', '\r\n')}debug\t1 # one\r\n  #keepalive 9\r\nrtprio 5` });
  assert.deepEqual([config.log.debug, config.rtprio, config.keepaliveMs, config.nodes], [1, 5, 1000, ['n1', 'n2']]);
  assert.equal(config.log.logfile, '/var/log/ha-log');
});

test('a byte order mark is told as such', () => {
  for (const mark of ['\ufeff', '\u00ef\u00bb\u00bf']) {
    const loaded = load({ hacf: mark + GOOD.hacf, authkeys: `${mark}auth 1\n1 crc\n`, haresources: `${mark}n1 a\n` });
    assert.deepEqual(
      lines(loaded, 'error').map((line) => line.split(': save')[0]),
      [
        '/etc/ha.d/ha.cf:1: Illegal directive [byte order mark] in /etc/ha.d//ha.cf',
        '/etc/ha.d/authkeys:1: Auth line [byte order mark] is invalid.',
        '/etc/ha.d/haresources:1: Bad nodename in /etc/ha.d//haresources [byte order mark]',
      ],
    );
  }
});

test('no continuation lines', () => {
  const loaded = load({ hacf: `${GOOD.hacf}bcast eth2 \\\neth3\n` });
  assert.ok(lines(loaded, 'error').some((line) => line.includes('ha.cf has no continuation lines')));
});

test('only ASCII letters of a name are folded', () => {
  const name = 'n\u00c3\u0089';
  assert.equal(loadGood({ hacf: `${GOOD.hacf}node ${name}X\n` }).nodes[2], `${name}x`);
});

test('parameters: raw texts, and defaults of what the file lacks', () => {
  const { parameters } = loadGood({ hacf: `${GOOD.hacf}logfacility local0\nmsgfmt netstring\n` });
  assert.equal(parameters.keepalive, '1');
  assert.equal(parameters.deadtime, '5');
  assert.equal(parameters.deadping, '5000ms');
  assert.equal(parameters.warntime, '2500ms');
  assert.equal(parameters.initdead, '10');
  assert.equal(parameters.hopfudge, '1');
  assert.equal(parameters.autojoin, 'none');
  assert.equal(parameters.auto_failback, 'on');
  assert.equal(parameters.udpport, '694');
  assert.equal(parameters.logfacility, 'local0');
  assert.equal(parameters.msgfmt, 'netstring');
  assert.equal(parameters.crm, 'false');
  assert.equal(parameters.node, undefined);
  assert.equal(parameters.bcast, undefined);
  assert.equal(loadGood({ hacf: withLine('pacemaker off') }).parameters.crm, 'off');
});

test('env and the retries of a failed stop', () => {
  const config = loadGood({ hacf: `${GOOD.hacf}env A=1 B=x=y __proto__=z\nenv STOPRETRYMAX=3\n` });
  assert.deepEqual(Object.entries(config.env), [
    ['A', '1'],
    ['B', 'x=y'],
    ['__proto__', 'z'],
    ['STOPRETRYMAX', '3'],
  ]);
  assert.equal(config.stopRetryMax, 3);
  assert.equal(loadGood({}).stopRetryMax, 10);
  assert.equal(loadGood({ hacf: `${GOOD.hacf}env STOPRETRYMAX=-1\n` }).stopRetryMax, -1);
  assert.equal(loadGood({}).failureTimeoutMs, 3_600_000);
  assert.equal(loadGood({ hacf: `${GOOD.hacf}env FAILURETIMEOUT=90\n` }).failureTimeoutMs, 90_000);
  assert.equal(loadGood({ hacf: `${GOOD.hacf}env FAILURETIMEOUT=0\n` }).failureTimeoutMs, 0);
  assert.equal(loadGood({ hacf: `${GOOD.hacf}env FAILURETIMEOUT=1h\n` }).failureTimeoutMs, 3_600_000);
});

test('all problems of all files at once, in order', () => {
  const loaded = load({
    hacf: 'foo 1\nkeepalive x\nnode n1 n2\nbar\nbcast eth9\n',
    authkeys: 'auth 2\nfoo bar\n1 sha256 x\n',
    authkeysMode: 0o644,
    haresources: 'n1 a\nzz b\n',
  });
  assert.deepEqual(
    loaded.problems.filter(({ severity }) => severity === 'error').map((problem) => formatProblem(problem).slice(0, 70)),
    [
      '/etc/ha.d/ha.cf:1: Illegal directive [foo] in /etc/ha.d//ha.cf: expect',
      '/etc/ha.d/ha.cf:2: keepalive x: expected more than 0, as a time such a',
      '/etc/ha.d/ha.cf:4: Illegal directive [bar] in /etc/ha.d//ha.cf: expect',
      '/etc/ha.d/ha.cf:5: glib: Get broadcast for interface eth9 failed: No s',
      '/etc/ha.d/authkeys:1: Auth Key [2] not found in keyfile [/etc/ha.d//au',
      '/etc/ha.d/authkeys:2: Auth line [foo bar\\n] is invalid.: expected `aut',
      '/etc/ha.d/authkeys:3: Invalid authtype [sha256]: expected one of crc m',
      '/etc/ha.d/authkeys: Bad permissions on keyfile [/etc/ha.d//authkeys], ',
      '/etc/ha.d/haresources:2: Bad nodename in /etc/ha.d//haresources [zz]: ',
    ],
  );
});

test('a NUL byte ends its line, with a warning, and reaches no path and no variable', () => {
  const texts = {
    hacf: `${GOOD.hacf.replace('/var/log/ha-log', '/var/log/ha\0-log')}env A=x\0y\n`,
    authkeys: 'auth 1\n1 sha1 lab\0secret\n',
    haresources: 'n1 10.77.0.100 a::b\0c d\n',
  };
  const config = loadGood(texts);
  assert.equal(config.log.logfile, '/var/log/ha');
  assert.equal(config.env.A, 'x');
  assert.equal(JSON.stringify(config).includes('\\u0000'), false);
  const warned = lines(load(texts), 'warning').filter((line) => line.includes('NUL byte'));
  assert.deepEqual(
    warned.map((line) => line.split(': ')[0]),
    ['/etc/ha.d/ha.cf:1', '/etc/ha.d/authkeys:2', '/etc/ha.d/haresources:1'],
  );
});

test('accounts, programs and addresses are asked for where the host can tell', () => {
  const host = {
    ...HOST,
    hasUser: (name: string) => name === 'root',
    hasGroup: (name: string) => name === 'wheel',
    isExecutable: (path: string) => path === '/bin/true',
    fileKind: (path: string) => (path === '/dev/ttyS0' ? 'characterDevice' : path === '/etc/passwd' ? 'other' : 'missing'),
    resolveHost: (name: string) => (name === 'router' ? '10.0.0.254' : undefined),
    resolveHost6: (name: string) => (name === 'router6' ? 'fe80::1' : undefined),
  } as const;
  const judged: readonly (readonly [string, string?])[] = [
    ['respawn root /bin/true'],
    ['respawn nobody /bin/true', 'Invalid uid [nobody] specified for client child'],
    ['respawn root /bin/false', 'Client child command [/bin/false] is not executable'],
    ['respawn hacluster /usr/lib64/heartbeat/ipfail'],
    ['apiauth x uid=root,0 gid=wheel'],
    ['apiauth x uid=hacluster gid=haclient'],
    ['apiauth x uid=root,nobody', 'Invalid user id name [nobody]; Bad uid list [root,nobody]; Invalid apiauth directive'],
    ['apiauth x gid=users', 'Invalid group name [users]; Bad gid list [users]'],
    ['apiauth x gid=wheel gid=wheel', 'Duplicate gid list in apiauth'],
    ['serial /dev/ttyS0'],
    ['serial /dev/ttyS1', 'glib: Nonexistent serial port [/dev/ttyS1] in config file'],
    ['serial /etc/passwd', 'glib: Serial port [/etc/passwd] not a char device in config file'],
    ['ping router 10.0.0.1'],
    ['ping nobody', 'glib: unknown host: nobody; Illegal ping [ping membership] in config file [nobody]'],
    ['ping6 router6 fe80::2'],
    ['ping6 nobody', 'Illegal ping6 [ping6 membership] in config file [nobody]'],
  ];
  for (const [line, refusal] of judged) {
    const errors = lines(load({ hacf: withLine(line) }, host), 'error');
    if (refusal === undefined) assert.deepEqual(errors, [], line);
    else
      assert.ok(
        errors.some((error) => error.includes(refusal)),
        `${line}: ${errors.join('; ')}`,
      );
  }
});
