/** Message types: the fields that their origin adds, in the order of 3.0.6 (wire-protocol 4). */
interface MessageTypeForm {
  readonly fields: readonly string[];
  /** Fields that may be left out. */
  readonly optional?: readonly string[];
}

export const MESSAGE_TYPES = {
  status: { fields: ['t', 'st', 'dt', 'protocol'] },
  NS_st: { fields: ['t', 'st', 'info'], optional: ['info'] },
  NS_ackmsg: { fields: ['t', 'dest', 'ackseq'] },
  NS_rexmit: { fields: ['t', 'dest', 'firstseq', 'lastseq'] },
  NS_nak_rexmit: { fields: ['t', 'firstseq', 'dest', 'info'] },
  reqnodes: { fields: ['t', 'dest'] },
  repnodes: { fields: ['dest', 't', 'nodelist', 'delnodelist'] },
  starting: { fields: ['t'] },
  resource: { fields: ['t', 'rsc_hold', 'rtype', 'isstable', 'info'], optional: ['rtype', 'isstable', 'info'] },
  ask_resources: { fields: ['t', 'rsc_hold', 'info'] },
  hb_takeover: { fields: ['t', 'rsc_hold'] },
  shutdone: { fields: ['t', 'st'] },
  stonith: { fields: ['t', 'node', 'result'] },
  'ip-request': { fields: ['t', 'ipaddr'] },
  'ip-request-resp': { fields: ['t', 'dest', 'ipaddr', 'weown', 'ok'] },
  addnode: { fields: ['t', 'nodelist'] },
  delnode: { fields: ['t', 'nodelist'] },
  setweight: { fields: ['t', 'node', 'weight'] },
  setsite: { fields: ['t', 'node', 'site'] },
  'hbapi-clstat': { fields: ['t', 'st', 'from_id', 'to_id', 'src', 'info', 'client_gen'], optional: ['info'] },
  'query-cstatus': { fields: ['t', 'dest', 'cn', 'from_id'] },
  'respond-cstatus': { fields: ['t', 'dest', 'result', 'cn', 'to_id', 'cs'] },
} as const satisfies Readonly<Record<string, MessageTypeForm>>;

/** How two daemons repair what was lost between them. */
export const PROTOCOL_TYPES: ReadonlySet<string> = new Set(['NS_ackmsg', 'NS_rexmit', 'NS_nak_rexmit']);

/** Types outside the numbering: no `seq`, no `ld`, never sent again. The name alone decides, also for types we do not know. */
export function isNumbered(type: string): boolean {
  return !type.startsWith('NS_');
}
