import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import type { Mutation } from './mutation.ts';
import type { Played } from './player.ts';

/** One run takes a fraction of a second; whoever takes this long turns in circles. */
const HANG_MS = 60_000;

export interface Found {
  readonly seed: number;
  /** Runs up to and with the one that found it. */
  readonly runs: number;
  /** The first complaint, or what else went wrong. */
  readonly complaint: string;
}

/** Plays seeds until one of them finds something; nothing when none does. */
export class Hunter {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  /** What the program as it is says to a seed: no mutation's doing. */
  readonly #unmutated = new Map<number, Promise<Found | undefined>>();
  #plain: Promise<string> | undefined;

  /** A seed that finds something in the program as it is finds no mutation. */
  async find(mutation: Mutation, first: number, runs: number): Promise<Found | undefined> {
    const program = await this.#bundled(mutation.name, mutation);
    for (let from = first; from < first + runs; ) {
      const found = await playUntilFound(program, from, first + runs - from);
      if (found === undefined || (await this.#judge(found.seed)) === undefined)
        return found === undefined ? undefined : { ...found, runs: found.seed - first + 1 };
      from = found.seed + 1;
    }
    return undefined;
  }

  /** The program as it is. */
  async findUnmutated(first: number, runs: number): Promise<Found | undefined> {
    this.#plain ??= this.#bundled('unmutated');
    return playUntilFound(await this.#plain, first, runs);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #judge(seed: number): Promise<Found | undefined> {
    const known = this.#unmutated.get(seed) ?? this.findUnmutated(seed, 1);
    this.#unmutated.set(seed, known);
    return known;
  }

  async #bundled(name: string, mutation?: Mutation): Promise<string> {
    const program = join(this.#folder, `${name}.cjs`);
    await bundle(program, mutation);
    return program;
  }
}

function playUntilFound(program: string, first: number, runs: number): Promise<Found | undefined> {
  return new Promise((resolve, reject) => {
    const child = fork(program, [String(first), String(runs)], { execArgv: [], silent: true });
    let done = 0;
    let found: Found | undefined;
    let last = '';
    const end = (complaint: string, seed = first + done) => {
      found ??= { seed, runs: seed - first + 1, complaint };
      child.kill('SIGKILL');
    };
    const overdue = () => setTimeout(() => end(`no end within ${HANG_MS / 1000} s`), HANG_MS);
    let watch = overdue();
    child.stderr?.on('data', (chunk: Buffer) => {
      last = (last + chunk.toString()).slice(-2000);
    });
    child.stdout?.resume();
    child.on('message', (told) => {
      clearTimeout(watch);
      const { seed, violations } = told as Played;
      done = seed - first + 1;
      const [complaint] = violations;
      if (complaint !== undefined) end(complaint, seed);
      else watch = overdue();
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(watch);
      if (found !== undefined || done === runs) resolve(found);
      else
        resolve({
          seed: first + done,
          runs: done + 1,
          complaint: `the process ends with ${signal ?? status}: ${last.trim().split('\n').pop() ?? ''}`,
        });
    });
  });
}
