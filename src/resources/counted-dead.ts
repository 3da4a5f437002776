import type { Now } from '../contracts/basics.ts';
import { fromWord, mirrored, type SideSet, toWord } from './ownership.ts';
import type { ResourceState } from './state.ts';

/** `GENERATION TIME SET`: hex, hex (Unix seconds), and what the sender holds, from its viewpoint. */
const FORM = /^([0-9a-f]{1,12}) ([0-9a-f]{1,12}) (none|local|foreign|all)$/;

/** The peer's word that it has counted us as dead. */
interface TheirWord {
  readonly unixSeconds: number;
  /** What it holds, from our viewpoint. */
  readonly holds: SideSet;
}

/**
 * Which of the two nodes has counted the other as dead since they last agreed about who holds what: `hbd_dead` in each
 * status and `resource`. A node that was counted as dead and has not counted the other one was away, or is not heard: the
 * other one has taken over, and keeps what it holds. Both did: they were apart, and the heal decides.
 *
 * The word names the generation that was counted, and only the newest one counts, so an old packet makes nobody give up
 * anything.
 */
export class CountedDead {
  readonly #state: ResourceState;
  #ours: { readonly generation: number; readonly unixSeconds: number } | undefined;
  #theirs: TheirWord | undefined;

  constructor(state: ResourceState) {
    this.#state = state;
  }

  /** The peer is dead to us, and what it held is ours. */
  count(now: Now): void {
    this.#theirs = undefined;
    const generation = this.#state.peerView()?.generation ?? 0;
    // One that was never heard is told by nothing which life of its is meant.
    if (generation > 0) this.#ours = { generation, unixSeconds: now.unixSeconds };
  }

  /** Nothing is held twice any more, or the peer lives anew. */
  settle(): void {
    this.#ours = undefined;
  }

  peerRestarted(): void {
    this.settle();
    this.#theirs = undefined;
  }

  /** For `status` and `resource`. */
  fields(): [string, string][] {
    if (this.#ours === undefined) return [];
    const { generation, unixSeconds } = this.#ours;
    return [['hbd_dead', `${generation.toString(16)} ${unixSeconds.toString(16)} ${toWord(this.#state.claimed)}`]];
  }

  /** The field of a message that is newer than all that counted before; undefined where it has none. */
  hear(text: string | undefined): void {
    const [, generation = '', time = '', word] = FORM.exec(text ?? '') ?? [];
    const holds = fromWord(word);
    const meansUs = Number.parseInt(generation, 16) === this.#state.generation;
    this.#theirs = holds === undefined || !meansUs ? undefined : { unixSeconds: Number.parseInt(time, 16), holds: mirrored(holds) };
  }

  /** Who keeps what both hold; undefined where this does not tell. */
  get keeper(): 'we' | 'they' | undefined {
    // One that does not know the word has not said that it never missed us.
    if (!this.#state.peerPresent || !this.#state.peer.speaksOurs) return undefined;
    if ((this.#ours === undefined) === (this.#theirs === undefined)) return undefined;
    return this.#ours === undefined ? 'they' : 'we';
  }

  /** With `they`: what they hold. */
  get theirs(): TheirWord | undefined {
    return this.keeper === 'they' ? this.#theirs : undefined;
  }
}
