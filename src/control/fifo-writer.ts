import fs from 'node:fs';

/** `noReader`: nobody runs who would read it. */
export type FifoOutcome = 'written' | 'noReader' | 'noPermission' | 'full';

/** Up to here a write is taken whole or not at all, whoever else writes. */
const ATOMIC_BYTES = 4096;

/**
 * Writes one message, as lines `name=value` of one character per byte, into the FIFO of a daemon (wire-protocol 10.1). Never waits: the original's shell
 * tools stand for ever at a FIFO that nobody reads (tools 4).
 */
export function writeToFifo(path: string, lines: readonly string[]): FifoOutcome {
  const bytes = Buffer.from(`>>>\n${lines.map((line) => `${line}\n`).join('')}<<<\n`, 'latin1');
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
    return bytes.length <= ATOMIC_BYTES && fs.writeSync(fd, bytes) === bytes.length ? 'written' : 'full';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPIPE' ? 'noReader' : 'full';
  } finally {
    fs.closeSync(fd);
  }
}
