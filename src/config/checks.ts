/** Rules over the whole of ha.cf, after its last line (directives 2, 3). */

import type { SourceLine } from '../contracts/basics.ts';
import type { HostFacts } from '../contracts/config.ts';
import type { Draft, TimeWord } from './draft.ts';
import { foldNodeName } from './names.ts';
import { type Problems, shown } from './problems.ts';

const KEEPALIVE_DEFAULT_MS = 1000;
const DEADTIME_DEFAULT_MS = 30_000;
const INITDEAD_SOUND_MS = 10_000;
const INITDEAD_SHORT_DEFAULT_MS = 12_000;
const DEADTIME_SHORT_MS = 6000;

export interface Times {
  readonly keepaliveMs: number;
  readonly deadtimeMs: number;
  readonly warntimeMs: number;
  readonly initdeadMs: number;
  readonly deadpingMs: number;
}

/** The times that hold, defaults filled in (directives 2). */
export function effectiveTimes({ times }: Draft): Times {
  const of = (word: TimeWord) => times.get(word)?.value;
  const deadtimeMs = of('deadtime') ?? DEADTIME_DEFAULT_MS;
  return {
    keepaliveMs: of('keepalive') ?? KEEPALIVE_DEFAULT_MS,
    deadtimeMs,
    warntimeMs: of('warntime') ?? Math.max(1, Math.floor(deadtimeMs / 2)),
    initdeadMs: of('initdead') ?? defaultInitdead(deadtimeMs),
    deadpingMs: of('deadping') ?? deadtimeMs,
  };
}

function defaultInitdead(deadtimeMs: number): number {
  if (deadtimeMs > INITDEAD_SOUND_MS) return deadtimeMs;
  return deadtimeMs < DEADTIME_SHORT_MS ? INITDEAD_SHORT_DEFAULT_MS : 2 * deadtimeMs;
}

export function checkHaCf(draft: Draft, host: HostFacts, whole: SourceLine, manageResources: boolean, problems: Problems): void {
  checkNodes(draft, host, whole, problems);
  checkMedia(draft, whole, problems);
  checkTimes(draft, whole, problems);
  checkLog(draft, whole, problems);
  checkFailback(draft, whole, problems);
  checkPingHosts(draft, problems);
  if (manageResources) checkJoining(draft, problems);
}

function checkNodes({ nodes }: Draft, { hostName }: HostFacts, whole: SourceLine, problems: Problems): void {
  const self = foldNodeName(hostName);
  if (nodes.length === 0) problems.error(whole, 'no nodes defined: expected a line `node NAME` for each host');
  if (nodes.length > 2) {
    problems.warning(
      whole,
      `${nodes.length} nodes are configured: resources move between two nodes only, so a dead node is not taken over`,
    );
  }
  if (nodes.includes(self)) return;
  const other = nodes.find((name) => name.split('.')[0] === self.split('.')[0]);
  const hint = other === undefined ? '' : ` The file lists ${shown(other)}: write the name exactly as \`uname -n\` prints it.`;
  problems.error(
    whole,
    `Current node [${shown(self)}] not in configuration! By default, cluster nodes are named by \`uname -n\` and must be declared with a 'node' directive in the ha.cf file. ` +
      `See also: http://linux-ha.org/wiki/Ha.cf#node_directive${hint}`,
  );
}

function checkMedia(draft: Draft, whole: SourceLine, problems: Problems): void {
  // A media line that was refused has had its say.
  if (draft.media.length > 0 || draft.refused.has('media')) return;
  if (draft.lackingMedia.length > 0) {
    const words = [...new Set(draft.lackingMedia)].join(', ');
    problems.error(whole, `No heartbeat media defined: ${words} is not implemented in this version; add bcast, ucast or mcast`);
  } else if (draft.pingHosts.length > 0) {
    // 3.0.6 counts a ping line as a medium and starts, deaf and mute (directives 6).
    problems.warning(
      whole,
      'only ping lines and no way to reach the other node: No working comm channels to write to. Add bcast, ucast or mcast',
    );
  } else problems.error(whole, 'No heartbeat media defined: expected bcast, ucast or mcast');
}

function checkTimes(draft: Draft, whole: SourceLine, problems: Problems): void {
  const { keepaliveMs, deadtimeMs, warntimeMs, initdeadMs, deadpingMs } = effectiveTimes(draft);
  const at = (word: TimeWord) => draft.times.get(word)?.at ?? whole;
  const refused = (...words: TimeWord[]) => words.some((word) => draft.refused.has(word));
  const least = `expected more than twice keepalive, ${2 * keepaliveMs} ms`;
  if (!refused('keepalive', 'deadtime') && deadtimeMs <= 2 * keepaliveMs) {
    // "keeplive" is how 3.0.6 spells it, and what people search for.
    problems.error(at('deadtime'), `Dead time [${deadtimeMs}] is too small compared to keeplive [${keepaliveMs}]: ${least}`);
  }
  if (draft.times.has('deadping') && !refused('keepalive', 'deadping') && deadpingMs <= 2 * keepaliveMs) {
    problems.error(at('deadping'), `Ping dead time [${deadpingMs}] is too small compared to keeplive [${keepaliveMs}]: ${least}`);
  }
  if (!refused('initdead', 'deadtime')) {
    if (initdeadMs < deadtimeMs) {
      problems.error(
        at('initdead'),
        `Initial dead time [${initdeadMs}] is smaller than deadtime [${deadtimeMs}]: expected initdead at least as long as deadtime`,
      );
    } else if (initdeadMs < INITDEAD_SOUND_MS) {
      problems.warning(
        at('initdead'),
        `Initial dead time [${initdeadMs} ms] may be too small! Initial dead time accounts for slow network startup time. It should be >= deadtime and >= 10 seconds`,
      );
    }
  }
  if (draft.times.has('warntime') && !refused('deadtime', 'warntime') && warntimeMs > deadtimeMs) {
    problems.warning(
      at('warntime'),
      `warntime ${warntimeMs} ms is longer than deadtime ${deadtimeMs} ms: nothing is ever reported as late`,
    );
  }
}

function checkLog(draft: Draft, whole: SourceLine, problems: Problems): void {
  const { logfile, debugfile, logfacility, useLogd } = draft;
  // `logfacility none` names no place (directives 2).
  const facility = logfacility !== undefined && logfacility.value !== 'none';
  const named = logfile !== undefined || debugfile !== undefined || facility;
  const refused = ['logfile', 'debugfile', 'logfacility', 'use_logd'].some((word) => draft.refused.has(word));
  if (refused) return;
  if (!named && useLogd?.value === false) {
    problems.error(useLogd.at, 'No log entry found in ha.cf and use_logd is set to off: expected logfile, debugfile or logfacility');
  } else if (!named) {
    problems.warning(
      whole,
      'No log entry found in ha.cf -- use logd: heartbeatd does not log through logd; add logfile, debugfile or logfacility',
    );
  } else if (useLogd?.value === true) {
    const what = logfacility === undefined ? 'logfile/debugfile' : 'logfile/debugfile/logfacility';
    problems.warning(useLogd.at, `logd is enabled but ${what} is still configured in ha.cf: these are used`);
  }
}

function checkFailback(draft: Draft, whole: SourceLine, problems: Problems): void {
  if (draft.refused.has('auto_failback') || draft.refused.has('nice_failback')) return;
  if (draft.autoFailback === undefined || draft.autoFailback === 'legacy') {
    problems.warning(
      whole,
      "Deprecated 'legacy' auto_failback option selected. Please convert to 'auto_failback on'. See documentation for conversion details.",
    );
  }
}

/** A ping host at the far end of the only heartbeat link says nothing that the link does not say. */
function checkPingHosts({ media, pingHosts }: Draft, problems: Problems): void {
  const [only, ...others] = media;
  if (only?.kind !== 'ucast' || others.length > 0) return;
  for (const { value, at } of pingHosts) {
    if (value === only.address) {
      problems.warning(
        at,
        `ping ${shown(value)}: this is the far end of the only heartbeat link; name a host of the service network instead`,
      );
    }
  }
}

/** 3.0.6 has no joining beside haresources: `-M` leaves these alone (directives 3). */
function checkJoining({ autojoin }: Draft, problems: Problems): void {
  if (autojoin === undefined || autojoin.value === 'none') return;
  problems.error(
    autojoin.at,
    `R1 style resource management conflicts with  autojoin set. You need either unset autojoin or enable crm: read \`autojoin ${autojoin.value}\`, ` +
      'expected `autojoin none` (other and any only without haresources: `heartbeat -M`)',
  );
}
