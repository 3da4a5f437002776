import type { Instant, Now } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import { NOTHING, type Side } from './ownership.ts';
import type { Standby } from './standby.ts';
import type { ResourceState } from './state.ts';

/** After a failed start the peer is asked this much later (haresources 4). */
const HAND_ON_MS = 30_000;
/** A peer that is away or busy then is looked for again at this pace. */
const LOOK_AGAIN_MS = 5000;

/** Groups whose start failed here: each time, the peer is asked once to try. */
export class FailedStarts {
  readonly #state: ResourceState;
  readonly #standby: Standby;
  readonly #failed = new Map<string, { readonly side: Side; at: Instant; asked: boolean }>();

  constructor(state: ResourceState, standby: Standby) {
    this.#state = state;
    this.#standby = standby;
  }

  add(now: Now, group: ResourceGroup): void {
    if (this.#failed.has(group.id)) return;
    this.#failed.set(group.id, { side: this.#state.ownership.sideOf(group), at: now.at + HAND_ON_MS, asked: false });
  }

  nextAlarm(): Instant | undefined {
    const waiting = [...this.#failed.values()].filter((failed) => !failed.asked).map((failed) => failed.at);
    return waiting.length === 0 ? undefined : Math.min(...waiting);
  }

  alarm(now: Now): void {
    for (const [id, failed] of this.#failed) {
      const group = this.#state.groups.find((candidate) => candidate.id === id);
      if (group === undefined || this.#state.work.state(group) !== 'failed') this.#failed.delete(id);
      else if (!failed.asked && now.at >= failed.at) {
        const owned = this.#state.ownership.owns(group);
        const refused = this.#standby.refusal() !== undefined;
        failed.asked = !owned || !refused;
        failed.at = now.at + LOOK_AGAIN_MS;
        if (owned && !refused) this.#standby.request(now, { ...NOTHING, [failed.side]: true });
      }
    }
  }
}
