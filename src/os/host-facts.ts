import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { hostname } from 'node:os';
import type { HostFacts } from '../contracts/config.ts';
import { createCompressors } from './compressor.ts';
import { hasInterface } from './interfaces.ts';

export { hasInterface };

/** `uname -n`, as it stands; node names are compared folded. */
export function hostName(): string {
  return hostname();
}

const PORT_MAX = 65535;
const NAME_FILE_BYTES_MAX = 4 * 1024 * 1024;

/** The lines of a table such as /etc/services, as words, without comments. */
function* tableLines(file: string): Generator<readonly string[]> {
  let text: string;
  try {
    text = readFileSync(file, 'latin1').slice(0, NAME_FILE_BYTES_MAX);
  } catch {
    return;
  }
  for (const line of text.split('\n')) {
    const words = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (words.length > 1) yield words;
  }
}

/** The port that /etc/services gives a service (or one of its other names) over a protocol. */
export function servicePort(name: string, protocol = 'udp', file = '/etc/services'): number | undefined {
  for (const [service = '', place = '', ...others] of tableLines(file)) {
    if (service !== name && !others.includes(name)) continue;
    const [port = '', over] = place.split('/');
    if (over === protocol && /^\d{1,5}$/.test(port) && Number(port) <= PORT_MAX) return Number(port);
  }
  return undefined;
}

/** The service that owns a port in /etc/services: `udp port 53 reserved for service "domain"` (directives 2). */
export function serviceName(port: number, protocol = 'udp', file = '/etc/services'): string | undefined {
  for (const [service, place] of tableLines(file)) if (place === `${port}/${protocol}`) return service;
  return undefined;
}

const RESOLVE_LIMIT_MS = 3000;

/**
 * The IPv4 address of a host name: /etc/hosts at once, else whatever the system's resolver says within three
 * seconds. It holds up the caller for that long, so it is for the check of files before the start; without it
 * names are accepted and resolved when their medium opens. Where there is no `getent` the name is given back.
 */
export function resolveHost(name: string, hostsFile = '/etc/hosts'): string | undefined {
  const known = hostsFileAddress(name, hostsFile);
  if (known !== undefined) return known;
  const asked = spawnSync('getent', ['ahostsv4', '--', name], { timeout: RESOLVE_LIMIT_MS, encoding: 'latin1', maxBuffer: 65_536 });
  if (asked.error !== undefined) return (asked.error as NodeJS.ErrnoException).code === 'ENOENT' ? name : undefined;
  return /^\d+(\.\d+){3}(?=\s)/.exec(asked.stdout)?.[0];
}

/** The first IPv6 address of a name, as `resolveHost` finds the IPv4 one; an IPv4 address dressed as one does not count. */
export function resolveHost6(name: string): string | undefined {
  const asked = spawnSync('getent', ['ahostsv6', '--', name], { timeout: RESOLVE_LIMIT_MS, encoding: 'latin1', maxBuffer: 65_536 });
  if (asked.error !== undefined) return (asked.error as NodeJS.ErrnoException).code === 'ENOENT' ? name : undefined;
  return /^(?!::ffff:)[0-9a-f:.%]*:\S*(?=\s)/im.exec(asked.stdout)?.[0];
}

/** Whether a user or group is known: in the system's own file, else to whatever the system asks (LDAP ...) within three seconds. */
export function hasAccount(table: 'passwd' | 'group', name: string): boolean {
  if (name === '' || /^[0-9]+$/.test(name) || name.includes('\0')) return false;
  const asked = spawnSync('getent', [table, '--', name], { timeout: RESOLVE_LIMIT_MS, stdio: 'ignore' });
  // Without an answer nobody can say that it does not exist.
  return asked.status !== 2;
}

/** What lies at a path, links followed. */
export function fileKind(path: string): 'characterDevice' | 'other' | 'missing' {
  try {
    return statSync(path).isCharacterDevice() ? 'characterDevice' : 'other';
  } catch {
    return 'missing';
  }
}

/** Whether this process may execute the file. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function hostsFileAddress(name: string, file: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const [address = '', ...names] of tableLines(file)) {
    if (isIPv4(address) && names.some((known) => known.toLowerCase() === wanted)) return address;
  }
  return undefined;
}

const waitingFacts = {
  resolveHost: (name: string) => resolveHost(name),
  resolveHost6,
  hasUser: (name: string) => hasAccount('passwd', name),
  hasGroup: (name: string) => hasAccount('group', name),
};

/**
 * What reading the files may know of this host. `node` replaces `uname -n`. Names are resolved only for a caller
 * that may wait: the check before a start, never a running daemon.
 */
export function systemHostFacts(node?: string, mayWait = false): HostFacts {
  return {
    ...(mayWait ? waitingFacts : {}),
    isExecutable,
    hasCompression: (name) => createCompressors().find(name) !== undefined,
    fileKind,
    hostName: node ?? hostName(),
    hasInterface,
    servicePort: (name: string) => servicePort(name),
    serviceName: (port: number) => serviceName(port),
  };
}
