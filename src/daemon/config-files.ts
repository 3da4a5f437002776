import fs from 'node:fs';
import type { ConfigFile, ConfigFiles } from '../contracts/config.ts';

/** More than any real file by far; a larger one is refused unread. */
const FILE_BYTES_MAX = 1 << 20;

/** Reads the three files of a configuration folder. Never throws, and never waits for what is not a plain file. */
export function readConfigFiles(configDir: string): ConfigFiles {
  // Two slashes: the name that 3.0.6 prints in its messages (directives 3).
  const read = (name: string): ConfigFile => readConfigFile(`${configDir}//${name}`);
  return { hacf: read('ha.cf'), authkeys: read('authkeys'), haresources: read('haresources') };
}

function readConfigFile(path: string): ConfigFile {
  let fd: number | undefined;
  try {
    // A FIFO in its place must not hold the reader.
    fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) return absent(path, 'not a plain file');
    const bytes = Buffer.alloc(FILE_BYTES_MAX + 1);
    let length = 0;
    for (let count = -1; count !== 0 && length < bytes.length; length += count) {
      count = fs.readSync(fd, bytes, length, bytes.length - length, null);
    }
    if (length > FILE_BYTES_MAX) return absent(path, 'EFBIG');
    return { path, text: bytes.toString('latin1', 0, length), mode: stats.mode & 0o7777 };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { path, text: undefined, mode: undefined } : absent(path, code ?? 'EIO');
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

const absent = (path: string, fault: string): ConfigFile => ({ path, text: undefined, mode: undefined, fault });
