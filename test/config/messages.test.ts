/** Every row of the table of errors (directives 3): its text, word for word, and the exit status. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configExitStatus } from '../../src/config/load.ts';
import type { HostFacts } from '../../src/contracts/config.ts';
import { files, GOOD, HOST, lines, load, type Texts, withLine } from './support.ts';

interface Row {
  readonly texts: Texts;
  readonly says: readonly string[];
  /** 0: it starts, with a warning. */
  readonly status: 0 | 6;
  readonly hostName?: string;
}

/** A machine where everything can be asked. */
const ASKED: HostFacts = {
  ...HOST,
  hasUser: (name) => name === 'root' || name === 'hacluster',
  hasGroup: (name) => name === 'root' || name === 'haclient',
  isExecutable: (path) => path === '/bin/true',
  fileKind: (path) => (path === '/dev/ttyS0' ? 'characterDevice' : 'missing'),
  resolveHost: (name) => (/^\d+\.\d+\.\d+\.\d+$/.test(name) ? name : undefined),
};

const line = (text: string, ...says: readonly string[]): Row => ({ texts: { hacf: withLine(text) }, says, status: 6 });
const keys = (authkeys: string | undefined, ...says: readonly string[]): Row => ({ texts: { authkeys }, says, status: 6 });
const warns = (hacf: string, ...says: readonly string[]): Row => ({ texts: { hacf }, says, status: 0 });
const bare = (word: string) => GOOD.hacf.replace(new RegExp(`^${word} .*\n`, 'gm'), '');
const NOT_FOUND = (key: number) => `Auth Key [${key}] not found in keyfile [/etc/ha.d//authkeys]`;
const mode = (authkeysMode: number, status: 0 | 6): Row => ({
  texts: { authkeysMode },
  says: status === 0 ? [] : ['Bad permissions on keyfile [/etc/ha.d//authkeys], 600 recommended.', 'Authentication configuration error.'],
  status,
});

const ROWS: Readonly<Record<string, Row>> = {
  'no ha.cf': {
    texts: { hacf: undefined },
    says: ['Cannot open config file [/etc/ha.d//ha.cf]', 'read it, customize it, and try again.'],
    status: 6,
  },
  'no authkeys': keys(undefined, 'Cannot open keyfile [/etc/ha.d//authkeys].  Stop.', 'Authentication configuration error.'),
  'authkeys 640': mode(0o640, 6),
  'authkeys 644': mode(0o644, 6),
  'authkeys 620': mode(0o620, 0),
  'auth names a missing key': keys('auth 2\n1 crc\n', NOT_FOUND(2)),
  'auth below its key': keys('1 crc\nauth 1\n', NOT_FOUND(1)),
  'no auth line': keys('1 crc\n', 'Missing auth directive in keyfile [/etc/ha.d//authkeys]'),
  'empty authkeys': keys('', 'Missing auth directive in keyfile [/etc/ha.d//authkeys]'),
  'unknown method': keys('auth 1\n1 sha256 x\n', 'Invalid authtype [sha256]'),
  'sha1 without key': keys('auth 1\n1 sha1\n', 'Auth method [sha1] requires a key'),
  'md5 without key': keys('auth 1\n1 md5\n', 'Auth method [md5] requires a key'),
  'crc with a key': keys('auth 1\n1 crc x\n', "Auth method [crc] doesn't use a key", NOT_FOUND(1), 'Authentication configuration error.'),
  'key number': keys('auth 1\n1 crc\n99 crc\n', 'Invalid authnum [99] in /etc/ha.d//authkeys'),
  'garbage in authkeys': keys('auth 1\nfoo bar\n1 crc\n', 'Auth line [foo bar\\n] is invalid.'),
  'auth without a number': keys('auth x\n1 crc\n', 'Invalid auth line [auth x\\n] in /etc/ha.d//authkeys'),
  'unknown directive': line('foobar', 'Illegal directive [foobar] in /etc/ha.d//ha.cf'),
  'plugins of 3.0.6 that never shipped': line('rds eth1', 'Illegal directive [rds] in /etc/ha.d//ha.cf'),
  'no node': { texts: { hacf: bare('node') }, says: ['no nodes defined', 'Current node [n1] not in configuration!'], status: 6 },
  'self not listed': {
    texts: {},
    hostName: 'n3',
    says: [
      'Current node [n3] not in configuration!',
      "By default, cluster nodes are named by `uname -n` and must be declared with a 'node' directive in the ha.cf file.",
      'http://linux-ha.org/wiki/Ha.cf#node_directive',
    ],
    status: 6,
  },
  'no media': { texts: { hacf: bare('bcast') }, says: ['No heartbeat media defined'], status: 6 },
  deadtime: line('deadtime 2', 'Dead time [2000] is too small compared to keeplive [1000]'),
  'initdead below deadtime': line('initdead 4', 'Initial dead time [4000] is smaller than deadtime [5000]'),
  'initdead below 10 s': warns(
    withLine('initdead 6'),
    'Initial dead time [6000 ms] may be too small!',
    'Initial dead time accounts for slow network startup time',
    'It should be >= deadtime and >= 10 seconds',
  ),
  deadping: line('deadping 1', 'Ping dead time [1000] is too small compared to keeplive [1000]'),
  warntime: line('warntime 0', 'Warn time [0] is invalid.'),
  udpport: line('udpport abc', 'heartbeat: invalid port [abc] specified.'),
  'udpport of another service': warns(withLine('udpport 53'), 'heartbeat: udp port 53 reserved for service "domain".'),
  'udpport below media': warns(withLine('udpport 700'), 'heartbeat: udpport setting must precede media statements'),
  baud: line('baud 1234', 'heartbeat: invalid baudrate [1234] specified.'),
  'baud twice': line('baud 9600\nbaud 9600', 'Baudrate multiply specified.'),
  facility: line('logfacility local9', 'Log facility(local9) not valid'),
  'bcast without its interface': line(
    'bcast eth9',
    'glib: Get broadcast for interface eth9 failed: No such device',
    'glib: IP interface [eth9] does not exist',
    'Illegal bcast [UDP/IP broadcast] in config file [eth9]',
  ),
  'mcast address': line('mcast eth1 10.0.0.1 694 1 0', 'glib: mcast [eth1] bad addr [10.0.0.1]'),
  'mcast port': line('mcast eth1 225.0.0.1', 'glib: mcast [eth1] missing port'),
  'mcast ttl': line('mcast eth1 225.0.0.1 694', 'glib: mcast [eth1] missing ttl'),
  'mcast loop': line('mcast eth1 225.0.0.1 694 1', 'glib: mcast [eth1] missing loop'),
  'mcast bad ttl': line('mcast eth1 225.0.0.1 694 300 0', ' mcast [eth1] bad ttl [44]'),
  'mcast bad loop': line('mcast eth1 225.0.0.1 694 1 5', ' mcast [eth1] bad loop [5]'),
  'mcast device': line('mcast eth9 225.0.0.1 694 1 0', 'mcast device [eth9] is invalid or not set up properly'),
  'ucast without peer': line('ucast eth1', 'glib: ucast: [eth1] missing target IP address/hostname'),
  'ucast to an unknown name': line('ucast eth1 nosuchhost', 'glib: ucast: cannot resolve hostname'),
  'ucast6 address': line('ucast6 eth1', 'glib: ucast6 [eth1] missing ucast6 address'),
  'ucast6 device': line('ucast6 eth9 fe80::1', 'glib: ucast6 device [eth9] is invalid or not set up properly'),
  'mcast6 loop': line('mcast6 eth1 ff02::1:2 694 1', 'glib: mcast6 [eth1] missing loop'),
  'mcast6 address': line('mcast6 eth1 fe80::1 694 1 0', 'glib:  mcast6 [eth1] bad addr [fe80::1]'),
  serial: line(
    'serial /dev/x',
    'glib: Nonexistent serial port [/dev/x] in config file',
    'Illegal serial [serial ring] in config file [/dev/x]',
  ),
  ping: line('ping nosuchhost', 'glib: unknown host: nosuchhost', 'Illegal ping [ping membership] in config file [nosuchhost]'),
  'respawn user': line('respawn nouser /bin/true', 'Invalid uid [nouser] specified for client child'),
  'respawn path': line('respawn root bin/true', 'Client child command [bin/true] is not full pathname'),
  'respawn program': line('respawn root /x', 'Client child command [/x] is not executable'),
  'respawn alone': line('respawn', 'Invalid uid [] specified for client child'),
  apiauth: line(
    'apiauth foo',
    'Invalid apiauth directive [foo]',
    'apiauth client [uid=uidlist] [gid=gidlist]',
    'Missing uid or gid in apiauth',
  ),
  'apiauth twice': line(
    'apiauth ipfail uid=root\napiauth ipfail uid=root',
    'Duplicate apiauth directive for API client ipfail: [ipfail uid=root]',
  ),
  'apiauth user': line('apiauth foo uid=x', 'Invalid user id name [x]', 'Bad uid list [x]', 'Invalid apiauth directive [foo uid=x]'),
  'apiauth list twice': line('apiauth foo uid=root uid=root', 'Duplicate uid list in apiauth'),
  'crm twice': line('crm no\ncrm no', 'pacemaker/crm directive used multiple times!'),
  'crm on': line('crm on', 'Failed to add pacemaker client child "cib"'),
  'crm above crmd_spawns_pengine': line('crm no\ncrmd_spawns_pengine on', 'If you specify on, it must come before the pacemaker directive'),
  'autojoin in R1': line(
    'autojoin any',
    'R1 style resource management conflicts with  autojoin set',
    'You need either unset autojoin or enable crm',
  ),
  autojoin: line('autojoin x', 'Invalid autojoin directive [x]'),
  uuidfrom: line('uuidfrom x', 'Invalid uuidfrom directive [x]'),
  hbgenmethod: line('hbgenmethod x', 'Illegal hb generation method [x]'),
  stonith: line('stonith', 'No Stonith type given'),
  'stonith file': line('stonith apc', 'Invalid Stonith config file []'),
  env: line('env =x', 'set_env: invalid nvpair(=x)'),
  compression: line('compression lzma', 'Compression module(lzma) not found'),
  compression_threshold: line('compression_threshold 0', 'set_compression_threshold: compress_threshhold(0) invalid'),
  max_rexmit_delay: line('max_rexmit_delay 0', 'Invalid max_rexmit_delay time(0)'),
  rtprio: line('rtprio 200', 'Illegal realtime priority [200]'),
  'watchdog twice': line('watchdog /dev/a\nwatchdog /dev/b', 'heartbeat: Watchdog device multiply specified.'),
  'too many media': line(`bcast ${'eth1 '.repeat(65)}`, 'Too many media specified (> 64)', 'Offending command: bcast eth1'),
  'auto_failback absent': warns(
    bare('auto_failback'),
    "Deprecated 'legacy' auto_failback option selected.",
    "Please convert to 'auto_failback on'.",
    'See documentation for conversion details.',
  ),
  nice_failback: warns(
    `${bare('auto_failback')}nice_failback on\n`,
    'nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead.',
    "nice_failback on has been strictly interpreted as 'auto_failback legacy'",
    "Consider converting to 'auto_failback on'.",
    'When you do, then you can use ipfail, and hb_standby',
    'See documentation for details.',
  ),
  'nice_failback below auto_failback': warns(
    `${GOOD.hacf}nice_failback off\n`,
    'nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead.',
    "'nice_failback off' has been changed to 'auto_failback off'",
    'See documentation for details.',
  ),
  udp: warns(withLine('udp eth2'), "WARNING: directive 'udp' replaced by 'bcast'"),
  'no log': warns(bare('logfile'), 'No log entry found in ha.cf -- use logd'),
  'no log at all': {
    texts: { hacf: `${bare('logfile')}use_logd no\n` },
    says: ['No log entry found in ha.cf and use_logd is set to off'],
    status: 6,
  },
  'logd and files': warns(withLine('use_logd yes'), 'logd is enabled but logfile/debugfile is still configured in ha.cf'),
  'no haresources': { texts: { haresources: undefined }, says: ['Cannot open resources file [/etc/ha.d//haresources]'], status: 6 },
  'haresources node': { texts: { haresources: 'zz a\n' }, says: ['Bad nodename in /etc/ha.d//haresources [zz]'], status: 6 },
  'haresources empty': { texts: { haresources: '' }, says: [], status: 0 },
};

for (const [name, { texts, says, status, hostName = 'n1' }] of Object.entries(ROWS)) {
  test(`directives 3: ${name}`, () => {
    const loaded = load(texts, { ...ASKED, hostName });
    assert.equal(configExitStatus(files(texts), loaded), status, lines(loaded).join('\n'));
    const said = lines(loaded, status === 0 ? 'warning' : 'error').join('\n');
    for (const text of says) assert.ok(said.includes(text), `${text}\n--\n${said}`);
  });
}

test('a file that may not be read is status 4', () => {
  const unreadable = {
    ...files({ authkeys: undefined }),
    authkeys: { path: '/etc/ha.d//authkeys', text: undefined, mode: undefined, fault: 'EACCES' },
  };
  assert.equal(configExitStatus(unreadable, load({ authkeys: undefined })), 4);
});
