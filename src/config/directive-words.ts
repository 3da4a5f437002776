/**
 * What is said about each directive: its line in the tables of `heartbeat -D` and `-v`, and its row of the reference page.
 * Those with a `summary` come first, in the order in which 3.0.6 lists them.
 */
export interface DirectiveWords {
  /** As the tables of 3.0.6 describe it; absent: they leave it out. */
  readonly summary?: string;
  readonly limits: string;
  /** Where heartbeatd does otherwise than 3.0.6; absent: nowhere. */
  readonly differs?: string;
}

const TIME = 'a time above 0';
const BOOL = 'true on yes y 1, or false off no n 0';
const PACEMAKER = 'For Pacemaker, which heartbeatd does not drive: read, and without effect.';

export const DIRECTIVE_WORDS: Readonly<Record<string, DirectiveWords>> = {
  cluster: { summary: 'the name of cluster', limits: 'a word' },
  hopfudge: { summary: '# of hops above cluster size', limits: '0 to 255' },
  keepalive: { summary: 'keepalive time', limits: TIME },
  deadtime: { summary: 'node deadtime', limits: 'more than twice keepalive' },
  deadping: { summary: 'ping deadtime', limits: 'more than twice keepalive', differs: 'Without effect until ping nodes are watched.' },
  initdead: { summary: 'initial deadtime', limits: 'at least deadtime; better 10 seconds or more' },
  warntime: { summary: 'warning time', limits: TIME, differs: 'Longer than deadtime: a warning, since nothing is ever late then.' },
  watchdog: { summary: 'watchdog device', limits: 'one device, once', differs: 'Not opened yet: named at every start.' },
  baud: {
    summary: 'baud rate',
    limits: '9600 19200 38400 57600 115200 230400 460800; once',
    differs: 'Read and checked; serial lines are not opened yet.',
  },
  udpport: {
    summary: 'UDP port number',
    limits: '1 to 65535',
    differs: 'Below a media line: said only when it happens, with what to do. Above 65535: refused, not cut to 16 bits.',
  },
  logfacility: {
    summary: 'syslog log facility',
    limits: 'none auth authpriv cron daemon ftp kern lpr mail news syslog user uucp security local0 to local7',
  },
  logfile: { summary: 'log file', limits: 'a path of at most 4095 bytes' },
  debugfile: { summary: 'debug file', limits: 'a path of at most 4095 bytes' },
  auto_failback: {
    summary: 'auto failback',
    limits: 'on, off or legacy (also the other words for on and off)',
  },
  rtprio: { summary: 'realtime priority', limits: '1 to 99' },
  hbgenmethod: { summary: 'protocol generation computation method', limits: 'file or time' },
  realtime: { summary: 'enable realtime behavior?', limits: BOOL },
  debug: { summary: 'debug level', limits: '0 to 255' },
  msgfmt: { summary: 'message format in the wire', limits: 'classic or netstring' },
  use_logd: {
    summary: 'use logging daemon',
    limits: BOOL,
    differs: 'heartbeatd writes its log itself; with `yes` it says so and uses logfile, debugfile and logfacility.',
  },
  conn_logd_time: { summary: 'the interval to reconnect to logd', limits: TIME, differs: 'Without effect: there is no ha_logd to reach.' },
  log_badpack: { summary: 'warn about bad packets', limits: BOOL, differs: 'Counted in `cl_status --json` either way.' },
  syslogmsgfmt: { summary: 'log to files in syslog format', limits: BOOL },
  coredumps: {
    summary: 'enable Linux-HA core dumps',
    limits: BOOL,
    differs: 'Without effect: Node.js programs leave no core dumps behind.',
  },
  coreroot: { summary: 'set root directory of core dump area', limits: 'a full path', differs: 'Without effect, as coredumps.' },
  crmd_spawns_pengine: { summary: 'should pengine be spawned directly by heartbeat', limits: BOOL, differs: PACEMAKER },
  pacemaker: {
    summary: 'enable Pacemaker resource management',
    limits: 'no',
    differs: 'Anything that turns Pacemaker on is refused: resources are those of haresources.',
  },
  autojoin: { summary: 'set automatic join mode/style', limits: 'none; with `heartbeat -M` also other or any' },
  uuidfrom: { summary: 'set the source for uuid', limits: 'file or nodename' },
  compression: {
    summary: 'set compression module',
    limits: 'zlib or bz2',
    differs: 'bz2 needs libbz2 on the host; without it the file loads with a warning and nothing is sent compressed.',
  },
  compression_threshold: { summary: 'set compression threshold', limits: 'KB, above 0' },
  traditional_compression: { summary: 'set traditional_compression', limits: BOOL, differs: 'Costs no realtime behaviour here.' },
  max_rexmit_delay: { summary: 'set the maximum rexmit delay time', limits: 'ms, above 0, a plain number' },
  record_config_changes: { summary: 'record changes to the cib (valid only with: pacemaker on)', limits: BOOL, differs: PACEMAKER },
  record_pengine_inputs: {
    summary: 'record the input used by the policy engine (valid only with: pacemaker on)',
    limits: BOOL,
    differs: PACEMAKER,
  },
  enable_config_writes: {
    summary: 'write configuration changes to disk (valid only with: pacemaker on)',
    limits: BOOL,
    differs: PACEMAKER,
  },
  memreserve: {
    summary: 'number of kbytes to preallocate in heartbeat',
    limits: 'KB, above 0',
    differs: 'Without effect: Node.js manages its memory.',
  },
  quorum_server: { summary: 'the name or ip of quorum server', limits: 'a host', differs: PACEMAKER },

  node: {
    limits: 'at most 100 names; this host must be among them, as `uname -n` prints it',
    differs: 'A name listed twice brings a warning; `node a node b` is two nodes. Resources move between two nodes only.',
  },
  bcast: { limits: 'interfaces that exist; at most 64 media in all' },
  ucast: {
    limits: 'an interface, and an IPv4 address or a name that has one',
    differs: 'An interface that is missing is waited for; 3.0.6 starts and dies.',
  },
  mcast: { limits: 'an interface that exists, a group of 224.0.0.0/4, PORT 1 to 65535, TTL 0 to 4, LOOP 0 or 1' },
  serial: { limits: 'full paths of character devices', differs: 'Read and checked, not opened yet.' },
  ucast6: { limits: 'an interface that exists and an IPv6 address', differs: 'Read and checked, not opened yet.' },
  mcast6: {
    limits: 'an interface that exists, a group of ff00::/8, HOPS 0 to 4, LOOP 0 or 1',
    differs: 'Read and checked, not opened yet.',
  },
  ping: { limits: 'addresses or names that have one', differs: 'Not watched yet: named at every start.' },
  ping6: { limits: 'IPv6 addresses or names that have one', differs: 'Not watched yet: named at every start.' },
  ping_group: { limits: 'a name and at least one host', differs: 'Not watched yet: named at every start.' },
  nice_failback: {
    limits: 'on or off',
    differs:
      'Above it no auto_failback: `on` is auto_failback off between heartbeatd nodes and legacy beside 3.0.6, with a warning; `off` is legacy.',
  },
  apiauth: { limits: 'one line for each client; names or numbers, uid and gid in any order' },
  respawn: {
    limits: 'a user of this host and the full path of an executable program',
    differs: 'ipfail and dopd may be missing: the line then loads with a warning.',
  },
  failfast: { limits: 'as respawn', differs: 'The program is run; the reset of the host is not carried out yet: named at every start.' },
  stonith: { limits: 'a type and the file with its parameters', differs: 'Not carried out yet: named at every start.' },
  stonith_host: {
    limits: 'a line for another host is not looked at',
    differs: 'Not carried out yet: named at every start.',
  },
  use_apphbd: { limits: BOOL, differs: 'Without effect: heartbeatd does not register with apphbd.' },
  env: {
    limits: 'the name is not empty',
    differs: '`env STOPRETRYMAX=N`, `env FAILURETIMEOUT=TIME` and `env INIT_DIRS=...` are heeded by the daemon too.',
  },
  crm_daemon_dir: { limits: 'a folder', differs: PACEMAKER },
};
