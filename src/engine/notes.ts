import { type NoteCode, note } from '../base/notes.ts';
import { RefusalLimiter } from '../base/rate-limit.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Effect } from '../contracts/engine.ts';

type Facts = Readonly<Record<string, string | number>>;

/** Lines for the operator. What the network can provoke is counted always and written at a bounded rate. */
export class Notes {
  readonly counters = new Map<string, number>();
  readonly #effects: (effect: Effect) => void;
  readonly #limiter = new RefusalLimiter();

  constructor(effects: (effect: Effect) => void) {
    this.#effects = effects;
  }

  note(code: NoteCode, facts: Facts = {}): void {
    this.#effects({ kind: 'note', note: note(code, facts) });
  }

  count(code: string): void {
    this.counters.set(code, (this.counters.get(code) ?? 0) + 1);
  }

  refused(now: Now, code: NoteCode, facts: Facts, from: string): void {
    this.count(code);
    const verdict = this.#limiter.refuse(now.at, code, from);
    if (verdict.summary !== undefined) this.#effects({ kind: 'note', note: verdict.summary });
    if (verdict.pass) this.note(code, facts);
  }

  nextAlarm(): Instant | undefined {
    return this.#limiter.nextAlarm();
  }

  alarm(now: Now): void {
    const summary = this.#limiter.flush(now.at);
    if (summary !== undefined) this.#effects({ kind: 'note', note: summary });
  }
}
