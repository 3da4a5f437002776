import type { ScriptRunner } from '../contracts/host.ts';
import type { Log } from './log.ts';

/** What `debug 1` shows of scripts (log-lines 6): each call, status included, and how it ended. */
export function withDebugLines(runner: ScriptRunner, log: Log): ScriptRunner {
  return {
    start(job, ended) {
      const call = [...job.args, job.action].join(' ');
      log.line('debug', `Starting ${job.script} ${call}`, 'ResourceManager');
      runner.start(job, (outcome) => {
        if (outcome.kind === 'exited') log.line('debug', `${outcome.path} ${call} done. RC=${outcome.status}`, 'ResourceManager');
        ended(outcome);
      });
    },
  };
}
