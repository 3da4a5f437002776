import fs from 'node:fs';

/** `noReader`: nobody runs who would read it. */
export type FifoOutcome = 'written' | 'noReader' | 'noPermission' | 'full' | 'tooLong';

/** A write of this length is taken whole or not at all. */
const ATOMIC_BYTES = 4096;
/** 3.0.6 breaks a line that is longer, its end included (wire-protocol 10.1). */
const LINE_BYTES_MAX = 511;

/**
 * Writes one message, as lines `name=value` with a character for each byte, into the FIFO of a daemon (wire-protocol 10.1).
 * Never waits: the original's shell tools stand for ever at a FIFO that nobody reads (tools 4).
 */
export function writeToFifo(path: string, lines: readonly string[]): FifoOutcome {
  const bytes = Buffer.from(`>>>\n${lines.map((line) => `${line}\n`).join('')}<<<\n`, 'latin1');
  if (bytes.length > ATOMIC_BYTES || lines.some((line) => line.length >= LINE_BYTES_MAX)) return 'tooLong';
  let fd: number;
  try {
    fd = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM' ? 'noPermission' : 'noReader';
  }
  try {
    // A plain file in its place is nobody's door.
    if (!fs.fstatSync(fd).isFIFO()) return 'noReader';
    return fs.writeSync(fd, bytes) === bytes.length ? 'written' : 'full';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPIPE' ? 'noReader' : 'full';
  } finally {
    fs.closeSync(fd);
  }
}

/** A sentence for people about an outcome other than `written`. */
export function whyNotWritten(outcome: Exclude<FifoOutcome, 'written'>, path: string): string {
  switch (outcome) {
    case 'noReader':
      return 'Heartbeat is not currently running.';
    case 'noPermission':
      return `no permission to write to ${path}`;
    case 'full':
      return `${path} takes nothing: heartbeat does not read it`;
    case 'tooLong':
      return `too long for ${path}: Heartbeat 3.0.6 would break it`;
  }
}
