import type { Random } from '../../src/contracts/basics.ts';
import type { ResourceGroup } from '../../src/contracts/config.ts';
import type { HeldResources } from '../../src/contracts/engine.ts';
import type { DurableRecord, ScriptJob, ScriptOutcome, ScriptRunner, Store } from '../../src/contracts/host.ts';
import { Hands } from './hands.ts';
import type { Timeline } from './timeline.ts';

/** How long a host's scripts take, ms. */
export interface ScriptPace {
  least: number;
  spread: number;
}

/** What runs on a host, with a number that changes whenever it does: who looks after every event need not look twice. */
class Running extends Set<string> {
  changes = 0;

  override add(word: string): this {
    if (!this.has(word)) this.changes += 1;
    return super.add(word);
  }

  override delete(word: string): boolean {
    const was = super.delete(word);
    if (was) this.changes += 1;
    return was;
  }

  override clear(): void {
    this.changes += 1;
    super.clear();
  }
}

/**
 * A simulated machine: what runs on it, its disk, and its resource scripts. It outlives its daemon. A resource
 * counts as running from the moment its start begins until its stop has ended.
 */
export class SimHost {
  readonly name: string;
  readonly running = new Running();
  /** Breaches of the order of start and stop, found as they happen. */
  readonly misorders: string[] = [];
  /** What another node serves too is given up addresses first. */
  addressesFirstUntil = 0;
  readonly pace: ScriptPace = { least: 1, spread: 20 };
  /** Scripts whose start fails, by word. */
  readonly failingStarts = new Set<string>();
  /** Scripts whose stop fails and leaves everything running, by word. */
  readonly failingStops = new Set<string>();
  /** What `status` answers whatever is true, by word. */
  readonly lies = new Map<string, string>();
  /** Words whose state somebody was lied to about: what follows from it is no breach of the order. */
  readonly liedAbout = new Set<string>();
  /** Words whose stop has failed. */
  readonly failed = new Set<string>();
  /** Words whose start has failed. */
  readonly failedStarts = new Set<string>();
  everFailedStops = false;
  /** Scripts that begin now do not end before `releaseHanging`. */
  hanging = false;
  /** A save takes so long. */
  saveMs = 2;
  /** Saves fail. */
  saveFails = false;
  record: DurableRecord | undefined;
  #hung: (() => void)[] = [];
  readonly hands: Hands;
  /** The daemon's, in memory. */
  journal: HeldResources | undefined;
  /** Scripts of any life of the daemon that have not ended. */
  readonly underWay = new Set<ScriptJob>();
  /** File hb_epochs. */
  epochs: string | undefined;
  /** Called before each script of a daemon. */
  readonly watchers: ((job: ScriptJob, word: string) => void)[] = [];
  /** Changes with each power-off: whatever was under way then never ends. */
  life = 0;
  readonly #timeline: Timeline;
  readonly #random: Random;
  /** Every definition that any file has had. */
  readonly #known: () => readonly ResourceGroup[];

  constructor(name: string, timeline: Timeline, random: Random, known: () => readonly ResourceGroup[]) {
    this.name = name;
    this.#timeline = timeline;
    this.#random = random;
    this.#known = known;
    this.hands = new Hands(random.below(1_000_000));
  }

  powerOff(): void {
    this.life += 1;
    this.#hung = [];
    this.running.clear();
    this.underWay.clear();
    this.journal = undefined;
  }

  releaseHanging(): void {
    this.hanging = false;
    const hung = this.#hung;
    this.#hung = [];
    for (const end of hung) end();
  }

  /** The scripts of one daemon: those it has started end even when it dies, but nobody hears of it. */
  scripts(alive: () => boolean): ScriptRunner {
    return {
      start: (job, ended) => {
        const word = [job.script, ...job.args].join('::');
        const life = this.life;
        for (const watcher of this.watchers) watcher(job, word);
        const fails = (job.action === 'start' ? this.failingStarts : this.failingStops).has(word) && job.action !== 'status';
        this.#begin(job, word, fails);
        this.underWay.add(job);
        const end = () => {
          if (life !== this.life) return;
          this.underWay.delete(job);
          const outcome = this.#finish(job, word, fails);
          if (alive()) ended(outcome);
        };
        if (this.hanging) this.#hung.push(end);
        else this.#timeline.after(this.pace.least + this.#random.below(this.pace.spread + 1), end);
      },
    };
  }

  store(alive: () => boolean): Store {
    return {
      save: (record, done) => {
        this.#timeline.after(this.saveMs, () => {
          if (!alive()) return;
          if (this.saveFails) {
            done({ code: 'EIO', detail: 'input/output error' });
            return;
          }
          this.record = record;
          done();
        });
      },
      keepEpochs: (text) => {
        this.#timeline.after(5, () => {
          if (alive()) this.epochs = text;
        });
      },
    };
  }

  /** Whether it fails is settled when it begins. */
  #begin(job: ScriptJob, word: string, fails: boolean): void {
    if (job.action === 'status') return;
    // A group may run by an older definition of it: one that explains what happens is enough.
    const definitions = this.#known().map((group) => group.resources.map((resource) => resource.word));
    const having = definitions.filter((words) => words.includes(word));
    const before = having.map((words) => words.slice(0, words.indexOf(word)).filter((other) => !this.running.has(other)));
    const after = having.map((words) => words.slice(words.indexOf(word) + 1).filter((other) => this.running.has(other)));
    const told = (lists: readonly string[][]) =>
      lists.flat().some((other) => this.liedAbout.has(other)) || this.liedAbout.has(word) ? undefined : shortest(lists);
    const shortest = (lists: readonly string[][]) =>
      lists.length > 0 && lists.every((list) => list.length > 0) ? lists[0]?.join(' ') : undefined;
    const early = told(before);
    const late = told(after);
    if (job.action === 'start' && early !== undefined) this.misorders.push(`${this.name}: start of ${word} before ${early}`);
    const addressFirst = job.script === 'IPaddr' && this.#timeline.now < this.addressesFirstUntil;
    if (job.action === 'stop' && late !== undefined && !addressFirst) this.misorders.push(`${this.name}: stop of ${word} before ${late}`);
    if (job.action === 'start' && !fails) this.running.add(word);
  }

  /** The head of a group is stopped last: whatever else was started with it, by whatever definition, is stopped by then. */
  #checkLeft(head: string): void {
    if (this.#timeline.now < this.addressesFirstUntil) return;
    const known = this.#known();
    const words = (of: (group: ResourceGroup) => boolean) => known.filter(of).flatMap((group) => group.resources.map(({ word }) => word));
    const others = new Set(words((group) => group.key !== head));
    const left = words((group) => group.key === head).filter(
      (word) => this.running.has(word) && !others.has(word) && !this.liedAbout.has(word) && !this.liedAbout.has(head),
    );
    if (left.length > 0) this.misorders.push(`${this.name}: stop of the group ${head} leaves ${[...new Set(left)].join(' ')}`);
  }

  #finish(job: ScriptJob, word: string, failed: boolean): ScriptOutcome {
    const path = `/sim/resource.d/${job.script}`;
    if (job.action === 'status') {
      if (this.lies.has(word)) this.liedAbout.add(word);
      return { kind: 'exited', status: 0, output: this.lies.get(word) ?? (this.running.has(word) ? 'running' : 'stopped'), path };
    }
    if (failed) (job.action === 'stop' ? this.failed : this.failedStarts).add(word);
    if (failed && job.action === 'stop') this.everFailedStops = true;
    if (job.action === 'stop' && !failed) {
      this.running.delete(word);
      this.#checkLeft(word);
    }
    return { kind: 'exited', status: failed ? 1 : 0, output: '', path };
  }
}
