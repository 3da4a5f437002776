import type { Instant, NodeName, Random } from '../contracts/basics.ts';
import { SequenceTracker } from '../protocol/sequence.ts';
import { NO_UUID } from '../protocol/uuid.ts';

/** One peer seen over one medium. It starts as dead and comes up with the first packet (wire-protocol 6.4). */
export interface Link {
  status: 'up' | 'dead';
  heardAt: Instant;
}

/** What this node knows of another, or of itself. */
export class NodeRecord {
  readonly name: NodeName;
  /** 16 characters; `NO_UUID` until it was heard. */
  uuid = NO_UUID;
  /** `init` until it was heard; then its own word, or `dead`. */
  status = 'init';
  /** Something of its present life was heard. */
  heard = false;
  generation = 0;
  /** Silent this long, it is dead: our own setting until it has announced one (wire-protocol 6.4). */
  deadtimeMs: number;
  /** Its last status, or our start. */
  statusAt: Instant;
  /** The end of the newest silence of at least half our deadtime that we have sat through, and it has not died of. */
  silenceEndedAt: Instant | undefined;
  /** The number of its newest status: an older one, delivered late, says nothing. */
  statusSeq = 0;
  /** The highest number of its present life: what is not above it cannot end its death (5.1 b). */
  highestSeq = 0;
  readonly links = new Map<string, Link>();
  readonly tracker: SequenceTracker;
  /** It was seen to send our fields. */
  heartbeatd = false;
  /** `hb_setweight` and `hb_setsite`: kept and told, they decide nothing here (wire-protocol 4). */
  weight = 100;
  site = '';
  /** It works as `auto_failback legacy`: a 3.0.6 node as `nice_failback` has it. Unknown until its status was heard. */
  legacy: boolean | undefined;

  constructor(name: NodeName, startedAt: Instant, deadtimeMs: number, random: Random, maxRexmitDelayMs: number) {
    this.name = name;
    this.statusAt = startedAt;
    this.deadtimeMs = deadtimeMs;
    this.tracker = new SequenceTracker(random, maxRexmitDelayMs);
  }

  get alive(): boolean {
    return this.heard && this.status !== 'dead';
  }
}
