import type { Now } from '../contracts/basics.ts';
import type { AutoFailback, ResourceGroup } from '../contracts/config.ts';
import type { GroupStatus } from '../contracts/status.ts';
import { Ownership, type SideSet, toWord, union } from './ownership.ts';
import { type PeerResources, unknownPeer } from './peer-resources.ts';
import type { PeerView, ResourcePort } from './port.ts';
import { GroupWork, type TakeOrder } from './work.ts';

/**
 * waiting   communication is not up: nothing is known, nothing is said
 * starting  `starting` is out, the peer has not answered it yet
 * stable    own groups were asked for, or are with the peer
 * shutdown  giving everything up for good
 */
export type Phase = 'waiting' | 'starting' | 'stable' | 'shutdown';

/** The facts that the start-up exchange, the standby handshake and the takeover share. */
export class ResourceState {
  readonly self: string;
  readonly generation: number;
  readonly port: ResourcePort;
  readonly ownership: Ownership;
  readonly work: GroupWork;
  readonly groups: readonly ResourceGroup[];
  readonly failback: AutoFailback;
  /** The peer as the membership sees it; undefined when we are configured alone. */
  readonly peerView: () => PeerView | undefined;
  phase: Phase = 'waiting';
  peer: PeerResources = unknownPeer();
  /** What we held before we took the peer's groups at its death; undefined when we did not. */
  before: SideSet | undefined;
  needsFailback = false;

  constructor(setup: {
    readonly self: string;
    readonly generation: number;
    readonly groups: readonly ResourceGroup[];
    readonly failback: AutoFailback;
    readonly stopRetryMax: number;
    readonly port: ResourcePort;
    readonly peerView: () => PeerView | undefined;
  }) {
    this.self = setup.self;
    this.generation = setup.generation;
    this.groups = setup.groups;
    this.failback = setup.failback;
    this.port = setup.port;
    this.peerView = setup.peerView;
    this.ownership = new Ownership(setup.self);
    this.work = new GroupWork(setup.port, setup.stopRetryMax);
  }

  get claimed(): SideSet {
    return this.ownership.claimed;
  }

  /** All that runs here or may: claims, and groups in motion or found running. */
  get running(): SideSet {
    let running = this.claimed;
    for (const group of this.groups) {
      if (this.work.mayRun(group)) running = union(running, { local: false, foreign: false, [this.ownership.sideOf(group)]: true });
    }
    return running;
  }

  groupsIn(set: SideSet): ResourceGroup[] {
    return this.groups.filter((group) => this.ownership.inSet(group, set));
  }

  groupStatus(): GroupStatus[] {
    return this.groups.map((group) => ({
      key: group.key,
      home: group.home,
      resources: group.resources.map((resource) => resource.word),
      state: this.work.state(group),
      ours: this.ownership.owns(group),
    }));
  }

  /** The keys of a set's groups, for the log. */
  keys(set: SideSet): string {
    return this.groupsIn(set)
      .map((group) => group.key)
      .join(' ');
  }

  /** Starts groups that we own, for as long as we do. */
  take(now: Now, groups: readonly ResourceGroup[], order: Omit<TakeOrder, 'wanted'>, finished: (now: Now) => void): void {
    this.work.take(now, groups, { ...order, wanted: (group) => this.ownership.owns(group) }, finished);
  }

  /** The peer lives, as far as we know, and has not taken its leave. */
  get peerPresent(): boolean {
    const peer = this.peerView();
    return peer !== undefined && peer.status !== 'dead' && !this.peer.left;
  }

  /** All the peer may hold: what it claims and, where it tells, what is still in motion there. */
  get peerMayHold(): SideSet {
    return this.peer.runs === undefined ? this.peer.holds : union(this.peer.holds, this.peer.runs);
  }

  /**
   * RES of wire-protocol 7.1, with our additions, which a 3.0.6 node ignores (wire-protocol 3.1). `isstable=1`
   * is only said when nothing moves here: the peer starts its groups on it at once (7.2.1).
   */
  sendResource(moving: boolean, more: { readonly info?: string; readonly ask?: true } = {}): void {
    const fields: [string, string][] = [
      ['rsc_hold', toWord(this.claimed)],
      ['rtype', 'full'],
      ['isstable', moving || this.phase === 'shutdown' ? '0' : '1'],
    ];
    if (more.info !== undefined) fields.push(['info', more.info]);
    fields.push(['hbd_v', '1'], ['hbd_hold', toWord(this.running)], ['hbd_before', toWord(this.before ?? this.claimed)]);
    if (this.peer.startingGeneration !== undefined) fields.push(['hbd_re', this.peer.startingGeneration.toString(16)]);
    if (more.ask === true) fields.push(['hbd_ask', '1']);
    this.port.send('resource', fields);
  }
}
