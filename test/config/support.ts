import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problems.ts';
import type { Config, ConfigFiles, HostFacts } from '../../src/contracts/config.ts';
import { mediaCatalog } from '../../src/media/index.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';

export const CATALOGS = { media: mediaCatalog, auth: authCatalog };

export const HOST: HostFacts = {
  hostName: 'n1',
  hasInterface: (name) => /^(?:lo|eth[0-3])$/.test(name),
  servicePort: () => undefined,
  serviceName: (port) => (port === 53 ? 'domain' : undefined),
};

export const GOOD = {
  hacf: 'logfile /var/log/ha-log\nkeepalive 1\ndeadtime 5\ninitdead 10\nbcast eth1\nauto_failback on\nnode n1\nnode n2\n',
  authkeys: 'auth 1\n1 sha1 labsecret\n',
  haresources: 'n1 10.77.0.100/24/eth0\n',
};

export interface Texts {
  readonly hacf?: string | undefined;
  readonly authkeys?: string | undefined;
  readonly haresources?: string | undefined;
  readonly authkeysMode?: number;
}

/** Files named in `texts` as given, `undefined` for a missing one; the others good. */
export function files(texts: Texts): ConfigFiles {
  const text = (name: 'hacf' | 'authkeys' | 'haresources') => (name in texts ? texts[name] : GOOD[name]);
  return {
    hacf: { path: '/etc/ha.d//ha.cf', text: text('hacf'), mode: 0o644 },
    authkeys: { path: '/etc/ha.d//authkeys', text: text('authkeys'), mode: texts.authkeysMode ?? 0o600 },
    haresources: { path: '/etc/ha.d//haresources', text: text('haresources'), mode: 0o644 },
  };
}

export function load(texts: Texts, host: HostFacts = HOST): LoadedConfig {
  return loadConfig(files(texts), host, CATALOGS);
}

/** Loads, and fails with the problems when there is an error. */
export function loadGood(texts: Texts, host: HostFacts = HOST): Config {
  const loaded = load(texts, host);
  if (loaded.config === undefined) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

export function lines(loaded: LoadedConfig, severity?: 'error' | 'warning'): readonly string[] {
  return loaded.problems.filter((problem) => severity === undefined || problem.severity === severity).map(formatProblem);
}

/** ha.cf with these lines in place of its `keepalive`, `deadtime`, ... lines. */
export function withLine(line: string): string {
  const word = line.trim().split(/\s/)[0] ?? '';
  return `${GOOD.hacf
    .split('\n')
    .filter((good) => good !== '' && good.split(' ')[0] !== word)
    .join('\n')}\n${line}\n`;
}
