import type { Clients, EventScripts, Programs } from '../src/contracts/clients.ts';

/** What a Config says when ha.cf has no line about it; tests add their own. */
export const PLAIN_CONFIG = {
  maxRexmitDelayMs: 250,
  hopfudge: 1,
  niceFailback: false,
  manageResources: true,
  msgfmt: 'classic',
  compression: 'zlib',
  compressionThreshold: 2048,
  traditionalCompression: false,
  autojoin: 'none',
  hbgenmethod: 'file',
  uuidfrom: 'file',
  apiauth: [],
  programs: [],
  realtime: false,
  rtprio: 1,
  parameters: {},
  env: {},
  stopRetryMax: 10,
  failureTimeoutMs: 3_600_000,
  unmet: [],
} as const;

/** A node with no local programs. */
export const NO_CLIENTS: Clients = { send: () => undefined, close: () => undefined, signal: () => undefined };
export const NO_PROGRAMS: Programs = { start: () => undefined, signal: () => undefined };
export const NO_EVENTS: EventScripts = { run: () => undefined };
