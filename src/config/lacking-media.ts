/**
 * The words of media that this version reads but cannot open, judged as 3.0.6 judges them (directives 2, 3), so that
 * a file is good here exactly when it is good there. A medium of the catalog reads its own words.
 */
import type { HostFacts } from '../contracts/config.ts';
import { leadingInteger } from './integers.ts';

const HOPS_MAX = 4;
const PORT_MAX = 65_535;

/** What is wrong with the words after the directive, in the words of 3.0.6; `undefined`: nothing. */
export function faultOfLackingMedium(word: string, words: readonly string[], host: HostFacts): string | undefined {
  switch (word) {
    case 'serial':
      return serialFault(words[0] ?? '', host);
    case 'ucast6':
      return ucast6Fault(words, host);
    case 'mcast6':
      return mcast6Fault(words, host);
    default:
      return undefined;
  }
}

function serialFault(device: string, host: HostFacts): string | undefined {
  const illegal = `Illegal serial [serial ring] in config file [${device}]`;
  if (!device.startsWith('/')) return `glib: Serial port not full pathname [${device}] in config file; ${illegal}`;
  const kind = host.fileKind?.(device) ?? 'characterDevice';
  if (kind === 'missing') return `glib: Nonexistent serial port [${device}] in config file; ${illegal}`;
  return kind === 'other' ? `glib: Serial port [${device}] not a char device in config file; ${illegal}` : undefined;
}

function ucast6Fault([device, address]: readonly string[], host: HostFacts): string | undefined {
  if (device === undefined) return 'glib: ucast6 statement without device';
  if (!host.hasInterface(device)) return `glib: ucast6 device [${device}] is invalid or not set up properly`;
  if (address === undefined) return `glib: ucast6 [${device}] missing ucast6 address`;
  const isPeer = isIpv6(address) && !isIpv6Group(address) && !/^[0:]*:0*[01]?$/.test(address);
  return isPeer ? undefined : `glib: ucast6 [${device}] bad addr [${address}]`;
}

function mcast6Fault([device, group, port, hops, loop]: readonly string[], host: HostFacts): string | undefined {
  if (device === undefined) return 'glib: mcast6 statement without device';
  if (!host.hasInterface(device)) return `glib: mcast6 device [${device}] is invalid or not set up properly`;
  if (group === undefined) return `glib: mcast6 [${device}] missing mcast6 address`;
  if (!isIpv6(group) || !isIpv6Group(group)) return `glib:  mcast6 [${device}] bad addr [${group}]`;
  if (port === undefined) return `glib: mcast6 [${device}] missing port`;
  if (hops === undefined) return `glib: mcast6 [${device}] missing hops`;
  const hopsByte = (leadingInteger(hops) ?? 0) & 0xff;
  if (hopsByte > HOPS_MAX) return `glib:  mcast6 [${device}] bad hops [${hopsByte}]`;
  if (loop === undefined) return `glib: mcast6 [${device}] missing loop`;
  const loopNumber = leadingInteger(loop) ?? 0;
  if (loopNumber !== 0 && loopNumber !== 1) return `glib:  mcast6 [${device}] bad loop [${loopNumber}]`;
  if (!/^[0-9]{1,5}$/.test(port) || Number(port) > PORT_MAX) return `glib: mcast6 [${device}] bad port [${port}]`;
  return undefined;
}

/** The written form of an IPv6 address, with an interface after `%` or without. */
function isIpv6(text: string): boolean {
  const plain = text.replace(/%[^%]+$/, '').replace(/:(?:\d{1,3}\.){3}\d{1,3}$/, ':0:0');
  const halves = plain.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}

function isIpv6Group(address: string): boolean {
  return /^ff/i.test(address);
}
