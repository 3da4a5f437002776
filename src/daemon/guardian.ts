import { readFileSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { DaemonOptions } from '../contracts/daemon.ts';
import type { GuardianStatus, StatusSnapshot } from '../contracts/status.ts';
import type { Paths } from '../os/paths.ts';
import { writePidFile } from '../os/pid-file.ts';
import type { Log } from './log.ts';

const LOOK_MS = 1000;
const TELL_AGAIN_MS = 3_600_000;

/**
 * This daemon and its guardian, its parent: tells it when this life can be heard, and how long the other node waits for one that
 * is silent; notices when it has gone. A daemon without one goes on, and says so: its services run, and nothing that it could
 * do (start anew under another parent) is worth a moment in which nobody hears it.
 */
export class GuardianWatch {
  readonly #paths: Paths;
  readonly #log: Pick<Log, 'line'>;
  readonly #pid: number | undefined;
  readonly #adopted: readonly string[];
  readonly #timer: NodeJS.Timeout | undefined;
  #gone: boolean;
  #toldAt = Number.NEGATIVE_INFINITY;
  #ready = false;
  #deadtimeMs = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: Pick<DaemonOptions, 'guardian'>, paths: Paths, log: Pick<Log, 'line'>, adopted: readonly string[]) {
    this.#paths = paths;
    this.#log = log;
    this.#adopted = adopted;
    this.#pid = options.guardian === undefined ? undefined : process.ppid;
    this.#gone = !isGuardian(this.#pid);
    if (this.#pid !== undefined && !this.#gone) {
      const fault = writePidFile(paths.guardianFile, this.#pid);
      if (fault !== undefined) log.line('WARN', `no guardian file: ${fault.detail}`);
    }
    if (options.guardian !== undefined || this.#gone) this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  get status(): GuardianStatus {
    const watches = !this.#gone;
    return { watches, ...(watches && this.#pid !== undefined ? { pid: this.#pid } : {}), adopted: this.#adopted };
  }

  /** A snapshot for those who ask, with what the engine does not know. */
  told(status: StatusSnapshot): StatusSnapshot {
    const warnings = this.#gone ? [...status.warnings, `guardian: ${NOBODY}`] : status.warnings;
    return { ...status, warnings, guardian: this.status };
  }

  /** The other nodes can hear this life. */
  ready(deadtimeMs: number): void {
    this.#ready = true;
    this.configure(deadtimeMs);
  }

  /** Half of it is the guardian's to start this daemon again. */
  configure(deadtimeMs: number): void {
    if (!this.#ready || this.#deadtimeMs === deadtimeMs || this.#gone) return;
    this.#deadtimeMs = deadtimeMs;
    const { readyFile } = this.#paths;
    const text = `${process.pid} ${(deadtimeMs / 2000).toFixed(3)}\n`;
    this.#writing = this.#writing.then(() => replace(readyFile, text)).catch((error: unknown) => this.#log.line('ERROR', `${error}`));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!this.#gone && process.ppid !== this.#pid) this.#gone = true;
    const now = performance.now();
    if (!this.#gone || now - this.#toldAt < TELL_AGAIN_MS) return;
    this.#toldAt = now;
    this.#log.line('WARN', this.#pid === undefined ? `no guardian: ${NOBODY}` : `the guardian [pid ${this.#pid}] is gone: ${NOBODY}`);
  }
}

const NOBODY = 'should heartbeat die, nobody starts it again, and its addresses stay until it is started; stop and start it to have one';

/** A clean end: what is left of these would speak of a daemon that is no more. */
export function removeGuardianFiles({ readyFile, guardianFile }: Paths): void {
  for (const file of [readyFile, guardianFile]) rmSync(file, { force: true });
}

/** Called so, whoever runs it. It may have died before we could look. */
function isGuardian(pid: number | undefined): boolean {
  try {
    return pid !== undefined && readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0', 3).join(' ').includes('guardian');
  } catch {
    return false;
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.new`;
  rmSync(temporary, { force: true });
  await writeFile(temporary, text, { mode: 0o644, flag: 'wx' });
  await rename(temporary, file);
}
