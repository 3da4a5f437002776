import { addressOf } from '../base/address.ts';
import type { Now } from '../contracts/basics.ts';
import type { Absence } from './control.ts';
import type { Moves } from './moves.ts';
import { common, isEmpty, type SideSet } from './ownership.ts';
import type { Standby } from './standby.ts';
import type { ResourceNews, ResourceState } from './state.ts';

/** What is quoted of a question. */
const QUESTION_CHARS_MAX = 16;

/** For so long after the end of a silence the peer's word may still be of the time before. */
const APART_MS = 30_000;

/** No script starts while it is not known whether the other node has taken our place: all there is to do with `legacy`. */
export function gateAlone(state: ResourceState): Absence {
  return {
    hold: () => state.work.gate.shut(),
    goOn: (now) => state.work.gate.open(now),
    peerStatus: () => undefined,
    statusFields: [],
    disputed: false,
  };
}

/**
 * This node was away, by its own clocks or by the word of the peer, which has counted it as dead (`hbd_dead`). What the
 * peer holds then is given up at once, addresses first; nothing else is started until the peer has answered.
 */
export class NiceAbsence implements Absence {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  readonly #moves: Moves;
  readonly #say: (news: ResourceNews) => void;
  readonly #decide: (now: Now) => void;

  constructor(state: ResourceState, standby: Standby, moves: Moves, say: (news: ResourceNews) => void, decide: (now: Now) => void) {
    this.#state = state;
    this.#standby = standby;
    this.#moves = moves;
    this.#say = say;
    this.#decide = decide;
  }

  hold(now: Now): void {
    this.#state.awayAt = now.at;
    this.#state.work.gate.shut();
  }

  goOn(now: Now): void {
    this.#state.work.gate.open(now);
    this.#decide(now);
  }

  ask(question: string): void {
    const { phase } = this.#state;
    if (phase === 'starting' || phase === 'stable') this.#say({ ask: true, question });
  }

  get disputed(): boolean {
    const { claimed, peer, peerPresent } = this.#state;
    if (!peerPresent) return false;
    // 3.0.6 counts out what it gives up when its release begins; it is stable, or has left, when that is over.
    return !isEmpty(common(claimed, peer.holds)) || (!peer.speaksOurs && peer.told && !peer.stable);
  }

  get statusFields(): readonly (readonly [string, string])[] {
    return this.#state.counted.fields();
  }

  /** A `resource` asks how things stand here, for whatever reason. */
  answer(get: (field: string) => string | undefined): void {
    const question = get('hbd_q')?.slice(0, QUESTION_CHARS_MAX);
    if (question !== undefined) this.#say({ saw: question });
    else if (get('hbd_ask') !== undefined) this.#say({});
  }

  peerStatus(now: Now, seq: number, countedDead: string | undefined): void {
    // What it has said of its resources since counts more, the end of a hand-over among it.
    if (seq >= this.#state.peer.seq) this.heard(now, countedDead);
  }

  /** What the newest message of the peer says of us. */
  heard(now: Now, countedDead: string | undefined): void {
    const { counted, phase, port, work } = this.#state;
    counted.hear(this.#apart(now) ? undefined : countedDead);
    const word = counted.theirs;
    if (word === undefined || phase !== 'stable') return;
    // Its `resource` that says so may be lost for a while yet: what it holds is not nobody's.
    this.#state.peer.holds = word.holds;
    // What is being stopped already is not asked to stop again.
    const set = common(work.busy ? this.#state.claimed : this.#state.running, word.holds);
    if (isEmpty(set)) return;
    this.#state.awayAt = now.at;
    const keys = this.#state.keys(set);
    if (keys !== '') port.note('countedDead', { keys, node: this.#state.peerView()?.name ?? '' });
    if (work.busy) this.#dropAddresses(set);
    this.#standby.cancel();
    this.#moves.giveUp(now, set, 'away');
  }

  /**
   * We have missed it for as long, by clocks that show no absence of ours: then the wire was cut, and the heal decides. Who was paused, or is
   * not heard while it hears, has missed nothing.
   */
  #apart(now: Now): boolean {
    const { awayAt } = this.#state;
    const endedAt = this.#state.peerView()?.silenceEndedAt;
    return endedAt !== undefined && now.at - endedAt < APART_MS && (awayAt === undefined || awayAt < endedAt - 1000);
  }

  /** Beside the script that is under way, which may take its time. The stop of the groups follows, with its retries. */
  #dropAddresses(set: SideSet): void {
    const { everyGroup, ownership, port, work } = this.#state;
    for (const group of everyGroup) {
      if (!ownership.inSet(group, set) || !work.mayRun(group)) continue;
      for (const resource of work.definition(group).resources) {
        const address = addressOf(resource);
        if (address === undefined) continue;
        port.silence(address);
        port.run({ script: resource.script, args: resource.args, action: 'stop', env: {} }, () => undefined);
      }
    }
  }
}
