import fs from 'node:fs';

/** Up to here a write to a pipe is one piece, whoever else writes. */
const PIPE_BYTES_MAX = 4096;

export type FifoResult = 'written' | 'noReader' | { readonly reason: string };

/**
 * One packet for a daemon that listens to its FIFO alone, as the original does. Never waits: a FIFO without a reader, which
 * holds the original's own tools up for ever, is the same as no FIFO.
 */
export function writeFifo(path: string, packet: string): FifoResult {
  const bytes = Buffer.from(packet, 'latin1');
  if (bytes.length > PIPE_BYTES_MAX) return { reason: `more than ${PIPE_BYTES_MAX} bytes do not fit into ${path} at once` };
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW);
    if (!fs.fstatSync(fd).isFIFO()) return { reason: `${path} is no FIFO` };
    fs.writeSync(fd, bytes);
    return 'written';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENXIO' || code === 'ENOTDIR') return 'noReader';
    return { reason: code === 'EAGAIN' ? `the daemon behind ${path} reads nothing` : message };
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
