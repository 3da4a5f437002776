import { constants, lstatSync, openSync, statSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Fault } from '../contracts/basics.ts';
import { thrownFault } from './errno.ts';
import { call, check } from './libc.ts';

const MODE = 0o600;

/** The reader of a FIFO, without a thread: it waits together with all sockets of the process. */
export interface Fifo {
  /** Nothing more is read until `resume`; writers fill the pipe (64 KiB) and then wait. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Is called with each piece of what writers wrote; `failed` once, when nothing more will come. */
export interface FifoHandlers {
  chunk(bytes: Uint8Array): void;
  failed(fault: Fault): void;
}

/**
 * Makes the FIFO where there is none. true: it was made. A plain file in its place is what a shell tool left that wrote
 * while there was none: it goes.
 */
export function makeFifo(path: string): boolean | Fault {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined && statSync(path).isFIFO()) return false;
    if (found?.isFile() === true) unlinkSync(path);
    else if (found !== undefined) return { code: 'EEXIST', detail: `${path}: is neither a FIFO nor a plain file` };
  } catch (error) {
    return thrownFault(path, error);
  }
  return check(path, call('mkfifo', path, MODE)) ?? true;
}

/**
 * Opens it for reading and, never used, for writing: so it has a writer at all times, and does not end when the last
 * other one goes. Neither opening nor reading waits.
 */
export function openFifo(path: string, handlers: FifoHandlers): Fifo | Fault {
  let socket: Socket;
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    socket = new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    return thrownFault(path, error);
  }
  let ended = false;
  const fail = (fault: Fault): void => {
    if (ended) return;
    ended = true;
    socket.destroy();
    handlers.failed(fault);
  };
  socket.on('data', (bytes: Uint8Array) => handlers.chunk(bytes));
  socket.on('error', (error) => fail(thrownFault(path, error)));
  socket.on('close', () => fail({ code: 'closed', detail: `${path}: the FIFO was closed` }));
  return {
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      ended = true;
      socket.destroy();
    },
  };
}
