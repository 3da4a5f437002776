import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from './support.ts';

/** Samples who holds these every `periodMs`, from `go` on (`sampler.mjs`). `first`: before everything else on the machine, which needs real root. */
export function startSampler(periodMs: number, keys: readonly string[], first: boolean): ChildProcess {
  const sampler = [process.execPath, join(checkout, 'test/hosts/sampler.mjs'), String(periodMs), ...keys];
  // First to run when the processors are busy: a late sample would be a hole in the proof.
  const argv = first ? ['sh', '-c', 'chrt -f 1 true 2>/dev/null && exec chrt -f 1 "$@"; exec nice -n -15 "$@"', 'sh', ...sampler] : sampler;
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin?.on('error', () => undefined);
  return child;
}
