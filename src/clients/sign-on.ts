/** Who may sign on, and what it is told (wire-protocol 10.3). */
import { COMPATIBLE_VERSION, VERSION } from '../base/version.ts';
import { Message } from '../protocol/message.ts';
import { readDecimal, toHex } from '../protocol/numbers.ts';
import { refuseSignOn } from './apiauth.ts';
import { type Client, isClientName } from './client.ts';
import { MAX_CLIENT_NAME_BYTES } from './limits.ts';
import type { ClusterView } from './view.ts';

/** The numbers that `logfacility` has in syslog, as the library of 3.0.6 hands them to openlog. */
const FACILITIES: Readonly<Record<string, number>> = {
  kern: 0,
  user: 8,
  mail: 16,
  daemon: 24,
  auth: 32,
  security: 32,
  syslog: 40,
  lpr: 48,
  news: 56,
  uucp: 64,
  cron: 72,
  authpriv: 80,
  ftp: 88,
  local0: 128,
  local1: 136,
  local2: 144,
  local3: 152,
  local4: 160,
  local5: 168,
  local6: 176,
  local7: 184,
};

export type SignOn =
  | { readonly ok: true; readonly name: string; readonly named: boolean }
  | { readonly ok: false; readonly name: string; readonly reason: string };

/** Compares what the client says of itself with what the kernel says of it. */
export function judgeSignOn(message: Message, client: Client, view: ClusterView, active: boolean): SignOn {
  const { credentials } = client;
  const pid = readDecimal(message.get('pid'));
  // Without a name of its own it is called by its pid.
  const given = message.get('from_id') ?? message.get('pid');
  const name = isClientName(given, MAX_CLIENT_NAME_BYTES) ? given : String(credentials.pid);
  const refuse = (reason: string): SignOn => ({ ok: false, name, reason });
  if (given !== name || pid === undefined) return refuse('invalid id info');
  if (pid !== credentials.pid) return refuse('pid mismatch');
  const uid = readDecimal(message.get('uid'));
  const gid = readDecimal(message.get('gid'));
  if (uid === undefined || gid === undefined) return refuse('invalid id info');
  if (uid !== credentials.uid || gid !== credentials.gid) return refuse('incorrect/false credentials');
  const named = name !== String(pid);
  const reason = refuseSignOn(view.config.apiauth, named ? name : undefined, credentials);
  if (reason !== undefined) return refuse(reason);
  if (named && !active) return refuse('heartbeat is not active yet');
  return { ok: true, name, named };
}

export function signOnAnswer(view: ClusterView, refusal: string | undefined): Message {
  const { config } = view;
  return Message.of(
    ['t', 'hbapi-resp'],
    ['reqtype', 'signon'],
    ...(refusal === undefined
      ? ([['result', 'OK']] as const)
      : ([
          ['info', refusal],
          ['result', 'badreq'],
        ] as const)),
    ['deadtime', toHex(config.deadtimeMs)],
    ['keepalive', toHex(config.keepaliveMs)],
    ['node', config.self],
    ['hbversion', `${COMPATIBLE_VERSION} (heartbeatd ${VERSION})`],
    ['pacemaker', 'false'],
    ['logfacility', String(FACILITIES[config.log.logfacility ?? ''] ?? 0)],
  );
}
