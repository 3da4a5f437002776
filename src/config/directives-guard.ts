/** Directives that guard the cluster and that this version does not carry out: they are named again and again (directives 2). */

import type { Directive } from './directive.ts';
import { refuse } from './directive.ts';
import { countMedium } from './directives-media.ts';
import type { LineContext } from './draft.ts';
import { foldNodeName } from './names.ts';
import { shown } from './problems.ts';

function stonithHost(words: readonly string[], line: LineContext): void {
  const [, type = ''] = words;
  if (!isForUs(words, line)) return;
  if (words.length === 0) refuse(line, 'stonith_host', '', '`stonith_host NODE|* TYPE PARAMS...`', 'No Stonith hostname argument given');
  else if (type === '') refuse(line, 'stonith_host', words.join(' '), '`stonith_host NODE|* TYPE PARAMS...`', 'No Stonith type given');
}

/** A line for another host is not even looked at (directives 2). */
function isForUs([node = '']: readonly string[], line: LineContext): boolean {
  return node === '*' || node === '' || foldNodeName(node) === foldNodeName(line.host.hostName);
}

function ping(word: 'ping' | 'ping6'): Directive {
  return {
    word,
    form: 'list',
    syntax: `${word} HOST [HOST ...]`,
    help: 'Hosts that answer echoes; programs such as ipfail judge our network by them.',
    status: 'protects',
    recorded: false,
    unguarded: PING_UNGUARDED,
    apply(value, line) {
      if (!countMedium(line)) return;
      if (hasAddress(word, value, line)) line.draft.pingHosts.push({ value, at: line.at });
      else {
        const known = `glib: unknown host: ${shown(value)}; Illegal ${word} [${word} membership] in config file [${shown(value)}]`;
        refuse(
          line,
          word,
          value,
          word === 'ping' ? 'an IPv4 address or a name that has one' : 'an IPv6 address or a name that has one',
          known,
        );
        line.draft.refused.add('media');
      }
    },
  };
}

/** Names are asked for only where the reader may wait. */
function hasAddress(word: 'ping' | 'ping6', value: string, { host }: LineContext): boolean {
  if (word === 'ping') return IPV4.test(value) || host.resolveHost === undefined || host.resolveHost(value) !== undefined;
  if (IPV4.test(value)) return false;
  return value.includes(':') || host.resolveHost6 === undefined || host.resolveHost6(value) !== undefined;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const PING_UNGUARDED = 'a node that loses its service network keeps its resources';

export const GUARD_DIRECTIVES: readonly Directive[] = [
  ping('ping'),
  ping('ping6'),
  {
    word: 'ping_group',
    form: 'wholeLine',
    syntax: 'ping_group NAME HOST [HOST ...]',
    help: 'Hosts that count as one: alive while any of them answers.',
    status: 'protects',
    recorded: false,
    unguarded: PING_UNGUARDED,
    apply([name = '', ...hosts], line) {
      if (!countMedium(line)) return;
      for (const host of hosts) {
        // One that is unknown does no harm to the group.
        if (!hasAddress('ping', host, line)) line.problems.warning(line.at, `glib: unknown host: ${shown(host)}`);
        line.draft.pingHosts.push({ value: host, at: line.at });
      }
      if (hosts.length === 0) refuse(line, 'ping_group', name, '`ping_group NAME HOST [HOST ...]`');
    },
  },
  {
    word: 'watchdog',
    form: 'list',
    syntax: 'watchdog DEVICE',
    help: 'Watchdog device that resets a hanging host.',
    status: 'protects',
    unguarded: 'a hanging host is not reset',
    apply(value, line) {
      if (line.draft.seenOnce.has('watchdog')) {
        refuse(line, 'watchdog', value, 'one watchdog device', 'heartbeat: Watchdog device multiply specified.');
      }
      line.draft.seenOnce.add('watchdog');
    },
  },
  {
    word: 'stonith',
    form: 'wholeLine',
    syntax: 'stonith TYPE CONFIGFILE',
    help: 'Device that powers off a dead node.',
    status: 'protects',
    recorded: false,
    unguarded: 'a dead node is not fenced before its resources are taken',
    apply([type = '', file = ''], line) {
      const expected = '`stonith TYPE CONFIGFILE`';
      if (type === '') refuse(line, 'stonith', '', expected, 'No Stonith type given');
      else if (file === '') refuse(line, 'stonith', type, expected, 'Invalid Stonith config file []');
    },
  },
  {
    word: 'stonith_host',
    form: 'wholeLine',
    syntax: 'stonith_host NODE|* TYPE PARAM ...',
    help: 'As stonith, with the parameters on the line; NODE says which host can reach the device.',
    status: 'protects',
    recorded: false,
    unguarded: 'a dead node is not fenced before its resources are taken',
    inert: (words, line) => !isForUs(words, line),
    apply: stonithHost,
  },
];
