import { closeSync, readSync } from 'node:fs';
import type { Fault } from '../contracts/basics.ts';
import { call, check, watchReadable } from './libc.ts';

const O_CLOEXEC = 0x80000;
const O_NONBLOCK = 0x800;
const F_SETFL = 4;
const CHUNK_BYTES = 65536;
/** Reads in one go; a script that writes without end must not keep the loop. */
const CHUNKS_PER_TURN = 16;

/** A real pipe (scripts may open /dev/stdout, which a socket does not allow) of which the first bytes are kept. */
export interface OutputPipe {
  /** For the child. */
  readonly writeEnd: number;
  /** Our copy of the child's end; to be called once the child has its own. */
  closeWriteEnd(): void;
  /** Reads what is there, without waiting for the end, and closes. */
  finish(): string;
}

/** Keeps the first `bytesMax` bytes and reads the rest away, so that the writer never stalls. */
export function openOutputPipe(bytesMax: number): OutputPipe | Fault {
  const ends = new Int32Array(2);
  const fault = check('pipe', call('pipe2', ends, O_CLOEXEC));
  if (fault !== undefined) return fault;
  const [readEnd = -1, writeEnd = -1] = ends;
  call('fcntl', readEnd, F_SETFL, O_NONBLOCK);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const kept: Buffer[] = [];
  let keptBytes = 0;
  let writeEndOpen = true;

  /** false once there is nothing more to come. */
  function drain(): boolean {
    for (let turn = 0; turn < CHUNKS_PER_TURN; turn += 1) {
      let count: number;
      try {
        count = readSync(readEnd, chunk);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EAGAIN';
      }
      if (count === 0) return false;
      const room = bytesMax - keptBytes;
      if (room > 0) {
        const part = Buffer.from(chunk.subarray(0, Math.min(room, count)));
        kept.push(part);
        keptBytes += part.length;
      }
    }
    return true;
  }

  let stopWatching = watchReadable(readEnd, () => {
    if (drain()) return;
    stopWatching();
    stopWatching = () => {};
  });

  function closeWriteEnd(): void {
    if (writeEndOpen) closeSync(writeEnd);
    writeEndOpen = false;
  }

  return {
    writeEnd,
    closeWriteEnd,
    finish() {
      closeWriteEnd();
      drain();
      stopWatching();
      closeSync(readEnd);
      return Buffer.concat(kept).toString('utf8');
    },
  };
}
