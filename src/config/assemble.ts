/** Puts the record together once the files are read without an error. */

import type { AuthConfig, Config, HostFacts, LogConfig, ResourceGroup } from '../contracts/config.ts';
import { effectiveTimes } from './checks.ts';
import type { Directive } from './directive.ts';
import { defaultUdpPort } from './directives-media.ts';
import type { Draft } from './draft.ts';
import { leadingInteger } from './integers.ts';
import { foldNodeName } from './names.ts';
import { parseTimeMs } from './times.ts';

/** Retries of a failed stop when nobody says otherwise (haresources 5). */
export const STOP_RETRY_DEFAULT = 10;
/** How long a failed start counts when nobody says otherwise. */
const FAILURE_TIMEOUT_MS = 3_600_000;
const BYTES_PER_KB = 1024;

interface Parts {
  readonly draft: Draft;
  readonly auth: AuthConfig;
  readonly groups: readonly ResourceGroup[];
  readonly host: HostFacts;
  readonly manageResources: boolean;
  readonly directives: readonly Directive[];
}

export function assembleConfig({ draft, auth, groups, host, manageResources, directives }: Parts): Config {
  const times = effectiveTimes(draft);
  const stopRetryMax = leadingInteger(draft.env.get('STOPRETRYMAX') ?? '');
  return {
    self: foldNodeName(host.hostName),
    nodes: [...draft.nodes],
    ...times,
    maxRexmitDelayMs: draft.maxRexmitDelayMs,
    hopfudge: draft.hopfudge,
    autoFailback: draft.autoFailback ?? 'legacy',
    niceFailback: draft.niceFailbackOn,
    manageResources,
    msgfmt: draft.msgfmt,
    compression: draft.compression,
    compressionThreshold: draft.compressionThresholdKb * BYTES_PER_KB,
    traditionalCompression: draft.traditionalCompression,
    autojoin: draft.autojoin?.value ?? 'none',
    hbgenmethod: draft.hbgenmethod,
    uuidfrom: draft.uuidfrom,
    apiauth: [...draft.apiauth],
    programs: [...draft.programs],
    media: [...draft.media],
    auth,
    groups,
    log: logConfig(draft),
    realtime: draft.realtime,
    rtprio: draft.rtprio,
    parameters: parameters(draft, host, directives),
    env: Object.fromEntries(draft.env),
    stopRetryMax: stopRetryMax ?? STOP_RETRY_DEFAULT,
    failureTimeoutMs: failureTimeout(draft.env.get('FAILURETIMEOUT')),
    unmet: [...draft.unmet],
  };
}

/** A time as ha.cf has them; what is none is as if it were not there. */
function failureTimeout(text: string | undefined): number {
  return (text === undefined ? undefined : parseTimeMs(text)) ?? FAILURE_TIMEOUT_MS;
}

function logConfig({ logfile, debugfile, logfacility, debug, syslogmsgfmt, logBadpack }: Draft): LogConfig {
  return {
    ...(logfile === undefined ? {} : { logfile }),
    ...(debugfile === undefined ? {} : { debugfile }),
    ...(logfacility === undefined || logfacility.value === 'none' ? {} : { logfacility: logfacility.value }),
    debug,
    syslogmsgfmt,
    ...(logBadpack ? {} : { badpack: false }),
  };
}

/** Raw texts, then the defaults of what ha.cf lacks; times that depend on others in ms (wire-protocol 7.9). */
function parameters(draft: Draft, host: HostFacts, directives: readonly Directive[]): Readonly<Record<string, string>> {
  const { warntimeMs, initdeadMs, deadpingMs } = effectiveTimes(draft);
  const computed = new Map([
    ['warntime', `${warntimeMs}ms`],
    ['initdead', `${initdeadMs}ms`],
    ['deadping', `${deadpingMs}ms`],
    ['debug', String(draft.debug)],
    ['udpport', String(draft.udpport ?? defaultUdpPort(host))],
  ]);
  const entries: [string, string][] = [];
  for (const { word, aliases = [], recorded, fallback } of directives) {
    const text = recorded === false ? undefined : (draft.raw.get(word) ?? computed.get(word) ?? fallback);
    // Asked for by its other name it is the same (`crm`, `pacemaker`).
    if (text !== undefined) for (const name of [word, ...aliases]) entries.push([name, text]);
  }
  return Object.fromEntries(entries);
}
