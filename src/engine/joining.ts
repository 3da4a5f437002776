import { earliest } from '../base/earliest.ts';
import type { Membership } from '../cluster/membership.ts';
import type { NodeRecord } from '../cluster/node.ts';
import { type Roster, readNames } from '../cluster/roster.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Config } from '../contracts/config.ts';
import { FIELD } from '../protocol/fields.ts';
import type { Message } from '../protocol/message.ts';
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
  readonly #roster: Roster;
  readonly #outbox: Outbox;
  readonly #notes: Notes;
  readonly #active: (now: Now) => void;
  readonly #more: () => readonly (readonly [string, string])[];
  readonly #mediaPending: Set<string>;
  #config: Config;
  #saved = false;
  #mediaDeadline: Instant | undefined;
  #beatAt: Instant | undefined;
  #askAt: Instant | undefined;
  /** With autojoin nobody knows who is still to come: initdead passes in any case (wire-protocol 6.2). */
  #gatherUntil: Instant | undefined;
  #asked: NodeRecord | undefined;
  status: OwnStatus = 'init';

  constructor(setup: {
    readonly membership: Membership;
    readonly roster: Roster;
    readonly outbox: Outbox;
    readonly notes: Notes;
    readonly config: Config;
    readonly active: (now: Now) => void;
    /** More fields for our `status`. */
    readonly more: () => readonly (readonly [string, string])[];
  }) {
    this.#more = setup.more;
    this.#membership = setup.membership;
    this.#roster = setup.roster;
    this.#outbox = setup.outbox;
    this.#notes = setup.notes;
    this.#mediaPending = new Set(setup.config.media.map(({ id }) => id));
    this.#config = setup.config;
    this.#active = setup.active;
  }

  configure(config: Config): void {
    this.#config = config;
    const media = new Set(config.media.map(({ id }) => id));
    for (const id of [...this.#mediaPending]) if (!media.has(id)) this.#mediaPending.delete(id);
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
    if (this.#gatherUntil !== undefined && now.at < this.#gatherUntil) return;
    this.#gatherUntil = undefined;
    if (this.#asked?.alive === true) return;
    this.#asked = this.#membership.others.find((node) => node.alive);
    if (this.#asked === undefined) this.#becomeActive(now);
    else this.#ask(now, this.#asked);
  }

  /** `reqnodes`: names followed by one blank each; a blank alone where there is none. */
  nodesAsked(from: NodeRecord): void {
    const list = (names: readonly string[]): string => names.map((name) => `${name} `).join('') || ' ';
    this.#outbox.send('repnodes', [
      [FIELD.destination, from.name],
      [FIELD.type, 'repnodes'],
      [FIELD.nodes, list(this.#roster.names)],
      [FIELD.deletedNodes, list(this.#roster.deleted)],
    ]);
  }

  /** `repnodes` from anyone. Nodes that we lack are added, nobody is removed for not being listed; what then differs is told. */
  nodesHeard(now: Now, from: NodeRecord, message: Message): void {
    const theirs = [...new Set(readNames(message.get(FIELD.nodes) ?? ''))];
    this.#roster.heard(now, theirs, readNames(message.get(FIELD.deletedNodes) ?? ''));
    const ours = this.#roster.names;
    if (theirs.length !== ours.length || theirs.some((name) => !ours.includes(name))) {
      this.#notes.note('nodeListDiffers', { node: from.name, theirs: theirs.join(' ').slice(0, 400), ours: ours.join(' ') });
    }
    if (this.status === 'up' && this.#asked !== undefined) this.#becomeActive(now);
  }

  sendStatus(): void {
    const { autoFailback, deadtimeMs, niceFailback } = this.#config;
    this.#outbox.send('status', [
      ['st', this.status],
      ['dt', deadtimeMs.toString(16)],
      ['protocol', '1'],
      ['hbd_v', '1'],
      ...this.#outbox.keys.announcement(),
      ...this.#more(),
      ...(autoFailback === 'legacy' && !niceFailback ? [['hbd_r1', 'legacy'] as const] : []),
    ]);
  }

  nextAlarm(): Instant | undefined {
    return earliest([this.#beatAt, this.#askAt, this.#mediaDeadline, this.#gatherUntil]);
  }

  alarm(now: Now): void {
    if (this.#mediaDeadline !== undefined && now.at >= this.#mediaDeadline) {
      this.#mediaDeadline = undefined;
      this.#mediaPending.clear();
      this.#tryOpen(now);
    }
    // The engine looks again after each alarm; one that stayed set would ring without end while somebody is still unknown.
    if (this.#gatherUntil !== undefined && now.at >= this.#gatherUntil) this.#gatherUntil = undefined;
    if (this.#beatAt !== undefined && now.at >= this.#beatAt) {
      // On a fixed grid, so that lateness does not add up; beats that were slept through are not made up for.
      const { keepaliveMs } = this.#config;
      const behind = Math.floor((now.at - this.#beatAt) / keepaliveMs);
      this.#beatAt += (behind + 1) * keepaliveMs;
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
    this.#beatAt = now.at + this.#config.keepaliveMs;
    if (this.#config.autojoin !== 'none') this.#gatherUntil = now.at + this.#config.initdeadMs;
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
