import type { NoteCode } from '../base/notes.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import type { Message } from '../protocol/message.ts';
import type { ResourceControl } from '../resources/control.ts';

/** A step comes each keepalive at least, for our own beat: where there was none for so many we got no time. */
const GAP_KEEPALIVES = 2;
/** Beats of ours that were lost on the way, or were due when we stopped: they make the silence that the others have seen longer. */
const LOST_KEEPALIVES = 2;
/** From a return to the end of its release 3.0.6 takes some seconds, and the time of its stop scripts (scenarios 4). */
const LETS_GO_MS = 10_000;
/** An answer that is missing is asked for again at this pace. */
const ASK_KEEPALIVES = 2;

/** Since when nothing is started or announced here, and until when at most. */
interface Hold {
  readonly word: string;
  until: Instant;
  /** A 3.0.6 node that lives and claims what we hold is on its way to let go: no longer than until then. */
  readonly limit: Instant;
  askAt: Instant;
  /** All that waited in the sockets was read: what comes now was sent after we woke. */
  drained: boolean;
}

export interface StandstillParts {
  readonly config: () => Config;
  readonly partner: () => NodeRecord | undefined;
  readonly resources: () => ResourceControl | undefined;
  readonly note: (code: NoteCode, facts: Readonly<Record<string, string | number>>) => void;
  /** Nobody is judged by a silence that began while we were deaf. `anew`: everybody's deadtime begins anew. */
  readonly stoodStill: (now: Now, anew: boolean) => void;
  readonly beat: () => void;
  /** Nothing is announced; and then again. */
  readonly quiet: (quiet: boolean) => void;
}

/**
 * Whether this node was away: stopped, starved, suspended, paused. The clocks tell, in each step:
 *
 *   monotonic   a step much later than the one before: the process stood still
 *   boot        has gone on while the monotonic one stood still: the machine was suspended
 *   wall        has jumped ahead of both: a machine that was paused and had its clock set right, or just a clock set right
 *
 * After an absence in which the other node may have counted us as dead and taken what we hold, its deadtime begins anew, and
 * no address is taken up or announced until it has answered a question of ours, or that deadtime is over. The wall clock
 * alone is a doubt and no absence: nobody's deadtime changes, a living peer is asked, for two keepalives at most.
 */
export class Standstill {
  readonly #parts: StandstillParts;
  #seen: Now;
  #hold: Hold | undefined;

  constructor(now: Now, parts: StandstillParts) {
    this.#seen = now;
    this.#parts = parts;
  }

  /** First thing in each step. `speaking`: our beats are on the wire. */
  look(now: Now, speaking: boolean): void {
    const before = this.#seen;
    this.#seen = now;
    if (!speaking) return;
    const { keepaliveMs, deadtimeMs, warntimeMs, self } = this.#parts.config();
    const stoodMs = now.at - before.at;
    const lostMs = Math.max(stoodMs, passed(before.bootAt, now.bootAt) ?? stoodMs);
    const aheadMs = (passed(before.wallMs, now.wallMs) ?? lostMs) - lostMs;
    const grave = deadtimeMs - LOST_KEEPALIVES * keepaliveMs;
    if (lostMs > GAP_KEEPALIVES * keepaliveMs) {
      this.#parts.stoodStill(now, lostMs >= grave);
      // At once: where the monotonic clock stood still, too, our next beat is not due yet, and the others count on.
      this.#parts.beat();
      if (lostMs > warntimeMs) this.#parts.note('lateHeartbeat', { node: self, intervalMs: Math.round(lostMs) });
      if (lostMs >= grave) this.#begin(now, lostMs, this.#parts.partner()?.deadtimeMs ?? 0);
    } else if (aheadMs > Math.max(grave, GAP_KEEPALIVES * keepaliveMs) && this.#parts.partner()?.alive === true) {
      this.#begin(now, aheadMs, GAP_KEEPALIVES * keepaliveMs);
    }
  }

  #begin(now: Now, lostMs: number, mostMs: number): void {
    const { partner, resources, note, quiet } = this.#parts;
    const node = partner();
    if (node === undefined || resources() === undefined) return;
    const until = Math.max(now.at + mostMs, this.#hold?.until ?? now.at);
    this.#hold = { word: Math.floor(now.at).toString(16), until, limit: until + LETS_GO_MS, askAt: now.at, drained: false };
    note('wasAway', { lostMs: Math.round(lostMs), node: node.name });
    quiet(true);
    resources()?.absence.hold(now);
    this.#ask(now);
  }

  #ask(now: Now): void {
    const hold = this.#hold;
    if (hold === undefined) return;
    hold.askAt = now.at + ASK_KEEPALIVES * this.#parts.config().keepaliveMs;
    if (this.#parts.partner()?.alive === true) this.#parts.resources()?.absence.ask?.(hold.word);
  }

  /** A message of the peer, after what it says has had its effect. */
  heard(now: Now, node: NodeRecord, message: Message): void {
    const hold = this.#hold;
    if (hold === undefined || node !== this.#parts.partner()) return;
    const answers = this.#parts.resources()?.absence.ask !== undefined && node.heartbeatd;
    // Without our dialect: whatever it said after we woke. It says then what it took from us, if it did.
    const told = answers ? message.get('hbd_saw') === hold.word : message.type === 'status' && hold.drained;
    const fresh = told || (message.type === 'shutdone' && hold.drained);
    if (fresh && this.#parts.resources()?.absence.disputed !== true) this.#end(now, node.name);
  }

  /** It is dead, by a deadtime that began after we woke: nobody is there to hold what is ours. */
  died(now: Now, node: NodeRecord): void {
    if (this.#hold !== undefined && node === this.#parts.partner()) this.#end(now, node.name);
  }

  nextAlarm(): Instant | undefined {
    return this.#hold === undefined ? undefined : Math.min(this.#hold.until, this.#hold.askAt);
  }

  alarm(now: Now): void {
    const hold = this.#hold;
    if (hold === undefined) return;
    hold.drained = true;
    if (now.at >= hold.until && now.at < hold.limit && this.#letsGo) hold.until = now.at + this.#parts.config().keepaliveMs;
    if (now.at >= hold.until) this.#end(now, this.#parts.partner()?.name ?? '');
    else if (now.at >= hold.askAt) this.#ask(now);
  }

  get #letsGo(): boolean {
    const node = this.#parts.partner();
    return node?.alive === true && !node.heartbeatd && this.#parts.resources()?.absence.disputed === true;
  }

  #end(now: Now, node: string): void {
    this.#hold = undefined;
    this.#parts.note('awayOver', { node });
    this.#parts.quiet(false);
    this.#parts.resources()?.absence.goOn(now);
  }
}

function passed(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}
