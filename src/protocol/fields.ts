/** Field names of the wire (wire-protocol 3 and 4). The words are the protocol's; they never change. */
export const FIELD = {
  type: 't',
  origin: 'src',
  originUuid: 'srcuuid',
  destination: 'dest',
  destinationUuid: 'destuuid',
  /** Hex, from 1 per start; absent on `NS_*`. */
  sequence: 'seq',
  /** Hex. */
  generation: 'hg',
  /** Hex, wall clock in Unix seconds. */
  time: 'ts',
  load: 'ld',
  /** Decimal. */
  ttl: 'ttl',
  /** `INDEX SP DIGEST` over the classic rendering of the other fields. */
  auth: 'auth',
  /** A whole message, compressed; the algorithm stands beside it, as it does for fields of type 4 (1.4). */
  compressedPayload: '_compressed_payload',
  compressionAlgorithm: '_compression_algorithm',

  /** Decimal, on `status`: the number of the sender's `auth` line. Ours, ignored by 3.0.6. */
  authLine: 'hbd_auth',
  status: 'st',
  /** Hex ms: the time-out that the receiver applies to the sender. */
  deadtime: 'dt',
  /** Decimal, always `1`. */
  protocol: 'protocol',
  /** Hex. */
  acked: 'ackseq',
  /** Decimal in `NS_rexmit`, hex in `NS_nak_rexmit`. */
  first: 'firstseq',
  /** Decimal. */
  last: 'lastseq',
  info: 'info',
  nodes: 'nodelist',
  deletedNodes: 'delnodelist',
  held: 'rsc_hold',
  resourceType: 'rtype',
  /** `1` or `0`. */
  stable: 'isstable',
  address: 'ipaddr',
  weOwn: 'weown',
  ok: 'ok',
  node: 'node',
  result: 'result',
  weight: 'weight',
  site: 'site',
} as const;
