import type { Now } from '../contracts/basics.ts';
import type { ResourceSetWord } from '../contracts/status.ts';
import { groupMark } from './loans.ts';
import { fromWord, NOTHING } from './ownership.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

type SetWord = ResourceSetWord | 'failback';

const MOVED_HERE = 'cleared: an operator moves it here';

/** What operators ask for. Each answers why not, or undefined once it is on its way. */
export class Requests {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  /** With what the peer is to clear. */
  readonly #decide: (now: Now, clear?: string) => void;

  constructor(state: ResourceState, standby: Standby, decide: (now: Now, clear?: string) => void) {
    this.#state = state;
    this.#standby = standby;
    this.#decide = decide;
  }

  standby(now: Now, word: SetWord): string | undefined {
    const refusal = this.#standby.refusal();
    if (refusal !== undefined) return refusal;
    const set = word === 'failback' ? 'foreign' : word;
    this.#state.port.note('goingStandby', { set });
    this.#standby.request(now, fromWord(set) ?? NOTHING, 'operator');
    return undefined;
  }

  takeover(now: Now, word: SetWord): string | undefined {
    const refusal = this.#standby.askForTakeover(word);
    if (refusal !== undefined) return refusal;
    const wanted = this.#state.groupsIn(fromWord(word === 'failback' ? 'local' : word) ?? NOTHING);
    if (this.#state.lending.clear(wanted, MOVED_HERE) > 0) this.#decide(now);
    return undefined;
  }

  clearFailures(now: Now, key: string): string | undefined {
    const { groups, lending, phase } = this.#state;
    const named = groups.filter((group) => key === 'all' || group.key === key);
    if (named.length === 0 && key !== 'all') return `no group of that name in haresources: ${key}`;
    if (phase !== 'stable') return 'resources are in flux: try again when they have settled';
    lending.clear(named, 'cleared: an operator said so');
    // A peer may have records of its own, and ours may be on the way to it.
    this.#decide(now, key === 'all' ? 'all' : named.map(groupMark).join(' '));
    return undefined;
  }
}
