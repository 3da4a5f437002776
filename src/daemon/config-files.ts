import fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ConfigFile, ConfigFiles } from '../contracts/config.ts';

/** More than any real file by far; a larger one is refused unread. */
const FILE_BYTES_MAX = 1 << 20;

/** A FIFO in the place of a file must not hold the reader. */
const OPEN_FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/** Reads the three files of a configuration folder. Never throws, and never waits for what is not a plain file. */
export function readConfigFiles(configDir: string): ConfigFiles {
  // Two slashes: the name that 3.0.6 prints in its messages (directives 3).
  const read = (name: string): ConfigFile => readConfigFile(`${configDir}//${name}`);
  return { hacf: read('ha.cf'), authkeys: read('authkeys'), haresources: read('haresources') };
}

/** The same without holding the caller up: for a daemon whose heartbeats go on meanwhile. */
export async function readConfigFilesLater(configDir: string): Promise<ConfigFiles> {
  const read = (name: string): Promise<ConfigFile> => readConfigFileLater(`${configDir}//${name}`);
  // One after the other: each that hangs holds a thread, and the store needs one.
  const hacf = await read('ha.cf');
  const authkeys = await read('authkeys');
  return { hacf, authkeys, haresources: await read('haresources') };
}

export const haresourcesPath = (configDir: string): string => `${configDir}//haresources`;

export async function readConfigFileLater(path: string): Promise<ConfigFile> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, OPEN_FLAGS);
    const stats = await file.stat();
    if (!stats.isFile()) return absent(path, 'not a plain file');
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      ({ bytesRead: count } = await file.read(bytes, length, bytes.length - length, null));
    }
    return finished(path, bytes, length, stats.mode);
  } catch (error) {
    return failed(path, error);
  } finally {
    await file?.close().catch(() => undefined);
  }
}

function readConfigFile(path: string): ConfigFile {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, OPEN_FLAGS);
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) return absent(path, 'not a plain file');
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = fs.readSync(fd, bytes, length, bytes.length - length, null);
    }
    return finished(path, bytes, length, stats.mode);
  } catch (error) {
    return failed(path, error);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function finished(path: string, bytes: Buffer, length: number, mode: number): ConfigFile {
  if (length > FILE_BYTES_MAX) return absent(path, 'EFBIG');
  return { path, text: bytes.toString('latin1', 0, length), mode: mode & 0o7777 };
}

function failed(path: string, error: unknown): ConfigFile {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? { path, text: undefined, mode: undefined } : absent(path, code ?? 'EIO');
}

const absent = (path: string, fault: string): ConfigFile => ({ path, text: undefined, mode: undefined, fault });
