import type { HeldResources } from '../../src/contracts/engine.ts';
import type { Journal, ScriptJob, ScriptRunner } from '../../src/contracts/host.ts';
import type { DriverParts } from '../../src/daemon/driver.ts';
import { NODES, type SimCluster } from './cluster.ts';
import type { SimHost } from './host.ts';

/** What a guardian does, and what a journal in memory is (etc/guardian, os/journal-file). */

const START_LEAST_MS = 200;
const START_SPREAD_MS = 700;
const AGAIN_MS = 1000;
const AGAIN_RELEASED_MS = 5000;
/** A left-over script is looked at this often. */
const LOOK_MS = 50;

interface Watch {
  /** Changes with each death of the guardian and each start by hand: what was planned before is off. */
  era: number;
  lives: boolean;
  /** A daemon of its was heard: a first start that fails is passed on, and it ends. */
  known: boolean;
  /** The daemon has died and is not ready again. */
  pending: boolean;
  releasing: boolean;
  released: boolean;
  /** No program can be started before. */
  unableUntil: number;
  /** The daemon dies at the n-th effect from now. */
  effectsLeft: number | undefined;
}

export class SimGuardians {
  readonly #cluster: SimCluster;
  readonly #watches = new Map<string, Watch>();

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
    for (const name of NODES) {
      const watch = {
        era: 0,
        lives: false,
        known: false,
        pending: false,
        releasing: false,
        released: false,
        unableUntil: 0,
        effectsLeft: undefined,
      };
      this.#watches.set(name, watch);
    }
    cluster.listeners.push((node, code, facts) => {
      const watch = this.#watch(node);
      if (code !== 'localStatus' || facts.status !== 'up') return;
      watch.known = true;
      watch.pending = watch.released = false;
    });
  }

  #watch(name: string): Watch {
    const watch = this.#watches.get(name);
    if (watch === undefined) throw new Error(`no guardian for ${name}`);
    return watch;
  }

  /** A start by hand brings a guardian along. false: one is at work here already. */
  begin(name: string): boolean {
    const watch = this.#watch(name);
    if (watch.lives && (watch.pending || watch.releasing)) return false;
    watch.era += 1;
    watch.lives = true;
    watch.known = false;
    watch.pending = watch.released = false;
    watch.effectsLeft = undefined;
    return true;
  }

  /** Killed, with or without its daemon, or its machine is off. */
  end(name: string): void {
    const watch = this.#watch(name);
    watch.era += 1;
    watch.lives = watch.pending = watch.releasing = false;
  }

  kill(name: string): boolean {
    if (!this.#watch(name).lives) return false;
    this.#cluster.log(name, '--- guardian killed');
    this.end(name);
    return true;
  }

  /** The daemon dies and cannot be started for a while. */
  unable(name: string, ms: number): boolean {
    if (!this.#watch(name).lives || !this.#cluster.crash(name)) return false;
    this.#watch(name).unableUntil = this.#cluster.timeline.now + ms;
    return true;
  }

  calm(): void {
    for (const watch of this.#watches.values()) {
      watch.unableUntil = 0;
      watch.effectsLeft = undefined;
    }
  }

  /** It dies at one of its next effects. */
  arm(name: string, effects: number): boolean {
    if (!this.#cluster.daemonAlive(name) || this.#cluster.legacy(name) !== undefined) return false;
    this.#watch(name).effectsLeft = effects;
    return true;
  }

  /** Asked at each effect of a daemon: does it live to see it carried out? */
  survives(name: string): boolean {
    const watch = this.#watch(name);
    if (watch.effectsLeft !== undefined) watch.effectsLeft -= 1;
    if (watch.effectsLeft !== 0) return true;
    watch.effectsLeft = undefined;
    this.#cluster.crash(name);
    return false;
  }

  /** Its daemon has died, and not by a clean stop. */
  daemonDied(name: string, stopping: boolean): void {
    const watch = this.#watch(name);
    watch.effectsLeft = undefined;
    if (!watch.lives) return;
    if (!watch.known) {
      this.end(name);
      return;
    }
    const { timeline, deadtimeMs } = this.#cluster;
    const { era } = watch;
    // One that was not ready yet has the deadline of the death before.
    if (!watch.pending && !watch.released) {
      timeline.after(deadtimeMs / 2, () => {
        if (watch.era === era && watch.pending) this.#release(name, watch);
      });
      watch.pending = true;
      this.#startLater(name, watch, 0, stopping);
    } else this.#startLater(name, watch, watch.released ? AGAIN_RELEASED_MS : AGAIN_MS, stopping);
  }

  #startLater(name: string, watch: Watch, pauseMs: number, stopping: boolean): void {
    const { timeline, random } = this.#cluster;
    const { era } = watch;
    timeline.after(pauseMs + START_LEAST_MS + random.below(START_SPREAD_MS), () => {
      if (watch.era !== era || watch.releasing || !this.#cluster.isDown(name)) return;
      if (timeline.now < watch.unableUntil) this.#startLater(name, watch, watch.released ? AGAIN_RELEASED_MS : AGAIN_MS, stopping);
      else this.#cluster.startAgain(name, stopping);
    });
  }

  #release(name: string, watch: Watch): void {
    const cluster = this.#cluster;
    const host = cluster.host(name);
    const { era } = watch;
    cluster.log(name, '--- the guardian gives up what the journal names');
    cluster.noted(name, 'guardianReleases', {});
    cluster.silence(name);
    watch.releasing = true;
    host.addressesFirstUntil = cluster.timeline.now + 15_000;
    const jobs = stopJobs(host.journal);
    const isAddress = ({ script }: ScriptJob) => script === 'IPaddr';
    const runner = host.scripts(() => watch.era === era);
    const inTurn = (list: readonly ScriptJob[], done: () => void): void => {
      const [job, ...rest] = list;
      if (job === undefined) done();
      else runner.start(job, () => inTurn(rest, done));
    };
    const addresses = jobs.filter(isAddress);
    inTurn([...addresses, ...jobs.filter((job) => !isAddress(job)), ...addresses], () => {
      watch.releasing = watch.pending = false;
      watch.released = true;
      this.#startLater(name, watch, AGAIN_RELEASED_MS, false);
    });
  }
}

function stopJobs(journal: HeldResources | undefined): ScriptJob[] {
  const resources = journal?.running.flatMap((group, at) => group.resources.filter(({ word }) => journal.words?.[at]?.includes(word)));
  return (resources ?? []).reverse().map(({ script, args }) => ({ id: 0, script, args, action: 'stop', env: {} }));
}

/** A file in memory: it takes a moment to be written, also when its writer dies meanwhile, and is gone with the machine. */
export function simJournal(cluster: SimCluster, host: SimHost, alive: () => boolean): Journal {
  // Written one after another.
  let doneAt = 0;
  return {
    keep(held, done) {
      const { life } = host;
      doneAt = Math.max(doneAt, cluster.timeline.now + cluster.random.below(3));
      cluster.timeline.at(doneAt, () => {
        if (host.life !== life) return;
        // As it goes through a file.
        if (alive() || (cluster.random.below(2) === 0 && !cluster.daemonAlive(host.name))) host.journal = JSON.parse(JSON.stringify(held));
        if (alive()) done();
      });
    },
  };
}

/** What a dead life has begun ends before anything else is run. */
export function afterOrphans(cluster: SimCluster, host: SimHost, runner: ScriptRunner): ScriptRunner {
  const orphans = [...host.underWay];
  const wait = (run: () => void): void => {
    if (orphans.some((job) => host.underWay.has(job))) cluster.timeline.after(LOOK_MS, () => wait(run));
    else run();
  };
  return { start: (job, ended) => wait(() => runner.start(job, ended)) };
}

/** The same parts for a daemon that may die between any two effects of a step: those after it are not carried out. */
export function mortal(parts: DriverParts, lives: () => boolean): DriverParts {
  const guard = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function' || name === 'open' || name === 'close') return member;
        return (...words: unknown[]) => (lives() ? Reflect.apply(member, target, words) : undefined);
      },
    });
  const { note, journal, host } = parts;
  return {
    ...parts,
    media: parts.media.map(guard),
    scripts: guard(parts.scripts),
    store: guard(parts.store),
    announcer: guard(parts.announcer),
    clients: guard(parts.clients),
    programs: guard(parts.programs),
    events: guard(parts.events),
    host: guard(host),
    ...(journal === undefined ? {} : { journal: guard(journal) }),
    note: (one) => (lives() ? note(one) : undefined),
  };
}
