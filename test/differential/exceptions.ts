/** Where heartbeatd judges or words a configuration otherwise than Heartbeat 3.0.6, and why. */

export interface VerdictException {
  /** On the name of the configuration. */
  readonly name: RegExp;
  /** Exit statuses. */
  readonly real: number;
  readonly ours: number;
  readonly why: string;
}

export const VERDICTS: readonly VerdictException[] = [
  { name: /^remark of 5200 bytes$/, real: 6, ours: 0, why: 'directives 1: 3.0.6 reads the tail of a long remark as a directive' },
  { name: /^[um]cast $/, real: 139, ours: 6, why: '3.0.6 ends with a segmentation fault' },
  {
    name: /(?:udpport (?:65536|70000)|mcast .* 70000 1 0)$/,
    real: 0,
    ours: 6,
    why: '3.0.6 cuts the number to 16 bits: another port',
  },
  { name: /^mcast .* (?:x 0|1 x)$/, real: 0, ours: 6, why: '3.0.6 takes a word that is no number for 0' },
  { name: /^(?:log|debug)file \/x{4100}$/, real: 0, ours: 6, why: 'directives 2: at most 4095 bytes; the log would be lost' },
  { name: /^crm ccm-only$/, real: 0, ours: 6, why: 'haresources would not be used: there is no Pacemaker mode here' },
  { name: /crm_daemon_dir [^|]/, real: 6, ours: 0, why: "directives 2: accepted; Debian's 3.0.6 refuses it without a word" },
  { name: /(?:^|\| )stonith(?:_host)? /, real: 6, ours: 0, why: 'src/README decision 22: accepted and named at each start' },
  {
    name: /^respawn (?:hacluster \/usr\/lib(?:64)?\/heartbeat\/(?:ipfail|dopd)|nouser \/\S+\/ipfail)(?: |$)/,
    real: 6,
    ours: 0,
    why: 'a host with heartbeatd alone has neither ipfail nor dopd: named at each start',
  },
  {
    name: /^haresources: "n1 A # remark \\\\\\nB C\\n"$/,
    real: 0,
    ours: 6,
    why: 'haresources 1: its two readers disagree; ours follows the engine',
  },
  { name: /^haresources: .* crlf\b/, real: 6, ours: 0, why: 'directives 6: CR LF is stripped, so the backslash is the last character' },
  { name: /^haresources: " ?\\\\\\nn1 A\\n"$|^haresources: "n1#remark/, real: 6, ours: 0, why: 'haresources 1: its two readers disagree' },
];

export interface TextException {
  /** On a line of 3.0.6 without its head. */
  readonly text: RegExp;
  readonly why: string;
}

/** Lines of 3.0.6 that are not about the files. */
export const NOT_OF_THE_FILES: readonly TextException[] = [
  { text: /^Core dumps could be lost|^Consider setting/, why: "the kernel's core_pattern" },
  { text: /^Logging daemon is disabled|^Initializing connection to logging daemon/, why: 'the logging daemon of that moment' },
  { text: /^(?:Heartbeat not started: c|C|Authentication c)onfiguration error/, why: 'the end of a start; --check has its own' },
  { text: /^LoadPlugin on|^Lookup extended|^Table size/, why: 'the insides of its plugin loader' },
  { text: /^Illegal configuration directive/, why: 'repeats the line before' },
];

export const TEXTS: readonly TextException[] = [
  { text: /\[\u00ef\u00bb\u00bf/, why: 'directives 6: named as a byte order mark' },
  { text: /^Illegal directive \[x{50,}/, why: 'directives 1: the tail of a long line, which is one line here' },
  { text: /^(?:Dead|Initial dead|Ping dead) time \[0\]/, why: '0 is refused for itself, with what is expected' },
  { text: /keeplive \[99999999999000\]/, why: 'times are cut to what a timer can hold' },
  { text: /^Segmentation fault/, why: 'the end of 3.0.6, not of its thoughts' },
  { text: /^glib: ucast: interface \[.*\] does not exist/, why: 'directives 6: said although it exists' },
  { text: /^glib: Unable to retrieve local interface address/, why: 'the line after it says what is wrong' },
  { text: /^glib: {2}mcast \[eth1\] bad port \[0\]/, why: 'ours shows the word as written' },
  {
    text: /Stonith (?:type|config file|configuration parameter)|^glib: Cannot open \/nowhere/,
    why: 'src/README decision 22: not looked into',
  },
  { text: /^glib: getaddrinfo\(|mcast6_private\(/, why: 'the words of the resolver for what is a bad port here' },
  { text: /^Traditional compression selected/, why: 'compression costs no realtime here' },
  { text: /haresources exists$|^This file is not used because pacemaker/, why: 'there is no Pacemaker mode here' },
  { text: /^Auth Key \[\d+\] not found|^Missing auth directive/, why: 'follows from a line that was refused' },
  { text: /^Invalid authtype \[,/, why: 'what may be a key is not repeated' },
  { text: /^Auth line \[ /, why: 'outer blanks are not repeated' },
  {
    text: /^Bad nodename in .* \[(?:\\|n1#remark|crlf)\]/,
    why: 'haresources 1, directives 6: its two readers disagree, CR LF is stripped',
  },
];
