import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Fault } from '../contracts/basics.ts';
import { keepDescriptorsPrivate, passDescriptors } from './descriptors.ts';
import { errnoFault } from './errno.ts';
import { call, execute } from './libc.ts';

/**
 * A start in place: this process becomes its own program again. The process number stays, so pid file, service manager and
 * whoever waits for us see one life; what is handed over stays open, everything else closes by itself.
 */

const STANDARD_FDS = [0, 1, 2];
const MFD_CLOEXEC = 1;

/**
 * Does not come back when it works. `words` take the place of the present arguments; `name` is what `ps` shows from the
 * first moment. A Fault means that nothing has happened.
 */
export function startOwnProgramAgain(name: string, words: readonly string[], handed: readonly number[]): Fault {
  const script = process.argv[1];
  // Node marks even its standard descriptors as its own.
  keepDescriptorsPrivate();
  passDescriptors([...STANDARD_FDS, ...handed]);
  const program = [name, ...process.execArgv, ...(script === undefined ? [] : [script]), ...words];
  const result = execute(process.execPath, program, environmentWords());
  keepDescriptorsPrivate();
  return errnoFault(`execve ${process.execPath}`, -result);
}

/** This process becomes that program, in the same session and with its standard descriptors alone. Comes back only when that failed. */
export function becomeProgram(path: string, words: readonly string[]): void {
  keepDescriptorsPrivate();
  passDescriptors(STANDARD_FDS);
  execute(path, words, environmentWords());
}

const environmentWords = (): string[] => Object.entries(process.env).map(([key, value]) => `${key}=${value ?? ''}`);

/**
 * Asks, from this call on, whether the program's file has become another one: an upgrade. Its folder may be gone for a
 * moment while that is under way: then nothing has changed yet.
 */
export function watchOwnProgram(file = process.argv[1] ?? ''): () => Promise<boolean> {
  const stamp = async (): Promise<string | undefined> => {
    try {
      const { dev, ino, size, mtimeMs } = await stat(file);
      return `${dev} ${ino} ${size} ${mtimeMs}`;
    } catch {
      return undefined;
    }
  };
  const before = stamp();
  return async () => {
    const [then, now] = [await before, await stamp()];
    return then !== undefined && now !== undefined && then !== now;
  };
}

/** Bytes for the next program in this process, in memory: a descriptor to hand over. */
export function holdBytes(bytes: Uint8Array): number | Fault {
  const fd = call('memfd_create', Buffer.from('handed\0'), MFD_CLOEXEC);
  if (fd < 0) return errnoFault('memfd_create', -fd);
  writeSync(fd, bytes, 0, bytes.length, 0);
  return fd;
}

/** What `holdBytes` left, once; nothing when `fd` is no such thing or holds more than `bytesMax`. */
export function takeBytes(fd: number, bytesMax: number): Uint8Array | undefined {
  try {
    const { size } = fstatSync(fd);
    if (size === 0 || size > bytesMax) return undefined;
    const bytes = Buffer.alloc(size);
    const count = readSync(fd, bytes, 0, size, 0);
    closeSync(fd);
    return bytes.subarray(0, count);
  } catch {
    return undefined;
  }
}
