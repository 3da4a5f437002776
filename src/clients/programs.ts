import type { NoteCode } from '../base/notes.ts';
import type { Instant, Now } from '../contracts/basics.ts';
import type { ClientProgram, ProgramId, ProgramOutcome } from '../contracts/clients.ts';
import { signalFacts } from './signals.ts';

/** A life shorter than this is followed by a pause, and counts (directives 5). */
const SHORT_LIFE_MS = 30_000;
const PAUSE_MS = 1000;
/** This many short lives in a row, and there is no other. */
const SHORT_LIVES_MAX = 11;
/** The program's word for: do not start me again. */
const STAY_AWAY = 100;
/** After SIGTERM; 3.0.6 waits without limit. */
const TERM_MS = 30_000;
/** For all programs of one stop together; when it is over each one left gets LAST_MS. */
const STOP_MS = 60_000;
const LAST_MS = 1000;
/** What even SIGKILL does not end stands in the kernel: a stop does not wait for it. */
const KILL_MS = 3000;

export interface ProgramPort {
  note(code: NoteCode, facts?: Readonly<Record<string, string | number>>): void;
  start(id: ProgramId, program: ClientProgram): void;
  signal(id: ProgramId, signal: 'SIGTERM' | 'SIGKILL'): void;
  resetHost(reason: string): void;
}

/**
 * One line `respawn` or `failfast`.
 *
 *   idle --> running --ended--> pausing --> running
 *               |                  \--> over   (100, or too many short lives)
 *               \--TERM--> ending --KILL--> killed --> over
 */
interface Entry {
  readonly program: ClientProgram;
  state: 'idle' | 'running' | 'pausing' | 'ending' | 'killed' | 'over';
  /** Of the present life. */
  id: ProgramId;
  /** undefined: not started yet. */
  startedAt: Instant | undefined;
  shortLives: number;
  /** The next start, SIGKILL, or the end of patience. */
  due: Instant | undefined;
}

/**
 * Keeps the programs of ha.cf alive (directives 5, wire-protocol 10.6): started in the order of their lines once the
 * node is active, started again when they end, ended one after another in reverse order at a stop.
 */
export class ProgramKeeper {
  readonly #port: ProgramPort;
  #entries: Entry[];
  /** Their lines are gone from ha.cf, and they are not yet. */
  #leaving: Entry[] = [];
  #nextId: ProgramId = 1;
  #active = false;
  /** Of a stop. */
  #stopUntil: Instant | undefined;

  constructor(port: ProgramPort, programs: readonly ClientProgram[]) {
    this.#port = port;
    this.#entries = programs.map(newEntry);
  }

  /** The node is active: from now on they run. */
  activate(now: Now): void {
    if (this.#active || this.#stopUntil !== undefined) return;
    this.#active = true;
    this.#startIdle(now);
  }

  /** A reload: lines that are new are started, those that are gone are ended, all others do not notice. */
  configure(now: Now, programs: readonly ClientProgram[]): void {
    if (this.#stopUntil !== undefined) return;
    const before = [...this.#entries];
    this.#entries = programs.map((program) => {
      const at = before.findIndex((entry) => sameProgram(entry.program, program));
      return (at < 0 ? undefined : before.splice(at, 1)[0]) ?? newEntry(program);
    });
    for (const gone of before) {
      if (gone.state === 'running') {
        this.#leaving.push(gone);
        this.#end(now, gone, now.at + TERM_MS);
      }
    }
    this.#startIdle(now);
  }

  ended(now: Now, id: ProgramId, outcome: ProgramOutcome): void {
    const entry = [...this.#entries, ...this.#leaving].find((one) => one.id === id && isAlive(one));
    if (entry === undefined) return;
    const asked = entry.state !== 'running';
    entry.due = undefined;
    if (!asked || !endedAsAsked(outcome)) this.#tell(entry, outcome);
    if (asked) {
      this.#over(now, entry);
      return;
    }
    const bad = outcome.kind === 'killed' || (outcome.kind === 'exited' && outcome.status !== 0);
    if (entry.program.failfast && bad) {
      this.#port.note('failfastReset', { command: entry.program.command });
      this.#port.resetHost(entry.program.command);
    }
    this.#again(now, entry, outcome);
  }

  /** Everything that runs is to end; `idle` tells when it has. Nothing is started any more, whatever happens. */
  stop(now: Now): void {
    if (this.#stopUntil !== undefined) return;
    this.#stopUntil = now.at + STOP_MS;
    this.#active = false;
    for (const entry of this.#entries.toReversed()) {
      if (isAlive(entry)) continue;
      if (entry.startedAt !== undefined) this.#port.note('programNotRunning', { command: entry.program.command });
      entry.state = 'over';
      entry.due = undefined;
    }
    this.#endNext(now);
  }

  /** No program is left: the daemon may end, or start anew in its place. */
  get idle(): boolean {
    return ![...this.#entries, ...this.#leaving].some(isAlive);
  }

  nextAlarm(): Instant | undefined {
    let next: Instant | undefined;
    for (const { due } of [...this.#entries, ...this.#leaving]) if (due !== undefined && (next === undefined || due < next)) next = due;
    return next;
  }

  alarm(now: Now): void {
    for (const entry of [...this.#entries, ...this.#leaving]) if (entry.due !== undefined && now.at >= entry.due) this.#due(now, entry);
  }

  #due(now: Now, entry: Entry): void {
    const { command } = entry.program;
    entry.due = undefined;
    if (entry.state === 'pausing') this.#start(now, entry);
    else if (entry.state === 'ending') {
      this.#port.note('programKilled', { command });
      entry.state = 'killed';
      entry.due = now.at + KILL_MS;
      this.#port.signal(entry.id, 'SIGKILL');
    } else if (entry.state === 'killed') {
      this.#port.note('programStays', { command });
      this.#over(now, entry);
    }
  }

  /** It was asked to end, and has; or nothing more can be done about it. */
  #over(now: Now, entry: Entry): void {
    entry.state = 'over';
    this.#leaving = this.#leaving.filter((one) => one !== entry);
    this.#endNext(now);
    this.#startIdle(now);
  }

  /** But no second life beside one that is still ending: its line was taken out, and is back. */
  #startIdle(now: Now): void {
    if (!this.#active) return;
    for (const entry of this.#entries) {
      if (entry.state === 'idle' && !this.#leaving.some(({ program }) => sameProgram(program, entry.program))) this.#start(now, entry);
    }
  }

  #start(now: Now, entry: Entry): void {
    entry.id = this.#nextId;
    this.#nextId += 1;
    entry.state = 'running';
    entry.startedAt = now.at;
    entry.due = undefined;
    this.#port.start(entry.id, entry.program);
  }

  #end(now: Now, entry: Entry, until: Instant): void {
    entry.state = 'ending';
    entry.due = Math.max(until, now.at + LAST_MS);
    this.#port.signal(entry.id, 'SIGTERM');
  }

  /** The last started is the first to end, and each is waited for. */
  #endNext(now: Now): void {
    if (this.#stopUntil === undefined || this.#entries.some((entry) => entry.state === 'ending' || entry.state === 'killed')) return;
    const entry = this.#entries.findLast((one) => one.state === 'running');
    if (entry !== undefined) this.#end(now, entry, Math.min(now.at + TERM_MS, this.#stopUntil));
  }

  #again(now: Now, entry: Entry, outcome: ProgramOutcome): void {
    const { command } = entry.program;
    // By itself, while it waited for its turn in a stop.
    const over = this.#stopUntil !== undefined || (outcome.kind === 'exited' && outcome.status === STAY_AWAY);
    if (over) {
      entry.state = 'over';
      return;
    }
    const short = now.at - (entry.startedAt ?? now.at) < SHORT_LIFE_MS;
    entry.shortLives = short ? entry.shortLives + 1 : 0;
    if (entry.shortLives >= SHORT_LIVES_MAX) {
      this.#port.note('programTooFast', { command });
      entry.state = 'over';
      return;
    }
    this.#port.note('programAgain', { command });
    if (!short) {
      this.#start(now, entry);
      return;
    }
    entry.state = 'pausing';
    entry.due = now.at + PAUSE_MS;
  }

  #tell(entry: Entry, outcome: ProgramOutcome): void {
    const { command, user } = entry.program;
    if (outcome.kind === 'notStarted') this.#port.note('programNotStarted', { command, user, detail: outcome.detail });
    else if (outcome.kind === 'exited') this.#port.note('programExited', { command, child: outcome.pid ?? '?', status: outcome.status });
    else this.#port.note('programSignalled', { command, child: outcome.pid ?? '?', ...signalFacts(outcome.signal) });
  }
}

function newEntry(program: ClientProgram): Entry {
  return { program, state: 'idle', id: 0, startedAt: undefined, shortLives: 0, due: undefined };
}

/** What SIGTERM is to bring about; no line is due. */
function endedAsAsked(outcome: ProgramOutcome): boolean {
  return outcome.kind === 'killed' ? outcome.signal === 'SIGTERM' : outcome.kind === 'exited' && outcome.status === 0;
}

const isAlive = ({ state }: Entry): boolean => state === 'running' || state === 'ending' || state === 'killed';

function sameProgram(a: ClientProgram, b: ClientProgram): boolean {
  return a.user === b.user && a.command === b.command && a.failfast === b.failfast;
}
