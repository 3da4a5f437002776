import { seededRandom } from '../../src/base/random.ts';
import type { ClientProgram, ProgramId, ProgramOutcome, Programs } from '../../src/contracts/clients.ts';
import type { SimCluster } from './cluster.ts';

/** Two programs on each node: one that mostly lives, and one that ends often. */
export const PROGRAMS: readonly ClientProgram[] = [
  { user: 'nobody', command: '/lives', failfast: false },
  { user: 'nobody', command: '/ends often', failfast: false },
];
/** Every stop of a node must end within seconds, so SIGTERM is obeyed before long. */
const TERM_MS_MAX = 1500;
const LIFE_MS_MAX = 60_000;

/**
 * The programs of one daemon's life, and what must hold of them: each lives once at a time, none after its exit of 100 or after
 * the daemon has given it up, none is ended before the resources are released or started after that, none is left when the daemon ends. They draw their
 * lot from numbers of their own, so that storms stay what they were.
 */
export class SimPrograms implements Programs {
  readonly #cluster: SimCluster;
  readonly #node: string;
  readonly #alive = new Map<ProgramId, { readonly command: string; readonly end: (outcome: ProgramOutcome) => void }>();
  readonly #away = new Set<string>();
  readonly #random;
  readonly #life: { readonly alive: boolean };
  #ending = false;

  constructor(cluster: SimCluster, node: string, life: { readonly alive: boolean }) {
    this.#cluster = cluster;
    this.#node = node;
    this.#life = life;
    this.#random = seededRandom(cluster.setup.seed * 31 + cluster.timeline.now + (node === 'n1' ? 1 : 2));
  }

  start(id: ProgramId, { command }: ClientProgram, ended: (outcome: ProgramOutcome) => void): void {
    const cluster = this.#cluster;
    if ([...this.#alive.values()].some((life) => life.command === command)) cluster.violation(`${this.#node}: ${command} lives twice`);
    if (this.#away.has(command)) cluster.violation(`${this.#node}: ${command} is started after it said 100`);
    if (this.#ending) cluster.violation(`${this.#node}: ${command} is started after the first was ended`);
    const end = (outcome: ProgramOutcome) => {
      // A daemon that was killed hears nothing; its programs see that it is gone, and go.
      if (!this.#alive.delete(id) || !this.#life.alive) return;
      if (outcome.kind === 'exited' && outcome.status === 100) this.#away.add(command);
      cluster.log(this.#node, `--- ${command} ends: ${outcome.kind === 'exited' ? outcome.status : outcome.kind}`);
      ended(outcome);
    };
    this.#alive.set(id, { command, end });
    const often = command.includes('often');
    if (often || this.#random.below(3) === 0)
      cluster.timeline.after(this.#random.below(often ? 5000 : LIFE_MS_MAX), () => end(this.#outcome()));
  }

  signal(id: ProgramId, signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#ending = true;
    const { needsCleaning, restartAsked } = this.#cluster;
    if (this.#cluster.host(this.#node).running.size > 0 && !restartAsked.has(this.#node) && !needsCleaning)
      this.#cluster.violation(`${this.#node} ends a program before its resources`);
    const life = this.#alive.get(id);
    const delayMs = signal === 'SIGKILL' ? 1 : this.#random.below(TERM_MS_MAX);
    this.#cluster.timeline.after(delayMs, () => life?.end({ kind: 'killed', signal }));
  }

  daemonEnded(): void {
    for (const { command } of this.#alive.values()) this.#cluster.violation(`${this.#node} has ended and ${command} lives`);
  }

  #outcome(): ProgramOutcome {
    const lot = this.#random.below(20);
    if (lot === 0) return { kind: 'exited', status: 100 };
    if (lot < 4) return { kind: 'killed', signal: 'SIGSEGV' };
    if (lot < 6) return { kind: 'notStarted', detail: 'no process left' };
    return { kind: 'exited', status: lot % 3 };
  }
}
