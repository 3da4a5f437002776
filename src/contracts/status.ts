import type { NodeName } from './basics.ts';

/** A set of resource groups seen from the node that speaks (wire-protocol 7.1). */
export type ResourceSetWord = 'none' | 'local' | 'foreign' | 'all';

export interface LinkStatus {
  readonly name: string;
  readonly status: 'up' | 'dead';
}

export interface NodeStatus {
  readonly name: NodeName;
  readonly type: 'normal' | 'ping';
  /** `hb_setweight`: 100 unless set. */
  readonly weight: number;
  /** `hb_setsite`: empty unless set. */
  readonly site: string;
  /** `init`, `up`, `active`, `dead`, or whatever text the node sent. */
  readonly status: string;
  readonly links: readonly LinkStatus[];
  readonly generation: number;
  /** What the node announced; our own setting until it was heard. */
  readonly deadtimeMs: number;
  /** Since its last status; absent when never heard. */
  readonly heardMsAgo?: number;
  /** true once the node was seen to speak heartbeatd's additions. */
  readonly heartbeatd: boolean;
  /** What its newest status was signed with; absent when it was not heard. */
  readonly key?: KeyStatus;
  /** That key is weaker than the one of our own `auth` line, and is accepted from this node alone until it signs with a stronger one. */
  readonly weakKey?: true;
}

/** One line of authkeys, without its secret. */
export interface KeyStatus {
  readonly index: number;
  readonly method: string;
}

export type GroupState = 'stopped' | 'starting' | 'running' | 'stopping' | 'failed' | 'stopFailed';

export interface FailureStatus {
  /** The resource whose start failed. */
  readonly resource: string;
  /** In a row. */
  readonly times: number;
  readonly agoMs?: number;
  /** Absent: an operator's word, a move onto this node or a start of the daemon ends it, time does not. */
  readonly endsInMs?: number;
}

export interface GroupStatus {
  readonly key: string;
  readonly home: NodeName;
  readonly resources: readonly string[];
  /** What this node does with it. */
  readonly state: GroupState;
  /** This node owns it, as it tells the cluster. */
  readonly ours: boolean;
  /** Its start failed here, and is not tried again until this is cleared or over. */
  readonly failure?: FailureStatus;
  /** Its start failed on that node, too, or there alone. */
  readonly failedOn?: NodeName;
  /** It is in a set of ours, and that node runs it. */
  readonly servedBy?: NodeName;
  /** It is for this node to serve, and no node that is up can. */
  readonly servedByNobody?: true;
}

/** What stands by should this daemon die (README: what happens when the daemon dies). */
export interface GuardianStatus {
  /** A guardian would start the daemon again, or give up what it runs. */
  readonly watches: boolean;
  /** Its process. */
  readonly pid?: number;
  /** Resources that the journal of a life before this one named, which had died. */
  readonly adopted: readonly string[];
}

/** A copy of what the engine knows, for cl_status and for `--json`. Never a live object. */
export interface StatusSnapshot {
  readonly node: NodeName;
  readonly version: string;
  readonly generation: number;
  /** This node's own status: `init`, `up`, `active`, `stopping`. */
  readonly state: string;
  /** `none` `local` `foreign` `all`, or `transition` while resources move (tools 3). */
  readonly rscstatus: ResourceSetWord | 'transition';
  /** `-M`: no resource is managed here, and 3.0.6 has no answer to what is held. */
  readonly unmanaged?: true;
  readonly nodes: readonly NodeStatus[];
  readonly groups: readonly GroupStatus[];
  readonly parameters: Readonly<Record<string, string>>;
  /** Counted refusals and other events, by name. */
  readonly counters: Readonly<Record<string, number>>;
  /** Standing complaints, directives without effect among them. */
  readonly warnings: readonly string[];
  /** `auth`: our own line; `signing`: what our packets are signed with, for the sake of the other node. */
  readonly keys: { readonly auth: KeyStatus; readonly signing: KeyStatus };
  /** Absent where nothing stands by and nothing did. */
  readonly guardian?: GuardianStatus;
}
