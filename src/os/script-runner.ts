import { spawn } from 'node:child_process';
import { accessSync, constants, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../contracts/basics.ts';
import type { ScriptJob, ScriptOutcome, ScriptRunner } from '../contracts/host.ts';
import { thrownFault } from './errno.ts';
import { type OutputPipe, openOutputPipe } from './output-pipe.ts';
import { joinFields } from './script-environment.ts';
import type { ScriptOutput } from './script-output.ts';

/** What `status` may say; the verdict is in the first words. */
export const SCRIPT_OUTPUT_BYTES_MAX = 65_536;
const SCRIPT_UMASK = 0o022;

export interface ScriptRunnerOptions {
  /** Searched in this order: resource.d, then the init folders. Asked at each start: a reload may have changed it. */
  dirs(): readonly string[];
  /** The same. */
  environment(): Readonly<Record<string, string>>;
  readonly output: ScriptOutput;
  /** Descriptor 3 of every script: lines for the log (HA_LOGFD). */
  readonly logFd?: number | undefined;
  /** Before each start and stop: the line `Running PATH ARGS start` comes first. Status calls are not told. */
  running(path: string, args: readonly string[], action: 'start' | 'stop'): void;
}

/** The file that a resource name stands for: regular and executable, or nothing (haresources 1). */
export function findScript(name: string, dirs: readonly string[]): string | undefined {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) return undefined;
  for (const dir of dirs) {
    const path = join(dir, name);
    try {
      if (!statSync(path).isFile()) continue;
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/**
 * Runs resource scripts: each in its own process group, stdin on /dev/null, the outcome told when the script
 * itself has ended, whoever may still hold its output. Nothing is ever killed here, and there is no time limit
 * (haresources 5). The umask of this process becomes 022, which scripts inherit.
 */
export function createScriptRunner(options: ScriptRunnerOptions): ScriptRunner {
  process.umask(SCRIPT_UMASK);
  const nowhere = openSync('/dev/null', 'r');

  return {
    start(job, ended) {
      const path = findScript(job.script, options.dirs());
      if (path === undefined) {
        setImmediate(ended, { kind: 'notFound' });
        return;
      }
      const { action } = job;
      const pipe = action === 'status' ? openOutputPipe(SCRIPT_OUTPUT_BYTES_MAX) : undefined;
      if (pipe !== undefined && 'code' in pipe) {
        setImmediate(ended, { kind: 'notStarted', fault: pipe });
        return;
      }
      if (action !== 'status') options.running(path, job.args, action);
      run(path, job, pipe, ended);
    },
  };

  function run(path: string, job: ScriptJob, pipe: OutputPipe | undefined, ended: (outcome: ScriptOutcome) => void): void {
    let told = false;
    const tell = (outcome: ScriptOutcome) => {
      if (told) return;
      told = true;
      ended(outcome);
    };
    const notStarted = (fault: Fault) => {
      pipe?.finish();
      tell({ kind: 'notStarted', fault });
    };
    const out = options.output.fd();
    try {
      const child = spawn(path, [...job.args, job.action], {
        cwd: '/',
        detached: true,
        env: joinFields(options.environment(), job.env),
        stdio: [nowhere, pipe?.writeEnd ?? out, out, options.logFd ?? 'ignore'],
      });
      pipe?.closeWriteEnd();
      child.once('error', (error) => notStarted(thrownFault(path, error)));
      child.once('exit', (status, signal) => {
        if (told) return;
        const output = pipe?.finish() ?? '';
        if (signal !== null) tell({ kind: 'killed', signal, path });
        else tell({ kind: 'exited', status: status ?? 0, output, path });
      });
    } catch (error) {
      // Arguments that cannot be passed at all, such as one with a NUL in it.
      const fault = thrownFault(path, error);
      setImmediate(() => notStarted(fault));
    }
  }
}
