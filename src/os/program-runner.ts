import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ClientProgram, ProgramId, ProgramOutcome, Programs } from '../contracts/clients.ts';
import type { Level } from '../contracts/notes.ts';
import { thrownFault } from './errno.ts';
import { findUser, type User } from './users.ts';

export interface ProgramRunnerOptions {
  /** Asked at each start: a reload may have changed it. */
  environment(): Readonly<Record<string, string>>;
  log(level: Level, text: string): void;
  readonly findUser?: typeof findUser;
  /** `setpriv` of util-linux. Node itself can set user and group, and leaves the user's other groups out. */
  readonly setpriv?: string;
}

const SHELL = '/bin/sh';

interface Life {
  readonly command: string;
  child?: ChildProcess;
  /** A signal that came before there was a process. */
  cancelled?: 'SIGTERM' | 'SIGKILL';
}

/**
 * Runs the programs of `respawn` and `failfast` lines (wire-protocol 10.6): `sh -c "exec CMD"` in a session and process group of
 * its own, as the user of the line with all groups of that user, with /dev/null for input and output and in the ordinary
 * scheduling class, which the kernel gives to all that a real-time daemon starts (SCHED_RESET_ON_FORK). No descriptor of ours
 * goes along. They are not bound to the life of this process: when it dies they go on, and see it by the client socket.
 */
export function createProgramRunner(options: ProgramRunnerOptions): Programs {
  const lives = new Map<ProgramId, Life>();
  const find = options.findUser ?? findUser;

  return {
    start(id, program, ended) {
      const life: Life = { command: program.command };
      lives.set(id, life);
      const over = (outcome: ProgramOutcome) => {
        if (lives.delete(id)) ended(outcome);
      };
      find(program.user, (user) => {
        if (life.cancelled !== undefined) over({ kind: 'killed', signal: life.cancelled });
        else if (user === undefined) over({ kind: 'notStarted', detail: 'there is no such user' });
        else run(program, life, user, over);
      });
    },
    signal(id, signal) {
      const life = lives.get(id);
      const pid = life?.child?.pid;
      if (life === undefined) return;
      if (pid === undefined) {
        life.cancelled = signal;
        return;
      }
      options.log('info', `killing ${life.command} process group ${pid} with signal ${constants.signals[signal]}`);
      try {
        process.kill(-pid, signal);
      } catch {
        // It has just ended, and we shall hear of it.
      }
    },
  };

  function run(program: ClientProgram, life: Life, user: User, over: (outcome: ProgramOutcome) => void): void {
    const { command } = program;
    options.log('info', `Starting child client "${command}" (${user.uid},${user.gid})`);
    try {
      const child = start(command, user);
      life.child = child;
      if (child.pid !== undefined) options.log('info', `Starting "${command}" as uid ${user.uid}  gid ${user.gid} (pid ${child.pid})`);
      const { pid = 0 } = child;
      child.once('error', (error) => over({ kind: 'notStarted', detail: thrownFault(SHELL, error).detail }));
      child.once('exit', (status, signal) => {
        over(signal === null ? { kind: 'exited', status: status ?? 0, pid } : { kind: 'killed', signal, pid });
      });
    } catch (error) {
      const { detail } = thrownFault(SHELL, error);
      setImmediate(() => over({ kind: 'notStarted', detail }));
    }
  }

  function start(command: string, user: User): ChildProcess {
    const words = ['-c', `exec ${command}`];
    const plain: SpawnOptions = { cwd: '/', detached: true, env: { ...options.environment() }, stdio: 'ignore' };
    const me = process.geteuid?.();
    if (me !== 0 && me === user.uid) return spawn(SHELL, words, plain);
    if (me === 0 && options.setpriv !== undefined) {
      return spawn(options.setpriv, ['--reuid', user.name, '--regid', String(user.gid), '--init-groups', '--', SHELL, ...words], plain);
    }
    return spawn(SHELL, words, { ...plain, uid: user.uid, gid: user.gid });
  }
}
