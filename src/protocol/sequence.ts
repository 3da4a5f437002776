/**
 * The numbers of one origin within one generation: what is new, what is a copy, what is missing, what to ask
 * for and when, and what to acknowledge (wire-protocol 5.1 d-h, 5.2, 5.3). It knows no node and no packet.
 */
import type { Instant, Random } from '../contracts/basics.ts';
import {
  ACK_PERIOD,
  MAX_GAP,
  MAX_MISSING,
  MAX_NUMBERS_PER_REQUEST,
  MAX_REQUESTS_PER_TURN,
  MIN_REXMIT_DELAY_MS,
  REXMIT_PATIENCE,
  REXMIT_REPEAT_MS,
  REXMIT_SLOW_REPEAT_MS,
  REXMIT_SPACING_MS,
  SHORT_REXMIT_DELAY_MS,
} from './limits.ts';
import type { SequenceRange } from './repair.ts';

export type SequenceVerdict =
  /** In order: hand on. */
  | 'deliver'
  /** Again the newest number: drop, but it proves the link it came by (5.1 e). */
  | 'duplicate'
  /** Hand on; the numbers between are asked for. */
  | 'gapOpened'
  /** Was missing: hand on. */
  | 'gapFilled'
  /** Drop; proves nothing (5.1 h). */
  | 'oldDuplicate'
  /** Hand on; too many were lost to ask for them. Tracking started again here (5.1 f). */
  | 'reset';

export interface Arrival {
  readonly verdict: SequenceVerdict;
  /** Acknowledge everything up to this number now. */
  readonly ack?: number;
  /** With `gapOpened` and `reset`: how many numbers were skipped, and the newest number before. For the note. */
  readonly lost?: { readonly count: number; readonly last: number };
  /** With `gapFilled`: nothing is missing any more. For the note. */
  readonly noneMissing?: boolean;
}

export interface LostForGood {
  /** False: the number was not missing here, nothing changed. */
  readonly wasMissing: boolean;
  readonly noneMissing: boolean;
  readonly ack?: number;
}

interface Request {
  dueAt: Instant;
  asked: number;
}

export class SequenceTracker {
  readonly #random: Random;
  maxRexmitDelayMs: number;
  /** The last digit of the numbers that are acknowledged. */
  readonly trigger: number;
  #last: number | undefined;
  /** Ascending, because gaps open only above all that came before. */
  readonly #missing = new Map<number, Request>();
  /** Everything up to here is acknowledged, or was never ours to acknowledge. */
  #acked = 0;

  constructor(random: Random, maxRexmitDelayMs: number) {
    this.#random = random;
    this.maxRexmitDelayMs = maxRexmitDelayMs;
    this.trigger = random.below(ACK_PERIOD);
  }

  /** The highest number seen since the start or the last reset. */
  get last(): number | undefined {
    return this.#last;
  }

  get missingCount(): number {
    return this.#missing.size;
  }

  /** The origin started again (5.1 c): its next number, whatever it is, is the first. */
  restart(): void {
    this.#last = undefined;
    this.#missing.clear();
    this.#acked = 0;
  }

  /** One numbered message arrived, `sequence` >= 1. */
  accept(sequence: number, at: Instant): Arrival {
    const last = this.#last;
    if (last === undefined) {
      this.#begin(sequence);
      return { verdict: 'deliver', ...this.#ack() };
    }
    if (sequence === last + 1) {
      this.#last = sequence;
      return { verdict: 'deliver', ...this.#ack() };
    }
    if (sequence === last) return { verdict: 'duplicate' };
    if (sequence > last) return this.#gap(last, sequence, at);
    if (!this.#missing.delete(sequence)) return { verdict: 'oldDuplicate' };
    return { verdict: 'gapFilled', noneMissing: this.#missing.size === 0, ...this.#ack() };
  }

  /** A refusal (`NS_nak_rexmit`), to whomever: nobody can send this number any more. */
  lostForGood(sequence: number): LostForGood {
    const wasMissing = this.#missing.delete(sequence);
    return { wasMissing, noneMissing: this.#missing.size === 0, ...(wasMissing ? this.#ack() : {}) };
  }

  /**
   * The requests that are to go out now, in small ranges; they count as sent. Ask only while the origin is
   * up or active. What does not fit into one turn is due a little later.
   */
  due(at: Instant): readonly SequenceRange[] {
    const ranges: { first: number; last: number }[] = [];
    for (const [sequence, request] of this.#missing) {
      if (request.dueAt > at) continue;
      const open = ranges.at(-1);
      if (open !== undefined && open.last === sequence - 1 && sequence - open.first < MAX_NUMBERS_PER_REQUEST) {
        open.last = sequence;
      } else if (ranges.length < MAX_REQUESTS_PER_TURN) {
        ranges.push({ first: sequence, last: sequence });
      } else {
        request.dueAt = at + REXMIT_SPACING_MS;
        continue;
      }
      request.asked += 1;
      request.dueAt = at + (request.asked < REXMIT_PATIENCE ? REXMIT_REPEAT_MS : REXMIT_SLOW_REPEAT_MS);
    }
    return ranges;
  }

  /** When `due` has something to say next. */
  nextDue(): Instant | undefined {
    let next: Instant | undefined;
    for (const { dueAt } of this.#missing.values()) if (next === undefined || dueAt < next) next = dueAt;
    return next;
  }

  #begin(sequence: number): void {
    this.#last = sequence;
    this.#missing.clear();
    // What came before was never tracked, so it is neither acknowledged nor asked for.
    this.#acked = sequence - 1;
  }

  #gap(last: number, sequence: number, at: Instant): Arrival {
    const count = sequence - last - 1;
    const lost = { count, last };
    if (count > MAX_GAP || this.#missing.size + count > MAX_MISSING) {
      this.#begin(sequence);
      return { verdict: 'reset', lost, ...this.#ack() };
    }
    // One delay for the whole gap, so that its requests join into ranges; random, so that peers do not ask in step.
    const least = this.maxRexmitDelayMs < SHORT_REXMIT_DELAY_MS ? 0 : MIN_REXMIT_DELAY_MS;
    const dueAt = at + least + this.#random.below(this.maxRexmitDelayMs - least + 1);
    for (let number = last + 1; number < sequence; number += 1) this.#missing.set(number, { dueAt, asked: 0 });
    this.#last = sequence;
    return { verdict: 'gapOpened', lost };
  }

  /**
   * An acknowledgement covers everything up to its number, so it moves when the highest number with our
   * digit, below which nothing is missing, has grown. One that gets lost is made good by the next; nobody
   * waits for it, and a number that we still ask for is never below it.
   */
  #ack(): { readonly ack?: number } {
    const [firstMissing] = this.#missing.keys();
    const complete = firstMissing === undefined ? (this.#last ?? 0) : firstMissing - 1;
    const candidate = complete - ((complete - this.trigger + ACK_PERIOD) % ACK_PERIOD);
    if (candidate <= this.#acked) return {};
    this.#acked = candidate;
    return { ack: candidate };
  }
}
