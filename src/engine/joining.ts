import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Notes } from './notes.ts';
import type { Outbox } from './outbox.ts';

/** An unanswered `reqnodes` is repeated at this pace (wire-protocol 6.2). */
const ASK_AGAIN_MS = 1000;
/** A medium that does not open keeps nobody waiting longer than this. */
const MEDIA_WAIT_MS = 1000;

/** Own status as it goes through a start. */
export type OwnStatus = 'init' | 'up' | 'active';

/**
 * From the first packet to `active` (wire-protocol 6.2), and one status each keepalive from then on.
 *
 *   saved, media open --> init, up --> everyone heard or dead --> reqnodes/repnodes --> active
 */
export class Joining {
  readonly #membership: Membership;
  readonly #outbox: Outbox;
  readonly #notes: Notes;
  readonly #active: (now: Now) => void;
  readonly #mediaPending: Set<string>;
  #keepaliveMs: number;
  #deadtimeMs: number;
  #saved = false;
  #mediaDeadline: Instant | undefined;
  #beatAt: Instant | undefined;
  #askAt: Instant | undefined;
  #asked: NodeRecord | undefined;
  status: OwnStatus = 'init';

  constructor(setup: {
    readonly membership: Membership;
    readonly outbox: Outbox;
    readonly notes: Notes;
    readonly media: readonly string[];
    readonly keepaliveMs: number;
    readonly deadtimeMs: number;
    readonly active: (now: Now) => void;
  }) {
    this.#membership = setup.membership;
    this.#outbox = setup.outbox;
    this.#notes = setup.notes;
    this.#mediaPending = new Set(setup.media);
    this.#keepaliveMs = setup.keepaliveMs;
    this.#deadtimeMs = setup.deadtimeMs;
    this.#active = setup.active;
  }

  configure(keepaliveMs: number, deadtimeMs: number): void {
    this.#keepaliveMs = keepaliveMs;
    this.#deadtimeMs = deadtimeMs;
  }

  started(now: Now): void {
    this.#mediaDeadline = now.at + MEDIA_WAIT_MS;
  }

  saved(now: Now): void {
    this.#saved = true;
    this.#tryOpen(now);
  }

  mediumSettled(now: Now, medium: string): void {
    this.#mediaPending.delete(medium);
    this.#tryOpen(now);
  }

  /** A peer has appeared or died: communication may be up now. */
  look(now: Now): void {
    if (this.status !== 'up' || !this.#membership.everyoneKnown) return;
    if (this.#asked?.alive === true) return;
    this.#asked = this.#membership.others.find((node) => node.alive);
    if (this.#asked === undefined) this.#becomeActive(now);
    else this.#ask(now, this.#asked);
  }

  /** `repnodes` from anyone. Our ha.cf stays what it is: a list that differs is told (3.0.6 would follow it). */
  nodesHeard(now: Now, from: NodeRecord, list: string): void {
    const theirs = list.split(' ').filter((name) => name !== '');
    const ours = [this.#membership.self, ...this.#membership.others].map((node) => node.name);
    if (theirs.length !== ours.length || theirs.some((name) => !ours.includes(name.toLowerCase()))) {
      this.#notes.note('nodeListDiffers', { node: from.name, theirs: theirs.join(' ').slice(0, 400), ours: ours.join(' ') });
    }
    if (this.status === 'up' && this.#asked !== undefined) this.#becomeActive(now);
  }

  sendStatus(): void {
    this.#outbox.send('status', [
      ['st', this.status],
      ['dt', this.#deadtimeMs.toString(16)],
      ['protocol', '1'],
      ['hbd_v', '1'],
    ]);
  }

  nextAlarm(): Instant | undefined {
    const all = [this.#beatAt, this.#askAt, this.#mediaDeadline].filter((at) => at !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  alarm(now: Now): void {
    if (this.#mediaDeadline !== undefined && now.at >= this.#mediaDeadline) {
      this.#mediaDeadline = undefined;
      this.#mediaPending.clear();
      this.#tryOpen(now);
    }
    if (this.#beatAt !== undefined && now.at >= this.#beatAt) {
      // On a fixed grid, so that lateness does not add up; beats that were slept through are not made up for.
      const behind = Math.floor((now.at - this.#beatAt) / this.#keepaliveMs);
      this.#beatAt += (behind + 1) * this.#keepaliveMs;
      this.sendStatus();
    }
    if (this.#askAt !== undefined && now.at >= this.#askAt && this.#asked !== undefined) this.#ask(now, this.#asked);
  }

  #tryOpen(now: Now): void {
    if (!this.#saved || this.#mediaPending.size > 0 || this.#outbox.opened) return;
    this.#mediaDeadline = undefined;
    this.#outbox.open();
    this.#membership.begin(now);
    // The first numbered messages of a generation are statuses (wire-protocol 12.7).
    this.sendStatus();
    this.#become('up');
    this.#beatAt = now.at + this.#keepaliveMs;
    this.look(now);
  }

  #ask(now: Now, node: NodeRecord): void {
    this.#askAt = now.at + ASK_AGAIN_MS;
    this.#outbox.send('reqnodes', [['dest', node.name]]);
  }

  #becomeActive(now: Now): void {
    this.#askAt = undefined;
    this.#asked = undefined;
    this.#membership.commUp = true;
    this.#notes.note('commUp');
    this.#become('active');
    this.#active(now);
  }

  #become(status: OwnStatus): void {
    this.status = status;
    this.#membership.self.status = status;
    this.#notes.note('localStatus', { status });
    this.sendStatus();
  }
}
