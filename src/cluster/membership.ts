import { assert } from '../base/assert.ts';
import type { NoteCode } from '../base/notes.ts';
import type { Instant, NodeName, Now, Random } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { Header } from '../protocol/header.ts';
import { NodeRecord } from './node.ts';

/** A beat that was due just then, and the next one. */
const GRACE_KEEPALIVES = 2;

/** What follows from a change of a node is for others to decide. */
export interface MembershipEvents {
  note(code: NoteCode, facts?: Readonly<Record<string, string | number>>): void;
  /** Heard for the first time in this life of ours, or in a new life of its own. */
  appeared(now: Now, node: NodeRecord): void;
  restarted(now: Now, node: NodeRecord): void;
  /** Its status text changed to this. */
  changed(now: Now, node: NodeRecord): void;
  died(now: Now, node: NodeRecord): void;
  /** The same life is heard again after its death: a partition has healed. */
  returned(now: Now, node: NodeRecord): void;
  linkChanged(node: NodeRecord, link: string, status: 'up' | 'dead'): void;
}

/** Whether a message may be looked at further. */
export type LifeVerdict = 'current' | 'replay';

/**
 * Who is there: statuses and their lateness, deaths, returns, restarts, links (wire-protocol 6).
 *
 *   init --status--> up --> active --silence--> dead --same generation--> active   (returned)
 *                      any  --higher generation--> its first status               (restarted)
 */
export class Membership {
  readonly self: NodeRecord;
  /** All ordinary nodes, ourselves included: those of ha.cf in its order, then those that were added since. */
  nodes: readonly NodeRecord[];
  /** `nodes` without ourselves. Both lists are made anew when a node comes or goes. */
  others: readonly NodeRecord[];
  readonly #random: Random;
  readonly #byName = new Map<NodeName, NodeRecord>();
  readonly #events: MembershipEvents;
  #config: Config;
  /** Before it, a node is only dead after initdead (6.2). */
  #commUp = false;
  /** Nobody is declared dead before: we were deaf ourselves. */
  #graceUntil: Instant | undefined;
  /** A silence from before we awoke is no silence of others. */
  #awokeAt = Number.NEGATIVE_INFINITY;

  constructor(config: Config, startedAt: Instant, random: Random, events: MembershipEvents) {
    this.#config = config;
    this.#events = events;
    this.#random = random;
    for (const name of new Set([...config.nodes, config.self])) this.#byName.set(name, this.#record(name, startedAt));
    const self = this.#byName.get(config.self);
    assert(self !== undefined, 'we are a node ourselves');
    this.self = self;
    this.nodes = [...this.#byName.values()];
    this.others = this.nodes.filter((node) => node !== self);
  }

  configure(config: Config): void {
    for (const node of this.nodes) {
      if (!node.heard || node === this.self) node.deadtimeMs = config.deadtimeMs;
      node.tracker.maxRexmitDelayMs = config.maxRexmitDelayMs;
    }
    this.#config = config;
    const media = new Set(config.media.map(({ link }) => link));
    for (const node of this.nodes) for (const link of [...node.links.keys()]) if (!media.has(link)) node.links.delete(link);
  }

  /** A node that is not there yet: it has its time-out from now on to be heard. */
  add(now: Now, name: NodeName): NodeRecord {
    const node = this.#record(name, now.at);
    this.#byName.set(name, node);
    this.nodes = [...this.nodes, node];
    this.others = [...this.others, node];
    return node;
  }

  /** Its packets are those of a stranger from now on. */
  remove(node: NodeRecord): void {
    this.#byName.delete(node.name);
    this.nodes = this.nodes.filter((each) => each !== node);
    this.others = this.others.filter((each) => each !== node);
  }

  #record(name: NodeName, at: Instant): NodeRecord {
    return new NodeRecord(name, at, this.#config.deadtimeMs, this.#random, this.#config.maxRexmitDelayMs);
  }

  /** The waiting for absent nodes counts from here. */
  begin(now: Now): void {
    for (const node of this.others) node.statusAt = now.at;
  }

  /**
   * We got no time, or the whole machine stood still: what was sent to us meanwhile is still in the sockets, or is
   * lost. A living peer is heard again within its next beat, so that much is waited before anyone is judged by its silence.
   * `anew`: it was so long that everybody's deadtime begins anew.
   */
  stoodStill(now: Now, anew: boolean): void {
    if (anew) this.#awokeAt = now.at;
    this.#graceUntil = now.at + GRACE_KEEPALIVES * this.#config.keepaliveMs;
  }

  find(name: string): NodeRecord | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Every other node was heard, or is dead: communication is up (6.2). */
  get everyoneKnown(): boolean {
    return this.others.every((node) => node.heard || node.status === 'dead');
  }

  set commUp(up: boolean) {
    this.#commUp = up;
  }

  /** Any accepted packet, or the newest one once more over another medium, keeps a link up (6.3). */
  linkHeard(now: Now, node: NodeRecord, name: string): void {
    let link = node.links.get(name);
    if (link === undefined) {
      link = { status: 'dead', heardAt: now.at };
      node.links.set(name, link);
    }
    link.heardAt = now.at;
    if (link.status === 'up') return;
    link.status = 'up';
    this.#events.note('linkUp', { node: node.name, link: name });
    this.#events.linkChanged(node, name, 'up');
  }

  /**
   * Holds a numbered message against the node's life (5.1 a-c). A higher generation is a new life whatever the
   * message: nothing of the new one is ever judged by what the old one said.
   */
  checkLife(now: Now, node: NodeRecord, header: Header): LifeVerdict {
    if (header.generation < node.generation) return 'replay';
    if (header.generation > node.generation) {
      const first = node.generation === 0;
      node.generation = header.generation;
      node.tracker.restart();
      node.statusSeq = 0;
      node.highestSeq = 0;
      node.statusAt = now.at;
      node.heard = true;
      node.heartbeatd = false;
      node.legacy = undefined;
      node.deadtimeMs = this.#config.deadtimeMs;
      if (node.status === 'dead') node.status = 'init';
      if (!first) {
        this.#events.note('nodeRestart', { node: node.name });
        this.#events.restarted(now, node);
      }
      this.#events.appeared(now, node);
    } else if (node.status === 'dead') {
      // Old packets, kept by somebody, must not bring a dead node back.
      if ((header.sequence ?? 0) <= node.highestSeq) return 'replay';
      this.#comeBack(now, node);
    }
    node.highestSeq = Math.max(node.highestSeq, header.sequence ?? 0);
    return 'current';
  }

  /** Its `status`: the one message that says that it lives. */
  statusHeard(now: Now, node: NodeRecord, sequence: number, status: string, deadtimeMs: number | undefined): void {
    if (sequence <= node.statusSeq) return;
    node.statusSeq = sequence;
    this.#checkLate(now, node);
    node.statusAt = now.at;
    if (deadtimeMs !== undefined) node.deadtimeMs = deadtimeMs;
    if (status === node.status) return;
    node.status = status;
    this.#events.note('nodeStatus', { node: node.name, status });
    this.#events.changed(now, node);
  }

  nextAlarm(): Instant | undefined {
    let next: Instant | undefined;
    const want = (at: Instant) => {
      if (next === undefined || at < next) next = at;
    };
    for (const node of this.others) {
      if (node.status !== 'dead') want(this.#judgedAt(node.statusAt, this.#timeoutMs(node)));
      for (const link of node.links.values()) if (link.status === 'up') want(this.#judgedAt(link.heardAt, node.deadtimeMs));
    }
    return next;
  }

  alarm(now: Now): void {
    for (const node of this.others) {
      if (node.status !== 'dead' && now.at >= this.#judgedAt(node.statusAt, this.#timeoutMs(node))) this.#markDead(now, node);
    }
    for (const node of this.others) {
      for (const [name, link] of node.links) {
        if (link.status === 'dead' || now.at < this.#judgedAt(link.heardAt, node.deadtimeMs)) continue;
        link.status = 'dead';
        this.#events.note('linkDead', { node: node.name, link: name });
        this.#events.linkChanged(node, name, 'dead');
      }
    }
  }

  #judgedAt(heardAt: Instant, timeoutMs: number): Instant {
    const due = Math.max(heardAt, this.#awokeAt) + timeoutMs;
    return Math.max(due, this.#graceUntil ?? due);
  }

  #timeoutMs(node: NodeRecord): number {
    return this.#commUp ? node.deadtimeMs : Math.max(this.#config.initdeadMs, node.heard ? node.deadtimeMs : 0);
  }

  #markDead(now: Now, node: NodeRecord): void {
    this.#events.note('nodeDead', { node: node.name });
    node.status = 'dead';
    node.tracker.restart();
    this.#events.died(now, node);
  }

  #comeBack(now: Now, node: NodeRecord): void {
    const { note } = this.#events;
    note('partitionReturn', { node: node.name });
    note('partitionUrl');
    note('deadtimeSmall');
    note('deadtimeFaq');
    note('deadtimeUrl');
    node.status = 'up';
    node.statusAt = now.at;
    this.#events.returned(now, node);
  }

  #checkLate(now: Now, node: NodeRecord): void {
    if (node.status === 'init') return;
    const intervalMs = Math.round(now.at - node.statusAt);
    if (intervalMs >= this.#config.deadtimeMs / 2) node.silenceEndedAt = now.at;
    if (intervalMs > this.#config.deadtimeMs) this.#events.note('tooLateHeartbeat', { node: node.name, intervalMs });
    else if (intervalMs > this.#config.warntimeMs) this.#events.note('lateHeartbeat', { node: node.name, intervalMs });
  }
}
