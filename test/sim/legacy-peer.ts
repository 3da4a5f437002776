import type { Random } from '../../src/contracts/basics.ts';
import type { AuthConfig, Config, ResourceGroup } from '../../src/contracts/config.ts';
import type { ScriptRunner } from '../../src/contracts/host.ts';
import type { Medium } from '../../src/contracts/media.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { openFrame, sealFrame } from '../../src/protocol/envelope.ts';
import { isAddressedTo, readHeader, stampMessage } from '../../src/protocol/header.ts';
import { History } from '../../src/protocol/history.ts';
import { Message } from '../../src/protocol/message.ts';
import { ackMessage, readAck, readNak, readRexmit, rexmitMessage } from '../../src/protocol/repair.ts';
import { SequenceTracker } from '../../src/protocol/sequence.ts';
import { isNumbered } from '../../src/protocol/types.ts';
import { LegacyRequests } from './legacy-requests.ts';
import { LegacyResources, type LegacyWorld } from './legacy-resources.ts';
import type { Timeline } from './timeline.ts';

/** It looks at packets and timers only so often (wire-protocol 5.6). */
const TICK_MS = 500;

export interface LegacyParts {
  readonly config: Config;
  /** haresources as it stands on the disk. */
  readonly groups: () => readonly ResourceGroup[];
  readonly timeline: Timeline;
  readonly random: Random;
  readonly media: readonly Medium[];
  readonly scripts: ScriptRunner;
  readonly generation: number;
  readonly log: (text: string) => void;
  readonly declaredDead: (node: string) => void;
  /** It has ended; after so many ms a new life of it begins by itself (6.6). */
  readonly ended: (againAfterMs?: number) => void;
}

/**
 * A peer limited to what the wire reference says of a 3.0.6 node, as far as two nodes need it: start, statuses,
 * repair, the dialogues of section 7. It is slow in the same places and drops the same messages.
 */
export class LegacyPeer {
  readonly resources: LegacyResources | LegacyRequests;
  alive = true;
  stopping = false;
  status: 'init' | 'up' | 'active' = 'init';
  readonly other: { status: string; at: number; dt: number; generation: number; heard: boolean };
  readonly #parts: LegacyParts;
  readonly #otherName: string;
  readonly #tracker: SequenceTracker;
  readonly #history = new History();
  readonly #uuid: string;
  /** What waits until no script runs. */
  readonly #queue: (() => void)[] = [];
  readonly #jobs: { readonly group: ResourceGroup; readonly action: 'start' | 'stop'; readonly ended?: () => void }[] = [];
  #job = false;
  #inbox: Uint8Array[] = [];
  #auth: AuthConfig;
  /** Packets whose digest was not right, as this node sees it. */
  refused = 0;
  #beatAt = 0;
  #askAt: number | undefined;
  #restartAt: number | undefined;
  #againAfterMs: number | undefined;

  constructor(parts: LegacyParts) {
    this.#parts = parts;
    const { config, timeline, random } = parts;
    this.#auth = config.auth;
    this.#otherName = config.nodes.find((name) => name !== config.self) ?? '';
    this.#uuid = `uuid-of-${config.self}-....`.slice(0, 16).padEnd(16, '.');
    this.#tracker = new SequenceTracker(random, config.maxRexmitDelayMs);
    this.other = { status: 'init', at: timeline.now, dt: config.initdeadMs, generation: 0, heard: false };
    const world: LegacyWorld = {
      name: config.self,
      groups: parts.groups,
      failback: config.autoFailback === 'on',
      now: () => timeline.now,
      send: (type, fields) => this.#send(Message.of(['t', type], ...fields)),
      run: (groups, action, ended) => this.#run(groups, action, ended),
      busy: () => this.#job,
      log: (text) => parts.log(text),
      released: () => timeline.after(2000, () => this.#end(this.#againAfterMs)),
    };
    const legacy = config.autoFailback === 'legacy';
    this.resources = legacy ? new LegacyRequests(world, () => this.other.status) : new LegacyResources(world);
    for (const medium of parts.media) {
      medium.open({
        opened: () => undefined,
        failed: () => undefined,
        frame: (bytes) => {
          if (this.alive) this.#inbox.push(bytes);
        },
      });
    }
    this.#sendStatus();
    this.#become('up');
    timeline.after(random.below(TICK_MS), () => this.#tick());
  }

  /** SIGHUP with another authkeys. */
  reread(auth: AuthConfig): void {
    this.#auth = auth;
  }

  stop(): void {
    this.stopping = true;
    this.resources.stop();
  }

  /** `hb_takeover`. */
  takeover(set: string): void {
    this.#send(Message.of(['t', 'hb_takeover'], ['rsc_hold', set]));
  }

  #tick(): void {
    if (!this.alive) return;
    const { timeline, config } = this.#parts;
    const { now } = timeline;
    const packets = this.#inbox;
    this.#inbox = [];
    for (const bytes of packets) this.#frame(bytes);
    if (now >= this.#beatAt) {
      this.#beatAt = now + config.keepaliveMs;
      this.#sendStatus();
    }
    if (this.other.status !== 'dead' && now - this.other.at > this.other.dt) {
      this.#parts.log(`WARN: node ${this.#otherName}: is dead`);
      this.#parts.declaredDead(this.#otherName);
      this.other.status = 'dead';
      this.#tracker.restart();
      this.#queue.push(() => this.resources.otherDied());
      this.#next();
    }
    if (this.other.status !== 'dead') for (const range of this.#tracker.due(now)) this.#send(rexmitMessage(this.#otherName, range));
    if (this.status === 'up') this.#join(now);
    this.resources.tick();
    if (this.#restartAt !== undefined && now >= this.#restartAt) {
      this.#restartAt = undefined;
      this.#againAfterMs = Math.ceil(config.deadtimeMs / 1000) * 1000 + 1000;
      this.resources.giveUp();
    }
    timeline.after(TICK_MS, () => this.#tick());
  }

  #join(now: number): void {
    if (this.other.status === 'dead') this.#activate();
    else if (this.other.heard && now >= (this.#askAt ?? 0)) {
      this.#askAt = now + 1000;
      this.#send(Message.of(['t', 'reqnodes'], ['dest', this.#otherName]));
    }
  }

  #activate(): void {
    this.#become('active');
    this.other.dt = Math.min(this.other.dt, this.#parts.config.deadtimeMs);
    this.resources.activate();
    if (this.other.status === 'dead') this.resources.otherDied();
  }

  #become(status: 'up' | 'active'): void {
    this.status = status;
    this.#parts.log(`Local status now set to: '${status}'`);
    this.#sendStatus();
  }

  #sendStatus(): void {
    const { deadtimeMs } = this.#parts.config;
    this.#send(Message.of(['t', 'status'], ['st', this.status], ['dt', deadtimeMs.toString(16)], ['protocol', '1']));
  }

  #end(againAfterMs?: number): void {
    if (!this.alive) return;
    this.alive = false;
    this.#parts.log('Heartbeat shutdown complete.');
    for (const medium of this.#parts.media) medium.close();
    this.#parts.ended(againAfterMs);
  }

  // --- out: numbered, delivered to itself, and only then written (5.1, order inversion) ---

  #send(message: Message): void {
    const numbered = isNumbered(message.type);
    const finished = stampMessage(message, {
      origin: this.#parts.config.self,
      originUuid: this.#uuid,
      generation: this.#parts.generation,
      unixSeconds: 1_700_000_000 + Math.floor(this.#parts.timeline.now / 1000),
      ttl: 3,
      ...(numbered ? { sequence: this.#history.next, load: '0' } : {}),
    });
    if (numbered) {
      this.#history.record(finished);
      this.resources?.hear(message.type, true, (field) => message.get(field));
    }
    this.#write(finished);
  }

  #write(message: Message): void {
    const { media } = this.#parts;
    const bytes = sealFrame(message, this.#auth, authCatalog, 'classic');
    for (const medium of media) medium.send(bytes);
  }

  // --- in ---

  #frame(bytes: Uint8Array): void {
    const { config, timeline } = this.#parts;
    const opened = openFrame(bytes, withOneSecret(this.#auth), authCatalog);
    if (!opened.ok) this.refused += 1;
    const read = opened.ok ? readHeader(opened.message) : undefined;
    if (!opened.ok || read?.ok !== true || read.header.origin !== this.#otherName) return;
    const { header } = read;
    const { message } = opened;
    if (header.sequence === undefined) {
      this.#repair(message);
      return;
    }
    if (header.generation < this.other.generation) return;
    const status = header.type === 'status';
    if (status && header.generation === this.other.generation && this.other.status === 'dead' && this.other.heard) {
      this.#parts.log(`CRIT: Cluster node ${this.#otherName} returning after partition.`);
      this.#restartAt ??= timeline.now + 2000;
    }
    if (status && header.generation > this.other.generation) {
      this.#tracker.restart();
      this.#history.peerReturned(this.#otherName);
      this.other.generation = header.generation;
    }
    const arrival = this.#tracker.accept(header.sequence, timeline.now);
    if (arrival.ack !== undefined) this.#send(ackMessage(this.#otherName, arrival.ack));
    if (arrival.verdict === 'duplicate' || arrival.verdict === 'oldDuplicate') return;
    if (!isAddressedTo(message, { name: config.self, uuid: this.#uuid })) return;
    if (status) this.#heardStatus(message);
    else if (header.type === 'reqnodes') {
      const list = config.nodes.map((name) => `${name} `).join('');
      this.#send(Message.of(['dest', this.#otherName], ['t', 'repnodes'], ['nodelist', list], ['delnodelist', ' ']));
    } else if (header.type === 'repnodes') {
      if (this.status === 'up') this.#activate();
    } else this.resources.hear(header.type, false, (field) => message.get(field));
  }

  #heardStatus(message: Message): void {
    this.other.heard = true;
    this.other.at = this.#parts.timeline.now;
    this.other.status = message.get('st') ?? '';
    const dt = Number.parseInt(message.get('dt') ?? '', 16);
    if (this.status === 'active') this.other.dt = dt;
  }

  #repair(message: Message): void {
    if (message.get('dest') !== this.#parts.config.self) return;
    const range = message.type === 'NS_rexmit' ? readRexmit(message) : undefined;
    if (range !== undefined) {
      for (const sent of this.#history.answer(this.#otherName, range, this.#parts.timeline.now).resend) this.#write(sent);
    }
    const acked = message.type === 'NS_ackmsg' ? readAck(message) : undefined;
    if (acked !== undefined) this.#history.ack(this.#otherName, acked);
    const gone = message.type === 'NS_nak_rexmit' ? readNak(message) : undefined;
    if (gone !== undefined) this.#tracker.lostForGood(gone);
  }

  // --- scripts, one after another; what they send goes out when they end ---

  #run(groups: readonly ResourceGroup[], action: 'start' | 'stop', ended: () => void): void {
    for (const group of groups) this.#jobs.push({ group, action });
    const [last] = this.#jobs.slice(-1);
    if (last === undefined || groups.length === 0) {
      this.#queue.push(ended);
      this.#next();
      return;
    }
    this.#jobs[this.#jobs.length - 1] = { ...last, ended };
    this.#next();
  }

  #next(): void {
    if (this.#job || !this.alive) return;
    const job = this.#jobs.shift();
    if (job === undefined) {
      while (!this.#job && this.#queue.length > 0) this.#queue.shift()?.();
      return;
    }
    this.#job = true;
    const resources = job.action === 'start' ? [...job.group.resources] : [...job.group.resources].reverse();
    const step = (): void => {
      const resource = resources.shift();
      if (resource === undefined) {
        this.#job = false;
        job.ended?.();
        this.#next();
        return;
      }
      this.#parts.scripts.start({ id: 0, script: resource.script, args: resource.args, action: job.action, env: {} }, step);
    };
    step();
  }
}

/** The trap of wire-protocol 2.3: the method of the key that the packet names, with the secret of its own `auth` line. */
function withOneSecret({ signing, keys }: AuthConfig): AuthConfig {
  const own = keys.find(({ index }) => index === signing);
  return { signing, keys: keys.map((key) => ({ ...key, key: own?.key ?? key.key })) };
}
