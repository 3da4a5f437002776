/**
 * Which key signs what we send, and with which key we believe whom.
 *
 * Signing. Beside one 3.0.6 node: the key that this node signs with, for it refuses every other (wire-protocol 2.3).
 * Among our own: the strongest of our `auth` line and of theirs, which they announce; our own where none is stronger. So a
 * change to a stronger key is one for all nodes at the first reload, and one to a weaker key at the last.
 *
 * Believing. A key as strong as the one of our `auth` line, or stronger, from anybody. A weaker one, which is still listed,
 * only from a node whose newest status was signed no stronger, so never again once it has signed with a stronger one; and
 * from a node not heard in this life of ours only when we have listened for a while and its stronger word did not come.
 */
import { assert } from '../base/assert.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { AuthCatalog } from '../contracts/auth.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { AuthConfig, AuthKey, Config } from '../contracts/config.ts';
import type { KeyStatus, StatusSnapshot } from '../contracts/status.ts';
import { FIELD } from '../protocol/fields.ts';
import type { Header } from '../protocol/header.ts';
import type { Message } from '../protocol/message.ts';
import type { Notes } from './notes.ts';

/** A living node says something within one keepalive and its own slowness; one of ours answers at once. */
const LISTEN_KEEPALIVES = 1.5;
/** A standing warning is repeated at this pace. */
const WARN_AGAIN_MS = 600_000;

/** What the newest status of a node tells. */
interface Habit {
  readonly key: AuthKey;
  readonly strength: number;
  /** The key of its `auth` line; undefined from a 3.0.6 node, which signs with it. */
  readonly announced: number | undefined;
  readonly heartbeatd: boolean;
}

export class Keys {
  readonly #catalog: AuthCatalog;
  readonly #membership: Membership;
  readonly #notes: Notes;
  readonly #habits = new WeakMap<NodeRecord, Habit>();
  readonly #warnedAt = new WeakMap<NodeRecord, Instant>();
  #config: Config;
  #listeningSince: Instant | undefined;
  #signing: AuthKey;
  #changed = false;

  constructor(setup: {
    readonly config: Config;
    readonly catalog: AuthCatalog;
    readonly membership: Membership;
    readonly notes: Notes;
  }) {
    this.#config = setup.config;
    this.#catalog = setup.catalog;
    this.#membership = setup.membership;
    this.#notes = setup.notes;
    this.#signing = this.#own;
  }

  configure(config: Config): void {
    const before = this.#config.auth;
    this.#config = config;
    this.#choose();
    // Also where the same key goes on signing: the others need to know our line.
    if (before.signing !== config.auth.signing || before.keys.length !== config.auth.keys.length) this.#changed = true;
  }

  /** The waiting of a node that has just begun. */
  listen(at: Instant): void {
    this.#listeningSince ??= at;
  }

  /** The keys with the one in front that signs now. */
  get sealing(): AuthConfig {
    return { signing: this.#signing.index, keys: [this.#signing] };
  }

  /** true, once: the others should hear from us with what has changed. */
  changed(): boolean {
    const changed = this.#changed;
    this.#changed = false;
    return changed;
  }

  /** For our `status`, where there is a choice. */
  announcement(): readonly (readonly [string, string])[] {
    return this.#config.auth.keys.length > 1 ? [[FIELD.authLine, String(this.#config.auth.signing)]] : [];
  }

  /** A packet whose digest is right. false: it is counted, and not looked at further. */
  admits(now: Now, node: NodeRecord | undefined, keyIndex: number, header: Header, from: string): boolean {
    const key = this.#key(keyIndex);
    const strength = this.#strength(key);
    const ownStrength = this.#strength(this.#own);
    if (strength >= ownStrength) {
      if (node !== undefined && node !== this.#membership.self) this.#overrule(node, header, ownStrength);
      return true;
    }
    if (node === this.#membership.self) {
      // Ours, from before a change of keys, or somebody's who knows no better: it shows nothing.
      if (keyIndex !== this.#signing.index) this.#notes.count('ownWeakKey');
      return keyIndex === this.#signing.index;
    }
    const habit = node === undefined ? undefined : this.#habits.get(node);
    if (node === undefined || (habit !== undefined && strength < habit.strength)) {
      const facts = { node: header.origin, from, index: keyIndex, method: key?.method ?? '?' };
      this.#notes.refused(now, 'weakKeyRefused', facts, from);
      return false;
    }
    if (habit === undefined && this.#listening(now)) {
      this.#notes.count('weakKeyEarly');
      return false;
    }
    this.#warn(now, node, keyIndex);
    return true;
  }

  /** The newest status of a node, admitted, of its present life and no copy. */
  heard(node: NodeRecord, keyIndex: number, message: Message): void {
    const key = this.#key(keyIndex);
    if (key === undefined) return;
    const before = this.#habits.get(node);
    const habit: Habit = {
      key,
      strength: this.#strength(key),
      announced: readIndex(message.get(FIELD.authLine)),
      heartbeatd: message.get('hbd_v') !== undefined,
    };
    this.#habits.set(node, habit);
    if (before !== undefined && before.strength < Math.min(habit.strength, this.#strength(this.#own))) {
      this.#warnedAt.delete(node);
      this.#notes.note('weakKeyOver', { node: node.name, index: key.index, method: key.method });
    }
    this.#choose();
  }

  of(node: NodeRecord): { readonly key?: KeyStatus; readonly weakKey?: true } {
    if (node === this.#membership.self) return { key: shown(this.#signing) };
    const habit = this.#habits.get(node);
    if (habit === undefined) return {};
    const weak = habit.strength < this.#strength(this.#own);
    return { key: shown(habit.key), ...(weak ? { weakKey: true } : {}) };
  }

  get status(): StatusSnapshot['keys'] {
    return { auth: shown(this.#own), signing: shown(this.#signing) };
  }

  // --- signing ---

  #choose(): void {
    const { key, node } = this.#best();
    if (sameKey(key, this.#signing)) {
      this.#signing = key;
      return;
    }
    this.#signing = key;
    this.#changed = true;
    const facts = { index: key.index, method: key.method };
    if (node === undefined) this.#notes.note('signingOwn', facts);
    else this.#notes.note('signingAs', { ...facts, node: node.name });
  }

  /** What a node said last counts on while it is dead: a cut must not make two out of one choice. */
  #best(): { readonly key: AuthKey; readonly node?: NodeRecord } {
    const own = this.#own;
    const { others } = this.#membership;
    let best: { readonly key: AuthKey; readonly node?: NodeRecord } = { key: own };
    for (const node of others) {
      const habit = this.#habits.get(node);
      if (habit === undefined) continue;
      const key = this.#key(habit.announced ?? habit.key.index);
      if (key === undefined) continue;
      if (others.length === 1 && !habit.heartbeatd) return sameKey(key, own) ? best : { key, node };
      if (habit.heartbeatd && this.#strength(key) > this.#strength(best.key)) best = { key, node };
    }
    return best;
  }

  // --- believing ---

  #listening(now: Now): boolean {
    const { keepaliveMs, initdeadMs } = this.#config;
    const since = this.#listeningSince ?? now.at;
    return now.at - since < Math.min(LISTEN_KEEPALIVES * keepaliveMs, initdeadMs / 2);
  }

  /**
   * Under a weak key anybody may have claimed a life of this node, with numbers so high that the node itself would be taken
   * for a replay ever after. Its first word under a stronger key ends that life.
   */
  #overrule(node: NodeRecord, header: Header, ownStrength: number): void {
    const habit = this.#habits.get(node);
    if (habit === undefined || habit.strength >= ownStrength || header.type !== 'status') return;
    if (header.generation >= node.generation || header.generation === 0) return;
    this.#notes.note('weakLife', { node: node.name });
    node.generation = header.generation - 1;
  }

  #warn(now: Now, node: NodeRecord, keyIndex: number): void {
    const before = this.#warnedAt.get(node);
    if (before !== undefined && now.at - before < WARN_AGAIN_MS) return;
    this.#warnedAt.set(node, now.at);
    const method = this.#key(keyIndex)?.method ?? '?';
    this.#notes.note('weakKey', { node: node.name, index: keyIndex, method, own: this.#own.index });
  }

  // --- the file ---

  get #own(): AuthKey {
    const key = this.#key(this.#config.auth.signing);
    assert(key !== undefined, 'the signing key is listed');
    return key;
  }

  #key(index: number): AuthKey | undefined {
    return this.#config.auth.keys.find((key) => key.index === index);
  }

  #strength(key: AuthKey | undefined): number {
    return key === undefined ? -1 : (this.#catalog.find(key.method)?.strength ?? -1);
  }
}

function readIndex(text: string | undefined): number | undefined {
  return text !== undefined && /^(0|[1-9][0-9]?)$/.test(text) ? Number(text) : undefined;
}

function shown({ index, method }: AuthKey): KeyStatus {
  return { index, method };
}

/** By what they do, not by their numbers alone: a line may be written anew under its number. */
function sameKey(a: AuthKey, b: AuthKey): boolean {
  return a.index === b.index && a.method === b.method && a.key.length === b.key.length && a.key.every((byte, at) => byte === b.key[at]);
}
