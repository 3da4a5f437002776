import { closeSync, openSync, readSync } from 'node:fs';
import { call, watchReadable } from './libc.ts';

const O_CLOEXEC = 0x80000;
const O_NONBLOCK = 0x800;
const F_SETFL = 4;
const CHUNK_BYTES = 16_384;
/** Reads in one go; a script that writes without end must not keep the loop. */
const CHUNKS_PER_TURN = 4;
const LINE_BYTES_MAX = 4096;

/** Lines of resource scripts for the log: `NAME<tab>TEXT`, written to descriptor 3 without a process of its own. */
export interface ScriptLog {
  /** For the child: it can be read too, so that a script outlives us without a broken pipe. undefined: there is none. */
  readonly fd: number | undefined;
  close(): void;
}

export function createScriptLog(take: (name: string, text: string) => void): ScriptLog {
  const ends = new Int32Array(2);
  if (call('pipe2', ends, O_CLOEXEC) < 0) return { fd: undefined, close: () => {} };
  const [readEnd = -1, writeEnd = -1] = ends;
  const fd = openSync(`/proc/self/fd/${writeEnd}`, 'r+');
  closeSync(writeEnd);
  call('fcntl', readEnd, F_SETFL, O_NONBLOCK);
  const chunk = Buffer.alloc(CHUNK_BYTES);
  // One byte per character: a letter of several bytes may be cut in two by a read.
  let rest = '';
  const stop = watchReadable(readEnd, () => {
    for (let turn = 0; turn < CHUNKS_PER_TURN; turn += 1) {
      let count: number;
      try {
        count = readSync(readEnd, chunk);
      } catch {
        return;
      }
      const lines = (rest + chunk.toString('latin1', 0, count)).split('\n');
      rest = (lines.pop() ?? '').slice(0, LINE_BYTES_MAX);
      for (const line of lines) {
        const [name = '', ...text] = Buffer.from(line.slice(0, LINE_BYTES_MAX), 'latin1').toString('utf8').split('\t');
        if (name !== '' && text.length > 0) take(name, text.join('\t'));
      }
    }
  });
  return {
    fd,
    close() {
      stop();
      closeSync(readEnd);
      closeSync(fd);
    },
  };
}
