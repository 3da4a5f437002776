import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Fault } from '../contracts/basics.ts';
import { type DiskStore, replaceFile } from './store.ts';

const FILE_BYTES_MAX = 64 * 1024;
/** A disk that takes longer for one small file stands still. */
const SLOW_MS = 1000;

/** What the last life has written of the ownership of groups; undefined where there is nothing to be read. Meant for the start. */
export function readEpochs(file: string): string | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = Buffer.alloc(FILE_BYTES_MAX);
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Adds `keepEpochs` to a store: one write at a time, off the loop, and of what comes meanwhile the last. `failed` is
 * told once, until a write succeeds again.
 */
export function withEpochs(store: DiskStore, file: string, failed: (fault: Fault) => void): DiskStore {
  let next: string | undefined;
  let since: number | undefined;
  let told = false;

  async function writeAll(): Promise<void> {
    for (let text = next; text !== undefined; text = next) {
      next = undefined;
      since = performance.now();
      const fault = await replaceFile(file, Buffer.from(text, 'latin1'));
      if (fault !== undefined && !told) failed(fault);
      told = fault !== undefined;
    }
    since = undefined;
  }

  return {
    save: (record, done) => store.save(record, done),
    keepEpochs(text) {
      next = text;
      if (since === undefined) void writeAll();
    },
    busy: () => store.busy() || (since !== undefined && performance.now() - since > SLOW_MS),
  };
}
