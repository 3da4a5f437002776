import type { JobId, Now } from '../contracts/basics.ts';
import type { ScriptJob, ScriptOutcome } from '../contracts/host.ts';

type Ended = (now: Now, outcome: ScriptOutcome) => void;

/** Scripts under way, and what follows the end of each. */
export class Jobs {
  readonly #ended = new Map<JobId, Ended>();
  #next: JobId = 1;

  begin(job: Omit<ScriptJob, 'id'>, ended: Ended): ScriptJob {
    const id = this.#next;
    this.#next += 1;
    this.#ended.set(id, ended);
    return { ...job, id };
  }

  end(id: JobId, now: Now, outcome: ScriptOutcome): void {
    const ended = this.#ended.get(id);
    this.#ended.delete(id);
    ended?.(now, outcome);
  }
}
