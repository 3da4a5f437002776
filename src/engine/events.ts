import type { NoteCode } from '../base/notes.ts';
import type { NodeName, Now } from '../contracts/basics.ts';
import type { AutoFailback, Config } from '../contracts/config.ts';
import type { Effect } from '../contracts/engine.ts';
import { FIELD } from '../protocol/fields.ts';
import type { Message } from '../protocol/message.ts';
import { toHex } from '../protocol/numbers.ts';
import { type ScriptFields, scriptFields } from '../protocol/script-fields.ts';
import { isNumbered } from '../protocol/types.ts';

/**
 * Types that 3.0.6 has a handler for and that no script sees (wire-protocol 7.9). `status` is told on a change; `ask_resources` has a
 * stock script, and every standby leaves it out.
 */
const UNTOLD: ReadonlySet<string> = new Set([
  'status',
  'reqnodes',
  'repnodes',
  'starting',
  'resource',
  'ask_resources',
  'shutdone',
  'addnode',
  'delnode',
  'setweight',
  'setsite',
  'hbapi-clstat',
  'query-cstatus',
  'respond-cstatus',
]);
/** Longer than any file name. */
const TYPE_CHARS_MAX = 255;

interface EventFacts {
  readonly config: Config;
  /** As what the resource side works at present. */
  readonly failback: AutoFailback;
  readonly ownStatus: string;
  /** Asked to stop. */
  readonly stopping: boolean;
}

/**
 * What happens in the cluster, told to the scripts of the site (`rc.d/TYPE`, wire-protocol 7.9). Whether there is a script
 * for it is not known here. The scripts decide nothing: all that those of 3.0.6 do is done by the engine itself.
 */
export class Events {
  readonly #effects: (effect: Effect) => void;
  readonly #facts: () => EventFacts;
  /** What 3.0.6 would have in its table of nodes. */
  readonly #status = new Map<NodeName, string>();
  /** They took their leave, and that was told as their death. */
  readonly #left = new Set<NodeName>();

  constructor(effects: (effect: Effect) => void, facts: () => EventFacts) {
    this.#effects = effects;
    this.#facts = facts;
  }

  /** The newest status of another node. Told when it differs from what was told last. */
  statusHeard(node: NodeName, status: string, message: Message): void {
    if ((this.#status.get(node) ?? 'init') === status) return;
    this.#status.set(node, status);
    this.#left.delete(node);
    this.#tell('status', scriptFields(message));
  }

  died(now: Now, node: NodeName): void {
    this.#status.set(node, 'dead');
    if (!this.#left.delete(node)) this.#gone(now, node);
  }

  /** Links come and go with a note of the membership. */
  noted(code: NoteCode, facts: Readonly<Record<string, string | number>> = {}): void {
    if (code !== 'linkUp' && code !== 'linkDead') return;
    const { node, link } = facts;
    this.#tell('ifstat', { t: 'ifstat', node: String(node), ifname: String(link), st: code === 'linkUp' ? 'up' : 'dead' });
  }

  /** A message from the cluster that is for this node or for all. */
  heard(now: Now, node: NodeName, message: Message): void {
    const { type } = message;
    const { stopping, config, failback } = this.#facts();
    // A stop of ours takes nothing over any more.
    if (stopping && (type === 'shutdone' || type === 'ip-request-resp')) return;
    if (type === 'shutdone' && config.nodes.length <= 2) this.#leaves(now, node, failback);
    if (!UNTOLD.has(type)) this.#tell(type, scriptFields(message));
  }

  /** It goes on to say `active` for a while, and is declared dead in the end: neither is news, but with `legacy`. */
  #leaves(now: Now, node: NodeName, failback: AutoFailback): void {
    if (this.#left.has(node) || this.#status.get(node) === 'dead') return;
    if (failback !== 'legacy') this.#left.add(node);
    this.#gone(now, node);
  }

  /** Made up as 3.0.6 makes it up. */
  #gone(now: Now, node: NodeName): void {
    this.#tell('status', { t: 'status', seq: '1', ts: toHex(now.unixSeconds), src: node, st: 'dead' });
  }

  /** One of ours that has just left, told as those of others are (wire-protocol 12.6). */
  posted(message: Message, wire: { signed(message: Message): Message }): void {
    const { type } = message;
    // What we ask of others is for their scripts.
    if (!isNumbered(type) || UNTOLD.has(type) || type === 'ip-request' || message.get(FIELD.destination) !== undefined) return;
    this.#tell(type, scriptFields(wire.signed(message)));
  }

  /** A message that 3.0.6 sends to itself where this daemon simply acts. */
  unsent(type: string, fields: ScriptFields): void {
    this.#tell(type, fields);
  }

  #tell(type: string, fields: ScriptFields): void {
    if (type === '' || type.length > TYPE_CHARS_MAX) return;
    const { failback, ownStatus } = this.#facts();
    const more = failback === 'legacy' ? {} : { NICEFAILBACK: 'yes' };
    this.#effects({ kind: 'event', type, fields: { ...fields, OSTATUS: ownStatus, ...more } });
  }
}
