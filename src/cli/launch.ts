import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { LineSplitter } from '../control/framing.ts';

/**
 * Starting the daemon in the background: the same program again, in its own session, holding nothing of the
 * terminal, with one pipe on which it says that it is ready or why it is not.
 */

/** What `ps` shows from the first moment. libuv can only write a title as long as the words it was started with. */
export const MASTER_TITLE = 'heartbeat: master control process';

/** The child's end of the pipe. */
const STARTER_FD = 3;
const READY = 'ready';
/** Before a line for the person at the terminal. */
const TELL = '>';

export type LaunchResult =
  | { readonly kind: 'ready'; readonly pid: number }
  | { readonly kind: 'ended'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** It runs, but has not said `ready` in time. */
  | { readonly kind: 'slow'; readonly pid: number }
  | { readonly kind: 'notStarted'; readonly detail: string };

export interface LaunchCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Instead of the program's own name. */
  readonly argv0?: string;
}

/** This program again: `args` take the place of its own. */
export function ownCommand(args: readonly string[]): LaunchCommand {
  return { program: process.execPath, args: [...process.execArgv, process.argv[1] ?? '', ...args], argv0: MASTER_TITLE };
}

/** The same under a guardian, `script`, which tells the daemon so. `folder`: where both leave word for each other. */
export function guardedCommand(script: string, folder: string, { program, args }: LaunchCommand): LaunchCommand {
  return { program: '/bin/sh', args: [script, folder, program, ...args] };
}

export function launch(command: LaunchCommand, limitMs: number, tell: (line: string) => void): Promise<LaunchResult> {
  return new Promise((resolve) => {
    const child = spawn(command.program, [...command.args], {
      ...(command.argv0 === undefined ? {} : { argv0: command.argv0 }),
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const pipe = child.stdio[STARTER_FD];
    const splitter = new LineSplitter(64 * 1024);
    const end = (result: LaunchResult): void => {
      clearTimeout(limit);
      pipe?.destroy();
      child.unref();
      resolve(result);
    };
    const limit = setTimeout(() => end({ kind: 'slow', pid: child.pid ?? 0 }), limitMs);
    pipe?.on('error', () => undefined);
    pipe?.on('data', (chunk: Uint8Array) => {
      for (const line of splitter.push(chunk)) {
        if (line.startsWith(TELL)) tell(line.slice(TELL.length));
        else if (line === READY) end({ kind: 'ready', pid: child.pid ?? 0 });
      }
    });
    child.on('error', (error) => end({ kind: 'notStarted', detail: error.message }));
    // 'close' comes after the last byte of the pipe: what it had to say has been told.
    child.on('close', (status, signal) => end(signal === null ? { kind: 'ended', status: status ?? 1 } : { kind: 'killed', signal }));
  });
}

export interface Starter {
  tell(line: string): void;
  ready(): void;
}

/** The child's side. The starter may have gone: nothing here fails for that. */
export function starterOfDetached(fd: number = STARTER_FD): Starter {
  let open = true;
  const write = (text: string): void => {
    if (!open) return;
    try {
      fs.writeSync(fd, text);
    } catch {
      open = false;
    }
  };
  return {
    tell: (text) => write(`${TELL}${text.replaceAll('\n', `\n${TELL}`)}\n`),
    ready() {
      write(`${READY}\n`);
      open = false;
      try {
        fs.closeSync(fd);
      } catch {
        // It was not there: started by hand with the inner flag.
      }
    },
  };
}
