/** Small child-process helpers for test hosts: run to the end with a limit, or keep running and hand over lines. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Killed after this; default 20 s. */
  readonly limitMs?: number;
}

/** Milliseconds of CLOCK_MONOTONIC: the same in every process and namespace of this machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `probe` gives a value, or throws after the limit with `what` and the last word of `detail`. */
export async function until<T>(
  what: string,
  limitMs: number,
  probe: () => T | undefined | Promise<T | undefined>,
  everyMs = 20,
): Promise<T> {
  const end = monotonicMs() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (monotonicMs() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await sleep(everyMs);
  }
}

/** Runs a program to its end. A background child that keeps the output open does not hold it up. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let status = -1;
    let settled = false;
    const timer = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 20_000);
    const finish = (): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ status, stdout: Buffer.concat(out).toString('latin1'), stderr: Buffer.concat(err).toString('latin1') });
    };
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => err.push(data));
    child.on('error', (fault) => {
      clearTimeout(timer);
      reject(fault);
    });
    child.on('exit', (code, signal) => {
      status = code ?? 128 + (signal === 'SIGKILL' ? 9 : 15);
      // What it printed last is read in the turn after the timer, however long this process was held up before.
      setTimeout(() => setImmediate(finish), 30);
    });
    child.on('close', finish);
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** Hands each line of a child's standard output over as it comes. */
export function onLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = '';
  child.stdout?.on('data', (data: Buffer) => {
    rest += data.toString('latin1');
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      take(line);
    }
  });
}
