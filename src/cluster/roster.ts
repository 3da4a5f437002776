import type { NoteCode } from '../base/notes.ts';
import type { NodeName, Now } from '../contracts/basics.ts';
import { MAX_NODES, MAX_ROSTER_NAME_BYTES } from '../protocol/limits.ts';
import type { Membership } from './membership.ts';
import type { NodeRecord } from './node.ts';

export interface RosterEvents {
  note(code: NoteCode, facts?: Readonly<Record<string, string | number>>): void;
  removed(now: Now, node: NodeRecord): void;
  /** Resources are shared with another node than before, or with nobody. */
  partnerChanged(now: Now): void;
}

export interface DeletionRefusal {
  readonly reason: string;
  readonly code: NoteCode;
  readonly facts: Readonly<Record<string, string>>;
}

/** Names of a list field: blanks between them, at most `MAX_NODES`. */
export function readNames(list: string): NodeName[] {
  return list
    .toLowerCase()
    .split(/\s+/, MAX_NODES + 2)
    .filter((name) => name !== '')
    .slice(0, MAX_NODES);
}

/** What may become the name of a node while we run: ha.cf knows no other, and a log line stays one line. */
export function isNodeName(name: string): boolean {
  return name.length <= MAX_ROSTER_NAME_BYTES && /^[!-<>-~]+$/.test(name);
}

/**
 * Which nodes there are, as it changes while we run: by ha.cf, by hb_addnode and hb_delnode, by what a peer knows, by
 * autojoin. Nothing of it is written to disk: a node that starts again asks its peers (`repnodes`).
 *
 * Resources are a matter between two, whatever the number of nodes: the other node of ha.cf is the *partner*. Any further
 * node is only watched, so one that stays silent moves nothing (with 3.0.6 both nodes then take everything). A partner
 * that was deleted is the partner again when it is added again. Where ha.cf names no other node, one that is added
 * becomes the partner: we hold everything at that moment, and its death changes nothing.
 */
export class Roster {
  readonly #membership: Membership;
  readonly #events: RosterEvents;
  /** Deleted while we run: nobody's word but an operator's brings them back. */
  readonly #deleted = new Set<NodeName>();
  /** Names of ha.cf as it was read last. */
  #file: readonly NodeName[];
  /** Not in ha.cf any more, and living when it was read. */
  readonly #vanished = new Set<NodeName>();
  #partner: NodeRecord | undefined;

  constructor(membership: Membership, file: readonly NodeName[], events: RosterEvents) {
    this.#membership = membership;
    this.#events = events;
    this.#file = file;
    this.#partner = this.#partnerOfFile();
  }

  /** The node that resources are shared with. */
  get partner(): NodeRecord | undefined {
    return this.#partner;
  }

  get names(): readonly NodeName[] {
    return this.#membership.nodes.map(({ name }) => name);
  }

  get deleted(): readonly NodeName[] {
    return [...this.#deleted];
  }

  isDeleted(name: NodeName): boolean {
    return this.#deleted.has(name);
  }

  // --- adding ---

  /** Why this name cannot be added. */
  refuseAdding(name: string): string | undefined {
    if (!isNodeName(name)) return `${JSON.stringify(name.slice(0, MAX_ROSTER_NAME_BYTES))} is no node name`;
    if (this.#membership.find(name) !== undefined) return `node(${name}) already exists`;
    return this.#membership.nodes.length >= MAX_NODES ? `there are ${MAX_NODES} nodes already` : undefined;
  }

  /** An operator's word, here or on another node: it undoes a deletion. */
  add(now: Now, name: NodeName): string | undefined {
    const refusal = this.refuseAdding(name);
    if (refusal !== undefined) return refusal;
    const node = this.#enter(now, name);
    const alone = this.#file.length === 1 && (this.#partner === undefined || this.#partner.status === 'dead');
    if (alone) this.#setPartner(now, node);
    return undefined;
  }

  /** Autojoin: an authenticated stranger. Never one that was deleted. */
  join(now: Now, name: string): NodeRecord | undefined {
    const lower = name.toLowerCase();
    return this.#deleted.has(lower) || this.refuseAdding(lower) !== undefined ? undefined : this.#enter(now, lower, 'nodeJoined');
  }

  /**
   * What a peer says there is (wire-protocol 6.2). Nodes that we lack are added, unless they were deleted; what it has deleted
   * goes here too when it is dead. A mere lack in its list removes nobody: 3.0.6 lets whoever answers decide.
   */
  heard(now: Now, names: readonly NodeName[], deleted: readonly NodeName[]): void {
    for (const name of deleted) {
      const node = this.#membership.find(name);
      if (node === this.#membership.self) continue;
      if (node === undefined) this.#delete(name);
      else if (node.status === 'dead') this.#leave(now, node);
    }
    for (const name of names) if (!this.#deleted.has(name) && this.refuseAdding(name) === undefined) this.#enter(now, name);
  }

  // --- deleting ---

  /** Why these cannot be deleted (wire-protocol 4): they must be dead, and all the others there to hear of it. */
  refuseDeleting(names: readonly NodeName[]): DeletionRefusal | undefined {
    for (const { name, status } of this.#membership.nodes) {
      if (names.includes(name)) {
        if (status !== 'dead')
          return { code: 'deletionOfLiving', facts: { node: name }, reason: `deletion failed: node ${name} is not dead` };
      } else if (status !== 'up' && status !== 'active') {
        const reason = `deletion failed. We don't have all required nodes alive (${name} is ${status})`;
        return { code: 'deletionWithoutAll', facts: { node: name, status }, reason };
      }
    }
    return undefined;
  }

  delete(now: Now, name: NodeName): boolean {
    const node = this.#membership.find(name);
    if (node === undefined || node === this.#membership.self) return false;
    this.#leave(now, node);
    return true;
  }

  // --- ha.cf was read again ---

  /** What is new in the file is added; what is gone from it is removed when it is dead, and otherwise kept. */
  configure(now: Now, file: readonly NodeName[]): void {
    const before = new Set([...this.#file, ...this.#vanished]);
    this.#file = file;
    for (const name of file) {
      this.#vanished.delete(name);
      if (!before.has(name) && this.refuseAdding(name) === undefined) this.#enter(now, name);
    }
    for (const name of before) {
      const node = file.includes(name) ? undefined : this.#membership.find(name);
      if (node === undefined || node === this.#membership.self) this.#vanished.delete(name);
      else if (node.status === 'dead') this.#leave(now, node);
      else {
        this.#vanished.add(name);
        this.#events.note('livingNodeVanished', { node: name, status: node.status });
      }
    }
    if (this.#partner === undefined) this.#setPartner(now, this.#partnerOfFile());
  }

  // --- the table ---

  #enter(now: Now, name: NodeName, code: NoteCode = 'nodeAdded'): NodeRecord {
    this.#deleted.delete(name);
    this.#events.note(code, { node: name });
    const node = this.#membership.add(now, name);
    if (this.#partner === undefined) this.#setPartner(now, this.#partnerOfFile());
    return node;
  }

  #leave(now: Now, node: NodeRecord): void {
    this.#events.note('nodeRemoved', { node: node.name });
    this.#delete(node.name);
    this.#vanished.delete(node.name);
    this.#membership.remove(node);
    if (node === this.#partner) this.#setPartner(now, this.#partnerOfFile());
    this.#events.removed(now, node);
  }

  #delete(name: NodeName): void {
    if (!isNodeName(name)) return;
    this.#deleted.add(name);
    const [oldest] = this.#deleted;
    if (this.#deleted.size > MAX_NODES && oldest !== undefined) this.#deleted.delete(oldest);
  }

  /** The one other node of ha.cf. Of several, none: nobody could say which of them holds what. */
  #partnerOfFile(): NodeRecord | undefined {
    const others = this.#membership.others.filter(({ name }) => this.#file.includes(name));
    return others.length === 1 ? others[0] : undefined;
  }

  #setPartner(now: Now, node: NodeRecord | undefined): void {
    if (node === this.#partner) return;
    this.#partner = node;
    this.#events.partnerChanged(now);
  }
}
