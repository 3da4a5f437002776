import net from 'node:net';
import type { CommandRequest, CommandResult } from '../contracts/engine.ts';
import { LineSplitter } from './framing.ts';
import { REPLY_BYTES_MAX, readReply, writeRequest } from './operations.ts';

/** Why no answer came. `notRunning`: nobody listens. `broken`: what came is not an answer. */
export type ControlFailure = 'notRunning' | 'noPermission' | 'timeout' | 'broken';

export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly failure: ControlFailure;

  constructor(failure: ControlFailure, detail: string) {
    super(detail);
    this.failure = failure;
  }
}

/**
 * Asks one thing. The answer of the daemon, a refusal included, is the result; a daemon that cannot be asked
 * rejects with a `ControlError`, at once when nobody listens and after `limitMs` at the latest.
 */
export function askDaemon(path: string, request: CommandRequest, limitMs: number): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const splitter = new LineSplitter(REPLY_BYTES_MAX);
    const socket = net.createConnection(path);
    const end = (act: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      act();
    };
    const fail = (failure: ControlFailure, detail: string): void => end(() => reject(new ControlError(failure, detail)));
    const timer = setTimeout(() => fail('timeout', `no answer from the daemon within ${Math.ceil(limitMs / 1000)} s`), limitMs);
    socket.on('connect', () => socket.write(writeRequest(request)));
    socket.on('data', (chunk: Uint8Array) => {
      const line = splitter.push(chunk)[0];
      if (line === undefined) {
        if (splitter.tooLong) fail('broken', 'the answer of the daemon is too long');
        return;
      }
      const result = readReply(line);
      if (result === undefined) fail('broken', 'the answer of the daemon is not understood');
      else end(() => resolve(result));
    });
    socket.on('end', () => fail('broken', 'the daemon hung up without an answer'));
    socket.on('error', (error) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') fail('notRunning', 'heartbeat is not running');
      else if (code === 'EACCES' || code === 'EPERM') fail('noPermission', `no permission to use ${path}`);
      else fail('broken', error.message);
    });
  });
}
