import { printable } from '../base/log-line.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { Roster } from '../cluster/roster.ts';
import type { Now } from '../contracts/basics.ts';
import type { Header } from '../protocol/header.ts';
import type { Message } from '../protocol/message.ts';
import { scriptFields } from '../protocol/script-fields.ts';
import { RESOURCE_TYPES, type ResourceControl } from '../resources/control.ts';
import type { ClientSide } from './client-side.ts';
import type { Events } from './events.ts';
import { announcedDeadtimeMs } from './inbox.ts';
import type { Joining } from './joining.ts';
import { MEMBER_TYPES, type Members } from './members.ts';
import type { Notes } from './notes.ts';
import type { Outbox } from './outbox.ts';
import type { Standstill } from './standstill.ts';

/** Statuses longer than this are cut, and control characters made visible: the text is shown and compared, nothing more (wire-protocol 3.1). */
const STATUS_CHARS_MAX = 64;

export interface PeerParts {
  readonly membership: Membership;
  readonly roster: Roster;
  readonly notes: Notes;
  readonly outbox: Outbox;
  readonly joining: Joining;
  readonly members: Members;
  readonly events: Events;
  readonly clients: ClientSide;
  readonly standstill: Standstill;
  readonly resources: ResourceControl | undefined;
}

/** What the other nodes say and what becomes of them, and which part of the engine is told, in which order. */
export class Peers {
  readonly #parts: () => PeerParts;

  /** The parts know each other in a circle: they are asked for when something happens. */
  constructor(parts: () => PeerParts) {
    this.#parts = parts;
  }

  /** A numbered message, new and for us. */
  deliver(now: Now, node: NodeRecord, header: Header & { readonly sequence: number }, message: Message): void {
    this.#parts().clients.delivered(node, message);
    switch (header.type) {
      case 'status':
        this.#statusHeard(now, node, header.sequence, message);
        break;
      case 'reqnodes':
        this.#parts().joining.nodesAsked(node);
        break;
      case 'repnodes':
        this.#parts().joining.nodesHeard(now, node, message);
        break;
      default:
        if (MEMBER_TYPES.has(header.type)) this.#parts().members.message(now, node, message);
        this.#parts().events.heard(now, node.name, message);
        if (!RESOURCE_TYPES.has(header.type)) return;
        this.#toResources(node, (resources) =>
          resources.message(now, {
            type: header.type,
            from: node.name,
            seq: header.sequence,
            generation: header.generation,
            get: (field) => message.get(field),
            fields: () => scriptFields(message),
          }),
        );
        this.#parts().standstill.heard(now, node, message);
    }
  }

  appeared(now: Now, node: NodeRecord): void {
    this.#parts().outbox.history.peerReturned(node.name);
    // It waits to hear us: do not make it wait for the next beat.
    this.#parts().joining.sendStatus();
    this.#toResources(node, (resources) => resources.peerAppeared(now));
    this.#parts().joining.look(now);
  }

  changed(now: Now, node: NodeRecord): void {
    if (node.status === 'active') this.#toResources(node, (resources) => resources.peerActive(now));
    this.#parts().joining.look(now);
  }

  /** A new life, where an older one was known. */
  restarted(now: Now, node: NodeRecord): void {
    this.#parts().clients.nodeRestarted(node);
    this.#toResources(node, (resources) => resources.peerRestarted(now));
  }

  /** Messages between the two are lost for good, or arrive too late. */
  newsAstray(now: Now, node: NodeRecord): void {
    this.#toResources(node, (resources) => resources.newsAstray(now));
  }

  died(now: Now, node: NodeRecord): void {
    this.#parts().clients.nodeDied(now, node);
    this.#parts().standstill.died(now, node);
    this.#toResources(node, (resources) => resources.peerDied(now));
    this.#parts().events.died(now, node.name);
    this.#parts().joining.look(now);
  }

  removed(now: Now, node: NodeRecord): void {
    this.#parts().outbox.history.forget(node.name);
    this.#parts().joining.look(now);
  }

  returned(now: Now, node: NodeRecord): void {
    this.#parts().outbox.history.peerReturned(node.name);
    this.#parts().joining.sendStatus();
    this.#toResources(node, (resources) => resources.peerReturned(now));
  }

  #statusHeard(now: Now, node: NodeRecord, sequence: number, message: Message): void {
    const status = message.get('st');
    if (status === undefined) {
      this.#parts().notes.refused(now, 'statusWithoutSt', {}, node.name);
      return;
    }
    // Nobody can say this of itself: death is ours to find, with all that follows from it.
    if (status.toLowerCase() === 'dead') return;
    node.heartbeatd = message.get('hbd_v') !== undefined;
    node.legacy = !node.heartbeatd || message.get('hbd_r1') === 'legacy';
    this.#toResources(node, (resources) => resources.peerSpoke?.(now));
    const newer = sequence > node.statusSeq;
    this.#parts().membership.statusHeard(now, node, sequence, printable(status.slice(0, STATUS_CHARS_MAX)), announcedDeadtimeMs(message));
    if (newer) this.#toResources(node, (resources) => resources.absence.peerStatus(now, sequence, message.get('hbd_dead')));
    this.#parts().standstill.heard(now, node, message);
    if (node.statusSeq === sequence) this.#parts().events.statusHeard(node.name, node.status, message);
  }

  #toResources(node: NodeRecord, tell: (resources: ResourceControl) => void): void {
    const { resources, roster } = this.#parts();
    // Resources are a matter between two; started with more nodes there is no resource side at all.
    if (resources !== undefined && node === roster.partner) tell(resources);
  }
}
