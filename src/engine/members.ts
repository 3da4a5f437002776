import type { NoteCode } from '../base/notes.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import { isNodeName, type Roster, readNames } from '../cluster/roster.ts';
import type { NodeName, Now } from '../contracts/basics.ts';
import type { CommandRequest } from '../contracts/engine.ts';
import { FIELD } from '../protocol/fields.ts';
import { MAX_SITE_BYTES } from '../protocol/limits.ts';
import type { Message } from '../protocol/message.ts';
import type { Notes } from './notes.ts';
import type { Outbox } from './outbox.ts';

/** Membership messages (wire-protocol 4): every node acts on them by itself. */
export const MEMBER_TYPES: ReadonlySet<string> = new Set(['addnode', 'delnode', 'setweight', 'setsite']);

type MemberRequest = Extract<CommandRequest, { name: 'addnode' | 'delnode' | 'setweight' | 'setsite' }>;
type Fields = readonly (readonly [string, string])[];

/** Why something is not done: for the caller, and as a line of the log. */
interface Refusal {
  readonly reason: string;
  readonly code: NoteCode;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Nodes are added and deleted, and get a weight and a site, while the cluster runs: by messages of peers and by commands here. */
export class Members {
  readonly #membership: Membership;
  readonly #roster: Roster;
  readonly #outbox: Pick<Outbox, 'send'>;
  readonly #notes: Notes;
  readonly #stop: (now: Now) => void;

  constructor(setup: {
    readonly membership: Membership;
    readonly roster: Roster;
    readonly outbox: Pick<Outbox, 'send'>;
    readonly notes: Notes;
    /** An orderly end of this node. */
    readonly stop: (now: Now) => void;
  }) {
    this.#membership = setup.membership;
    this.#roster = setup.roster;
    this.#outbox = setup.outbox;
    this.#notes = setup.notes;
    this.#stop = setup.stop;
  }

  /** From a peer, authenticated and new. */
  message(now: Now, from: NodeRecord, message: Message): void {
    const request = this.#read(now, message, from.name);
    if (request === undefined) return;
    // A heartbeatd node only says it of nodes that it has declared dead, and has taken over from. 3.0.6 says it of any and
    // judges afterwards: there a living node is not deleted, and does not end.
    if (request.name === 'delnode' && from.heartbeatd && request.nodes.includes(this.#membership.self.name)) {
      this.#notes.note('deletedOurselves', { node: from.name });
      this.#stop(now);
      return;
    }
    for (const { code, facts } of this.#carryOut(now, request)) this.#notes.refused(now, code, facts, from.name);
  }

  /** One packet of the FIFO or of a local program: as 3.0.6, with no answer but the log. */
  local(now: Now, message: Message): undefined {
    const request = this.#read(now, message, 'a local program');
    const refusal = request === undefined ? undefined : this.#refuse(request);
    if (refusal !== undefined) this.#notes.refused(now, refusal.code, refusal.facts, 'a local program');
    else if (request !== undefined) this.#doHere(now, request);
  }

  /** A command of this host: all of it or nothing. Answers why not. */
  command(now: Now, request: MemberRequest): string | undefined {
    const wanted = 'nodes' in request ? { ...request, nodes: [...new Set(request.nodes.map((name) => name.toLowerCase()))] } : request;
    const refusal = this.#refuse(wanted);
    if (refusal === undefined) this.#doHere(now, wanted);
    else this.#notes.note(refusal.code, refusal.facts);
    return refusal?.reason;
  }

  /** Sent first, as 3.0.6 does: its `ttl` counts the nodes of before. */
  #doHere(now: Now, request: MemberRequest): void {
    this.#outbox.send(request.name, this.#fields(request));
    for (const { code, facts } of this.#carryOut(now, request)) this.#notes.note(code, facts);
  }

  #fields(request: MemberRequest): Fields {
    if ('nodes' in request) return [[FIELD.nodes, request.nodes.join(' ')]];
    const value: readonly [string, string] = 'weight' in request ? [FIELD.weight, String(request.weight)] : [FIELD.site, request.site];
    return [[FIELD.node, request.node.toLowerCase()], value];
  }

  // --- what may be done ---

  #refuse(request: MemberRequest): Refusal | undefined {
    switch (request.name) {
      case 'addnode':
        return this.#refuseAdding(request.nodes);
      case 'delnode':
        return this.#refuseDeleting(request.nodes);
      default:
        return this.#membership.find(request.node) === undefined ? unknownNode(request) : undefined;
    }
  }

  #refuseAdding(nodes: readonly NodeName[]): Refusal | undefined {
    if (nodes.length === 0) return refusal('addNodeRefused', 'no node is named');
    for (const name of nodes) {
      const reason = this.#roster.refuseAdding(name);
      if (reason !== undefined) return refusal('addNodeRefused', reason);
    }
    const { partner } = this.#roster;
    if (partner === undefined || !partner.alive || partner.heartbeatd) return undefined;
    // It cannot be told to leave them alone: whichever node dies, 3.0.6 takes everything (wire-protocol 4, trap under R1).
    return refusal(
      'addNodeRefused',
      `${partner.name} runs Heartbeat 3.0.6, which takes over our resources when any third node dies or stays silent`,
    );
  }

  #refuseDeleting(nodes: readonly NodeName[]): Refusal | undefined {
    if (nodes.length === 0) return refusal('deleteNodeFailed', 'no node is named');
    const { name: self } = this.#membership.self;
    if (nodes.includes(self))
      return refusal('deleteNodeFailed', `${self} is this node: stop heartbeat here, and delete it on another node`);
    const stranger = nodes.find((name) => this.#membership.find(name) === undefined);
    if (stranger !== undefined) return refusal('deleteNodeFailed', `node ${stranger.slice(0, 100)} not found in config`);
    const refused = this.#roster.refuseDeleting(nodes);
    return refused === undefined ? undefined : { reason: refused.reason, code: refused.code, facts: refused.facts };
  }

  // --- what is done ---

  /** Answers what could not be done of it. */
  #carryOut(now: Now, request: MemberRequest): readonly Refusal[] {
    const failures: Refusal[] = [];
    switch (request.name) {
      case 'addnode':
        for (const name of request.nodes) {
          const reason = this.#roster.add(now, name);
          if (reason !== undefined) failures.push(refusal('addNodeRefused', reason));
        }
        break;
      case 'delnode': {
        const refused = this.#roster.refuseDeleting(request.nodes);
        if (refused !== undefined) return [{ reason: refused.reason, code: refused.code, facts: refused.facts }];
        for (const name of request.nodes)
          if (!this.#roster.delete(now, name)) failures.push(refusal('deleteNodeFailed', `node ${name.slice(0, 100)} not found in config`));
        break;
      }
      default: {
        const node = this.#membership.find(request.node);
        if (node === undefined) return [unknownNode(request)];
        if (request.name === 'setweight') node.weight = request.weight;
        else node.site = request.site;
      }
    }
    return failures;
  }

  // --- reading ---

  #read(now: Now, message: Message, from: string): MemberRequest | undefined {
    const bad = (detail: string): undefined => {
      this.#notes.refused(now, 'badMemberMessage', { type: message.type, from, detail }, from);
    };
    if (message.type === 'addnode' || message.type === 'delnode') {
      const list = message.get(FIELD.nodes);
      if (list === undefined) return bad('nodelist not found in msg');
      const nodes = [...new Set(readNames(list))];
      return nodes.length > 0 && nodes.every(isNodeName) ? { name: message.type, nodes } : bad('get nodes from nodelist failed');
    }
    const node = message.get(FIELD.node)?.toLowerCase();
    if (node === undefined) return bad('node not found in msg');
    if (!isNodeName(node)) return bad('it names no node');
    if (message.type === 'setweight') {
      const weight = message.get(FIELD.weight) ?? '';
      return WEIGHT.test(weight) ? { name: 'setweight', node, weight: Number.parseInt(weight, 10) } : bad('weight not found in msg');
    }
    const site = message.get(FIELD.site);
    return site === undefined || !isSite(site) ? bad('site not found in msg') : { name: 'setsite', node, site };
  }
}

/** Decimal, and below zero too; 3.0.6 takes anything else for 0. */
const WEIGHT = /^-?[0-9]{1,9}$/;

function isSite(site: string): boolean {
  return site.length <= MAX_SITE_BYTES && /^[ -~\x80-\xff]*$/.test(site);
}

function refusal(code: NoteCode, reason: string): Refusal {
  return { reason, code, facts: { reason } };
}

function unknownNode(request: { readonly name: string; readonly node: string }): Refusal {
  const what = request.name.slice('set'.length);
  const node = request.node.slice(0, 100);
  return { reason: `there is no node ${node}`, code: 'memberUnknown', facts: { what, node } };
}
