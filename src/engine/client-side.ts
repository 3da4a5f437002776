import { assertNever } from '../base/assert.ts';
import { LocalClients } from '../clients/local-clients.ts';
import type { ClientPort } from '../clients/port.ts';
import type { Treatment } from '../clients/treatment.ts';
import type { ClusterView, NodeView } from '../clients/view.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Now } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { Effect, Input } from '../contracts/engine.ts';
import type { LinkStatus, NodeStatus, StatusSnapshot } from '../contracts/status.ts';
import { finishMessage } from '../protocol/envelope.ts';
import { Message } from '../protocol/message.ts';
import { readPlain } from '../protocol/plain.ts';
import { isNumbered, PROTOCOL_TYPES } from '../protocol/types.ts';
import { LocalMessages } from './local-messages.ts';
import { type LocalCommand, localTakers } from './local-takers.ts';
import type { Members } from './members.ts';
import type { Notes } from './notes.ts';
import type { Outbox } from './outbox.ts';

type ClientInput = Extract<Input, { kind: 'localMessage' | 'clientConnected' | 'clientMessage' | 'clientGone' }>;

/** What 3.0.6 answers itself and shows to nobody (measured). */
const BETWEEN_DAEMONS: ReadonlySet<string> = new Set(['query-cstatus', 'reqnodes', 'repnodes']);

/** The engine's side of its local clients: what they see of the cluster, and how what happens in it reaches them. */
export class ClientSide {
  readonly #clients: LocalClients;
  readonly #setup: ClientSideSetup;
  readonly #local: LocalMessages;

  constructor(setup: ClientSideSetup) {
    this.#setup = setup;
    this.#local = new LocalMessages(localTakers(setup.command, setup.members), setup.notes, (message) => setup.outbox.post(message));
    this.#clients = new LocalClients(this.#port());
  }

  input(now: Now, input: ClientInput): void {
    switch (input.kind) {
      case 'clientConnected':
        this.#clients.connected(input.client, input.credentials);
        break;
      case 'clientMessage':
        this.#clients.message(now, input.client, input.bytes);
        break;
      case 'clientGone':
        this.#clients.gone(input.client);
        break;
      case 'localMessage': {
        const message = readPlain(input.bytes);
        if (message === undefined) this.#setup.notes.refused(now, 'localGarbage', {}, 'FIFO');
        else this.#local.take(now, message, 'the FIFO');
        break;
      }
      default:
        assertNever(input);
    }
  }

  /** At the end of each step: what waited for acknowledgements may go on. */
  drain(now: Now): void {
    this.#clients.drain(now);
  }

  /** A message of our own, on its way out. */
  sent(message: Message): void {
    if (this.#clients.none) return;
    const { config, catalog } = this.#setup;
    const { auth, msgfmt } = config();
    this.#clients.deliver(finishMessage(message, auth, catalog, msgfmt), this.#treatment(message));
  }

  /** Our own packet, come back by the medium: numbered ones are copies by then. */
  loopedBack(message: Message): void {
    if (this.#clients.none) return;
    this.#clients.deliver(message, isNumbered(message.type) ? 'duplicate' : this.#treatment(message));
  }

  heard(message: Message, treatment: Treatment): void {
    this.#clients.deliver(message, treatment);
  }

  /** A numbered message of another node, new and for us, before anything comes of it. */
  delivered(node: NodeRecord, message: Message): void {
    if (message.type === 'query-cstatus') this.#clients.asked(node.name, message);
    if (this.#clients.none || BETWEEN_DAEMONS.has(message.type)) return;
    const unchanged = message.type === 'status' && message.get('st')?.toLowerCase() === node.status.toLowerCase();
    this.#clients.deliver(message, unchanged ? 'unchanged' : 'normal');
    if (message.type === 'respond-cstatus') this.#clients.told(node.name, message);
  }

  /** Made here: a dead node says nothing (wire-protocol 4). */
  nodeDied(now: Now, node: NodeRecord): void {
    if (this.#clients.none) return;
    this.#clients.deliver(deathMessage(now, node.name), 'normal');
    this.#clients.nodeLost(node.name);
  }

  nodeRestarted(node: NodeRecord): void {
    this.#clients.nodeLost(node.name);
  }

  linkChanged(node: string, link: string, status: string): void {
    if (this.#clients.none) return;
    this.#clients.deliver(Message.of(['t', 'ifstat'], ['node', node], ['ifname', link], ['st', status]), 'normal');
  }

  #treatment(message: Message): Treatment {
    if (PROTOCOL_TYPES.has(message.type)) return 'protocol';
    const destination = message.get('dest');
    if (destination !== undefined && destination.toLowerCase() !== this.#setup.config().self) return 'dropped';
    return message.type === 'status' ? 'unchanged' : 'normal';
  }

  #port(): ClientPort {
    const { now, effect, notes, outbox, membership } = this.#setup;
    const active = () => this.#setup.active();
    return {
      send: (client, bytes) => effect({ kind: 'clientSend', client, bytes }),
      close: (client) => effect({ kind: 'clientClose', client }),
      signal: (pid, signal) => effect({ kind: 'clientSignal', pid, signal }),
      refused: (code, facts, from) => notes.refused(now(), code, facts, from),
      view: () => this.#view(),
      get active() {
        return active();
      },
      outstanding: () => outbox.history.outstanding(membership.others.filter((node) => node.alive).map((node) => node.name)),
      post: (message) => outbox.post(message),
      local: (message, from) => this.#local.take(now(), message, `client ${from}`),
    };
  }

  #view(): ClusterView {
    const { config, status, membership, outbox } = this.#setup;
    const known = config();
    return {
      config: known,
      get nodes() {
        return status().nodes.map((node) => {
          const uuid = node.name === known.self ? outbox.uuid : (membership.find(node.name)?.uuid ?? '');
          return nodeView(known, node, uuid);
        });
      },
      get rscstatus() {
        return status().rscstatus;
      },
    };
  }
}

export interface ClientSideSetup {
  readonly now: () => Now;
  readonly config: () => Config;
  readonly catalog: AuthCatalog;
  readonly membership: Membership;
  readonly outbox: Outbox;
  readonly notes: Notes;
  readonly effect: (effect: Effect) => void;
  /** As a command on the control socket. Answers why not. */
  readonly command: LocalCommand;
  readonly members: Members;
  readonly active: () => boolean;
  readonly status: () => StatusSnapshot;
}

/** Every medium is a link to every node, also one over which it was never heard (wire-protocol 6.4). */
function nodeView(config: Config, node: NodeStatus, uuid: string): NodeView {
  const names = node.type === 'normal' ? new Set(config.media.map(({ link }) => link)) : new Set<string>();
  const links: LinkStatus[] = [...names].map((name) => node.links.find((link) => link.name === name) ?? { name, status: 'dead' });
  for (const link of node.links) if (!names.has(link.name)) links.push(link);
  const { name, type, status, weight, site } = node;
  return { name, type, status, weight, site, uuid, links };
}

function deathMessage(now: Now, node: string): Message {
  return Message.of(['t', 'status'], ['seq', '1'], ['ts', now.unixSeconds.toString(16)], ['src', node], ['st', 'dead']);
}
