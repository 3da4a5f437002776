/** Directives about the nodes, their times and the traffic between them (directives 2). */

import { parseBoolean } from './booleans.ts';
import type { Directive, ListDirective } from './directive.ts';
import { refuse, warnOfLenientNumber } from './directive.ts';
import type { LineContext, TimeWord } from './draft.ts';
import { leadingInteger, lenientInteger } from './integers.ts';
import { foldNodeName } from './names.ts';
import { shown } from './problems.ts';
import { parseTimeMs, TIME_FORMS, TIME_MAX_MS } from './times.ts';

export const NODES_MAX = 100;
/** 3.0.6 keeps 100 bytes of a name, the final NUL among them. */
const NODE_NAME_BYTES_MAX = 99;
export const UDP_PORT_DEFAULT = 694;

function applyNode(value: string, line: LineContext): void {
  const { draft, problems, at } = line;
  const name = foldNodeName(value);
  if (name === 'node' && isRepeatedWord(line)) {
    problems.warning(
      at,
      `\`${shown(line.lineText)}\`: the second word \`node\` would be a node of that name and is left out: write \`node a b\`, or one line for each`,
    );
    return;
  }
  if (name.startsWith('//')) {
    problems.warning(at, `node ${shown(value)}: taken as a node name: remarks begin with #, not with //`);
  }
  if (draft.nodes.includes(name)) {
    problems.warning(at, `node ${shown(name)}: this node is listed already`);
    return;
  }
  if (draft.nodes.length >= NODES_MAX) {
    refuse(line, 'node', value, `at most ${NODES_MAX} nodes`);
    return;
  }
  if (name.length > NODE_NAME_BYTES_MAX) {
    problems.warning(at, `node ${shown(name)}: longer than the ${NODE_NAME_BYTES_MAX} bytes that Heartbeat 3.0.6 keeps of a name`);
  }
  draft.nodes.push(name);
}

/** `node a node b`: the word between two names, on a host that is not itself called `node`. */
function isRepeatedWord(line: LineContext): boolean {
  if (line.host.hostName.toLowerCase() === 'node') return false;
  const second = line.words.findIndex((word, index) => index > 0 && word.toLowerCase() === 'node');
  return second > 0 && second < line.words.length - 1;
}

function time(word: TimeWord, help: string, fallback?: string): ListDirective {
  return {
    word,
    form: 'list',
    syntax: `${word} TIME`,
    help,
    status: 'implemented',
    ...(fallback === undefined ? {} : { fallback }),
    apply(value, line) {
      const ms = parseTimeMs(value);
      if (ms === undefined || ms <= 0) {
        const known = word === 'warntime' ? `Warn time [${shown(value)}] is invalid.` : undefined;
        refuse(line, word, value, `more than 0, as ${TIME_FORMS}`, known);
        return;
      }
      if (ms === TIME_MAX_MS) line.problems.warning(line.at, `${word} ${shown(value)}: cut to ${TIME_MAX_MS} ms`);
      line.draft.times.set(word, { value: ms, at: line.at });
    },
  };
}

function applyUdpport(value: string, line: LineContext): void {
  const { draft, problems, at } = line;
  const port = lenientInteger(value);
  if (port < 1 || port > 65_535) {
    refuse(line, 'udpport', value, 'a port number, 1 to 65535', `heartbeat: invalid port [${shown(value)}] specified.`);
    return;
  }
  warnOfLenientNumber(line, 'udpport', value, port);
  const owner = line.host.serviceName?.(port);
  if (owner !== undefined && owner !== 'ha-cluster') {
    problems.warning(at, `heartbeat: udp port ${shown(value)} reserved for service "${shown(owner)}".`);
  }
  if (draft.media.some((spec) => spec.kind === 'bcast' || spec.kind === 'ucast')) {
    problems.warning(
      at,
      `heartbeat: udpport setting must precede media statements: the media above use port ${draft.media[0]?.port ?? UDP_PORT_DEFAULT}; put udpport above them`,
    );
  }
  draft.udpport = port;
}

function applyAutoFailback(value: string, line: LineContext): void {
  line.draft.niceFailback = false;
  line.draft.niceFailbackOn = false;
  const on = parseBoolean(value);
  if (on !== undefined) line.draft.autoFailback = on ? 'on' : 'off';
  else if (value.toLowerCase() === 'legacy') line.draft.autoFailback = 'legacy';
  else refuse(line, 'auto_failback', value, 'on, off or legacy');
}

/** As 3.0.6: `legacy` unless an auto_failback line stands above. What `on` was made for is heartbeatd's own (directives 2, 6). */
function applyNiceFailback(value: string, line: LineContext): void {
  const { draft, problems, at } = line;
  const obsolete = 'nice_failback flag is obsolete.. Use auto_failback {on, off, legacy} instead.';
  const on = parseBoolean(value);
  if (on === undefined) {
    const known = `${obsolete} See documentation for details.`;
    refuse(line, 'nice_failback', value, 'on or off; better, write `auto_failback on` or `auto_failback off` instead', known);
    return;
  }
  const written = draft.autoFailback !== undefined && !draft.niceFailback;
  const stays = 'The auto_failback line above stays in force: remove the nice_failback line.';
  if (written && draft.autoFailback !== 'legacy') {
    problems.warning(
      at,
      `${obsolete} 'nice_failback ${value}' has been changed to 'auto_failback off'. See documentation for details. ${stays}`,
    );
    return;
  }
  const means = on
    ? 'Here it is auto_failback off between heartbeatd nodes and legacy beside Heartbeat 3.0.6, which does the same: ' +
      'write `auto_failback off` instead to leave resources where they are, or `auto_failback on` to let them return.'
    : 'With legacy a node that returns takes its resources back: write `auto_failback on` instead for the same, or `auto_failback off` to leave them where they are.';
  problems.warning(
    at,
    // As 3.0.6 has it, also below a line that says legacy.
    `${obsolete} nice_failback ${value} has been strictly interpreted as 'auto_failback legacy'. Consider converting to 'auto_failback on'. ` +
      `When you do, then you can use ipfail, and hb_standby. See documentation for details. ${written ? stays : means}`,
  );
  if (written) return;
  draft.niceFailback = true;
  draft.niceFailbackOn = on;
  draft.autoFailback = 'legacy';
}

export const CLUSTER_DIRECTIVES: readonly Directive[] = [
  {
    word: 'node',
    form: 'list',
    syntax: 'node NAME [NAME ...]',
    help: 'Names of the hosts of the cluster, as `uname -n` prints them; case does not matter.',
    status: 'implemented',
    recorded: false,
    apply: applyNode,
  },
  time('keepalive', 'Time between two heartbeats of this node.', '1000ms'),
  time('deadtime', 'A node that is silent this long is dead. The peer uses the value we announce.', '30000ms'),
  time('warntime', 'A heartbeat later than this is reported; half of deadtime when absent.'),
  time('initdead', 'Deadtime for the first wait after our start, at least deadtime.'),
  time('deadping', 'Deadtime for ping nodes; the same as deadtime when absent.'),
  {
    word: 'hopfudge',
    form: 'list',
    syntax: 'hopfudge N',
    help: 'Hops a packet may make in a serial ring beyond the number of nodes.',
    status: 'implemented',
    fallback: '1',
    apply(value, line) {
      const hops = lenientInteger(value);
      if (hops < 0 || hops > 255) {
        refuse(line, 'hopfudge', value, 'a number from 0 to 255');
        return;
      }
      warnOfLenientNumber(line, 'hopfudge', value, hops);
      line.draft.hopfudge = hops;
    },
  },
  {
    word: 'udpport',
    form: 'list',
    syntax: 'udpport PORT',
    help: 'Port of bcast and ucast; must stand above them. Default: the service ha-cluster/udp, else 694.',
    status: 'implemented',
    apply: applyUdpport,
  },
  {
    word: 'auto_failback',
    form: 'list',
    syntax: 'auto_failback on|off|legacy',
    help: 'Whether resources return to the node named on their haresources line when it comes back.',
    status: 'implemented',
    fallback: 'legacy',
    apply: applyAutoFailback,
  },
  {
    word: 'nice_failback',
    form: 'list',
    syntax: 'nice_failback on|off',
    help: 'Obsolete: use auto_failback.',
    status: 'implemented',
    recorded: false,
    apply: applyNiceFailback,
  },
  {
    word: 'msgfmt',
    form: 'list',
    syntax: 'msgfmt classic|netstring',
    help: 'Form of the packets; classic is understood by every node.',
    status: 'implemented',
    fallback: 'classic',
    apply(value, line) {
      if (value === 'classic' || value === 'netstring') line.draft.msgfmt = value;
      else refuse(line, 'msgfmt', value, 'classic or netstring');
    },
  },
  {
    word: 'max_rexmit_delay',
    form: 'list',
    syntax: 'max_rexmit_delay MS',
    help: 'Longest wait in ms before a lost packet is asked for.',
    status: 'implemented',
    fallback: '250',
    apply(value, line) {
      const ms = leadingInteger(value);
      if (ms === undefined || ms <= 0) {
        refuse(line, 'max_rexmit_delay', value, 'a number of ms above 0', `Invalid max_rexmit_delay time(${shown(value)})`);
      } else line.draft.maxRexmitDelayMs = Math.min(ms, TIME_MAX_MS);
    },
  },
  {
    word: 'env',
    form: 'list',
    syntax: 'env NAME=VALUE',
    help: 'Given to every script as HA_NAME.',
    status: 'implemented',
    recorded: false,
    apply(value, line) {
      const equals = value.indexOf('=');
      if (equals === 0) refuse(line, 'env', value, 'NAME=VALUE', `set_env: invalid nvpair(${shown(value)})`);
      else if (equals < 0) line.problems.warning(line.at, `env ${shown(value)}: sets nothing; expected NAME=VALUE`);
      else line.draft.env.set(value.slice(0, equals), value.slice(equals + 1));
    },
  },
];
