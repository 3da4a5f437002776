import { addressOf } from '../base/address.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { Resource, ResourceGroup } from '../contracts/config.ts';
import type { ScriptOutcome } from '../contracts/host.ts';
import type { GroupState } from '../contracts/status.ts';
import { wordsOf } from './group-list.ts';
import type { ResourcePort } from './port.ts';
import { StartGate } from './start-gate.ts';
import { Started } from './started.ts';
import { saysRunning } from './status-verdict.ts';
import { whatRuns } from './which-run.ts';

/** Pause between two tries of a failed stop (haresources 5). */
const STOP_RETRY_MS = 1000;
/** A stop that failed for good on a host that did not go down: tried again at this pace, never given away. */
const STOP_HOLD_MS = 10_000;

/** The fields of the message behind a start, as `HA_<field>` (haresources 7). */
export type ScriptEnv = Readonly<Record<string, string>>;

export interface TakeOrder {
  env?(group: ResourceGroup): ScriptEnv;
  /** The claim may be dropped while scripts run: then nothing more of the group is started. */
  wanted(group: ResourceGroup): boolean;
  /** A start script failed and the group was given up again. */
  failed(now: Now, group: ResourceGroup, resource: string): void;
}

interface Work {
  readonly groups: readonly ResourceGroup[];
  readonly act: (now: Now, group: ResourceGroup, done: (now: Now) => void) => void;
  readonly finished: (now: Now) => void;
  readonly env?: ScriptEnv;
}

/**
 * Runs resource scripts, one after another: groups in the order given, a group's resources left to right to
 * start and right to left to stop (haresources 4, 5). It knows what it has started and nothing of the cluster.
 *
 *     stopped -> starting -> running -> stopping -> stopped
 *                    |                      |
 *                    v                      v
 *                  failed (all stopped)   stopFailed (held, tried again)
 */
export class GroupWork {
  readonly #port: ResourcePort;
  readonly #states = new Map<string, GroupState>();
  readonly #queue: Work[] = [];
  readonly started = new Started();
  /** Shut while this node may have been taken for dead. */
  readonly gate = new StartGate();
  stopRetryMax: number;
  #current: Work | undefined;
  /** What the event behind the present work is to its stop scripts. */
  #env: ScriptEnv = {};
  #retry: { readonly at: Instant; readonly go: (now: Now) => void } | undefined;

  constructor(port: ResourcePort, stopRetryMax: number) {
    this.#port = port;
    this.stopRetryMax = stopRetryMax;
  }

  state(group: ResourceGroup): GroupState {
    return this.#states.get(group.id) ?? 'stopped';
  }

  /** The definition that the group runs by; where it does not run, the one given. */
  definition(group: ResourceGroup): ResourceGroup {
    return this.started.definition(group);
  }

  /** The resource runs here, or may, in whatever group. */
  runs(word: string): boolean {
    return this.started.runs(word);
  }

  /** The group is known under another identity from now on; what runs goes on running. */
  rename(from: ResourceGroup, to: ResourceGroup): void {
    this.#states.set(to.id, this.state(from));
    this.#states.delete(from.id);
    this.started.rename(from, to);
  }

  /** It is known by which definition the group runs, should it run. */
  expects(group: ResourceGroup): boolean {
    return this.started.knows(group);
  }

  /** A start that failed is no reason any more to leave the group alone. */
  forgive(group: ResourceGroup): void {
    if (this.state(group) === 'failed') this.#states.set(group.id, 'stopped');
  }

  /** The group is in no file any more and runs no more. */
  forget(group: ResourceGroup): void {
    this.#states.delete(group.id);
    this.started.end(group);
  }

  /** Something of the group runs here, or may. */
  mayRun(group: ResourceGroup): boolean {
    return !['stopped', 'failed'].includes(this.state(group));
  }

  get busy(): boolean {
    return this.#current !== undefined || this.#queue.length > 0;
  }

  nextAlarm(): Instant | undefined {
    return this.#retry?.at;
  }

  alarm(now: Now): void {
    const retry = this.#retry;
    if (retry === undefined || now.at < retry.at) return;
    this.#retry = undefined;
    retry.go(now);
  }

  /** Starts the groups, as long as each is still wanted when its next script's turn comes. */
  take(now: Now, groups: readonly ResourceGroup[], order: TakeOrder, finished: (now: Now) => void): void {
    this.#add(now, { groups, act: (at, group, done) => this.#startGroup(at, group, order, done), finished });
  }

  /** Stops the groups, resources that were never started included: stop must succeed on what is stopped. */
  give(now: Now, groups: readonly ResourceGroup[], finished: (now: Now) => void, env: ScriptEnv = {}): void {
    this.#add(now, { groups, act: (at, group, done) => this.#stopGroup(at, group, 'stopped', done), finished, env });
  }

  /**
   * The same for groups that another node serves at this moment: all their addresses first, so that clients find one
   * holder, then each group in its order.
   */
  giveAddressesFirst(now: Now, groups: readonly ResourceGroup[], finished: (now: Now) => void): void {
    this.#add(now, {
      groups,
      act: (at, group, done) => this.#dropAddresses(at, this.definition(group), Number.POSITIVE_INFINITY, done),
      finished: () => undefined,
    });
    this.give(now, groups, finished);
  }

  /** One stop of every resource, whatever comes of it: for groups that are not held here. */
  sweep(now: Now, groups: readonly ResourceGroup[], finished: (now: Now) => void): void {
    this.#add(now, { groups, act: (at, group, done) => this.#sweepFrom(at, group, group.resources.length - 1, done), finished });
  }

  /** Asks each group's first resource whether it runs (haresources 6) and takes note of those that do. */
  probe(now: Now, groups: readonly ResourceGroup[], finished: (now: Now) => void): void {
    this.#add(now, { groups, act: (at, group, done) => this.#probeGroup(at, group, done), finished });
  }

  /** Tells the neighbours once more where the addresses of these groups live. */
  announce(groups: readonly ResourceGroup[]): void {
    for (const group of groups) {
      if (this.state(group) !== 'running') continue;
      for (const resource of this.definition(group).resources) {
        const address = addressOf(resource);
        if (address !== undefined) this.#port.announce(address);
      }
    }
  }

  #add(now: Now, work: Work): void {
    this.#queue.push(work);
    this.gate.nudge(now);
    if (this.#current === undefined) this.#nextWork(now);
  }

  #nextWork(now: Now): void {
    const work = this.#queue.shift();
    this.#current = work;
    this.#env = work?.env ?? {};
    if (work !== undefined) this.#nextGroup(now, work, 0);
  }

  #nextGroup(now: Now, work: Work, index: number): void {
    for (let at = index; at < work.groups.length; at += 1) {
      if (!this.#actsAtOnce(now, work, at)) return;
    }
    // Idle before it reports, so that `busy` is truthful inside `finished`; what that adds runs after the queue.
    this.#current = undefined;
    if (this.#queue.length > 0) {
      const report = work.finished;
      this.#nextWork(now);
      report(now);
    } else {
      work.finished(now);
    }
  }

  /** false: its scripts run, and their end goes on with the next group. No recursion: thousands of groups may be at rest. */
  #actsAtOnce(now: Now, work: Work, index: number): boolean {
    const group = work.groups[index];
    if (group === undefined) return true;
    let inside = true;
    let atOnce = false;
    work.act(now, group, (later) => {
      if (inside) atOnce = true;
      else this.#nextGroup(later, work, index + 1);
    });
    inside = false;
    return atOnce;
  }

  #probeGroup(now: Now, listed: ResourceGroup, done: (now: Now) => void): void {
    const group = this.definition(listed);
    if (this.state(group) !== 'stopped') {
      done(now);
      return;
    }
    const ask = (resource: Resource, verdict: (later: Now, running: boolean) => void) => this.#status(resource, {}, verdict);
    whatRuns(now, group, this.started, ask, (later, up) => {
      const words = up === 'any' ? wordsOf(group).slice(0, 1) : (up ?? []);
      for (const word of words) this.#port.note('activeAtStart', { word });
      // Not all of it was asked: `starting` makes a later take go through all of them.
      if (words.length > 0) this.#states.set(group.id, 'starting');
      if (words.length > 0) this.started.found(group, up === 'any' ? undefined : words);
      else if (up !== undefined) this.started.end(group);
      done(later);
    });
  }

  // --- start, left to right ---

  #startGroup(now: Now, listed: ResourceGroup, order: TakeOrder, done: (now: Now) => void): void {
    // What runs in part is made whole by the definition it runs by; a changed one counts from the next start on.
    const group = this.mayRun(listed) ? this.definition(listed) : listed;
    if (this.state(group) === 'running' || this.state(group) === 'stopFailed' || !order.wanted(group)) {
      done(now);
      return;
    }
    if (group.resources.length > 0) {
      this.#port.note('acquiringGroup', { home: group.home, resources: group.resources.map((resource) => resource.word).join(' ') });
    }
    this.#states.set(group.id, 'starting');
    this.started.begin(group);
    this.#startFrom(now, group, 0, order, done);
  }

  #startFrom(now: Now, group: ResourceGroup, index: number, order: TakeOrder, done: (now: Now) => void): void {
    const resource = group.resources[index];
    if (resource === undefined) {
      this.#states.set(group.id, 'running');
      done(now);
      return;
    }
    const next = (later: Now) => {
      const address = addressOf(resource);
      // Also when it was there already: the neighbours may know another node's MAC.
      if (address !== undefined) this.#port.announce(address);
      this.#startFrom(later, group, index + 1, order, done);
    };
    if (!order.wanted(group)) {
      done(now);
      return;
    }
    this.#env = order.env?.(group) ?? {};
    this.#status(resource, this.#env, (later, running) => {
      if (running) {
        this.started.up(resource.word);
        next(later);
        return;
      }
      const start = () => {
        this.started.up(resource.word);
        this.#port.run({ script: resource.script, args: resource.args, action: 'start', env: this.#env }, (ended, outcome) => {
          if (this.#succeeded(resource, outcome)) next(ended);
          else this.#startFailed(ended, group, resource, order, done);
        });
      };
      const startIfWanted = (at: Now): void => {
        // The status script may have taken its time, and so may the gate.
        if (!order.wanted(group)) done(at);
        else if (!this.gate.keeps(startIfWanted)) start();
      };
      startIfWanted(later);
    });
  }

  #startFailed(now: Now, group: ResourceGroup, resource: Resource, order: TakeOrder, done: (now: Now) => void): void {
    this.#port.note('startFailure', { word: resource.word });
    this.#stopGroup(now, group, 'failed', (stopped) => {
      order.failed(stopped, group, resource.word);
      done(stopped);
    });
  }

  // --- stop, right to left ---

  #stopGroup(now: Now, listed: ResourceGroup, end: 'stopped' | 'failed', done: (now: Now) => void): void {
    const group = this.definition(listed);
    this.#port.note('releasingGroup', { home: group.home, resources: group.resources.map((resource) => resource.word).join(' ') });
    this.#states.set(group.id, 'stopping');
    this.#stopFrom(now, group, group.resources.length - 1, end, done);
  }

  #stopFrom(now: Now, group: ResourceGroup, index: number, end: 'stopped' | 'failed', done: (now: Now) => void): void {
    const resource = group.resources[index];
    if (resource === undefined) {
      this.#states.set(group.id, end);
      this.started.end(group);
      done(now);
      return;
    }
    const address = addressOf(resource);
    if (address !== undefined) this.#port.silence(address);
    this.#stopResource(group, resource, 0, (later) => {
      this.started.down(resource.word);
      this.#stopFrom(later, group, index - 1, end, done);
    });
  }

  #stopResource(group: ResourceGroup, resource: Resource, retries: number, done: (now: Now) => void): void {
    this.#port.run({ script: resource.script, args: resource.args, action: 'stop', env: this.#env }, (now, outcome) => {
      // Without its script nothing can be stopped, and asking again changes nothing (3.0.6 tries ten times).
      if (this.#succeeded(resource, outcome) || outcome.kind === 'notFound') {
        done(now);
      } else if (this.stopRetryMax <= 0 || retries < this.stopRetryMax) {
        this.#later(now, STOP_RETRY_MS, () => {
          this.#port.note('stopRetry', { word: resource.word });
          this.#stopResource(group, resource, retries + 1, done);
        });
      } else {
        this.#stopGivenUp(group, resource, done);
      }
    });
  }

  #stopGivenUp(group: ResourceGroup, resource: Resource, done: (now: Now) => void): void {
    this.#status(resource, this.#env, (now, running) => {
      if (!running) {
        this.#port.note('stopNotLsb', { word: resource.word });
        this.#port.note('stopMustSucceed', { word: resource.word });
        this.#port.note('rebootAvoided');
        done(now);
        return;
      }
      this.#port.note('stopFatal');
      this.#states.set(group.id, 'stopFailed');
      this.#port.resetHost(`${resource.word} cannot be stopped`);
      // Still here: the host did not go down. The group is not given away while it may run.
      this.#later(now, STOP_HOLD_MS, () => this.#stopResource(group, resource, Math.max(0, this.stopRetryMax), done));
    });
  }

  /** Its outcome counts for nothing: the stop of the group follows, with its retries. */
  #dropAddresses(now: Now, group: ResourceGroup, index: number, done: (now: Now) => void): void {
    const at = group.resources.findLastIndex((resource, place) => place <= index && addressOf(resource) !== undefined);
    const resource = group.resources[at];
    if (resource === undefined) {
      done(now);
      return;
    }
    this.#states.set(group.id, 'stopping');
    this.#port.silence(addressOf(resource) ?? '');
    this.#port.run({ script: resource.script, args: resource.args, action: 'stop', env: {} }, (later) =>
      this.#dropAddresses(later, group, at - 1, done),
    );
  }

  #sweepFrom(now: Now, group: ResourceGroup, index: number, done: (now: Now) => void): void {
    const resource = group.resources[index];
    if (resource === undefined) done(now);
    else
      this.#port.run({ script: resource.script, args: resource.args, action: 'stop', env: {} }, (later) =>
        this.#sweepFrom(later, group, index - 1, done),
      );
  }

  #later(now: Now, delayMs: number, go: (now: Now) => void): void {
    this.#retry = { at: now.at + delayMs, go };
  }

  // --- one script ---

  #status(resource: Resource, env: ScriptEnv, verdict: (now: Now, running: boolean) => void): void {
    this.#port.run({ script: resource.script, args: resource.args, action: 'status', env }, (now, outcome) => {
      if (outcome.kind === 'notFound') this.#port.note('scriptNotFound', { script: resource.script });
      verdict(now, outcome.kind === 'exited' && saysRunning(outcome.output));
    });
  }

  #succeeded(resource: Resource, outcome: ScriptOutcome): boolean {
    switch (outcome.kind) {
      case 'exited':
        if (outcome.status !== 0) this.#port.note('scriptFailed', { status: outcome.status, path: outcome.path });
        return outcome.status === 0;
      case 'killed':
        this.#port.note('scriptKilled', { path: outcome.path, signal: outcome.signal });
        return false;
      case 'notFound':
        this.#port.note('scriptNotFound', { script: resource.script });
        return false;
      case 'notStarted':
        this.#port.note('scriptNotStarted', { script: resource.script, detail: outcome.fault.detail });
        return false;
    }
  }
}
