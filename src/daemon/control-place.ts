import fs from 'node:fs';
import path from 'node:path';
import type { SocketPlace } from '../control/server.ts';

/** May ask and command the daemon, as it may with 3.0.6. */
const GROUP = 'haclient';

/** Reads the group's number from the system's table; nothing when there is no such group. */
export function findGroup(name: string, table = '/etc/group'): number | undefined {
  let text: string;
  try {
    text = fs.readFileSync(table, 'utf8');
  } catch {
    return undefined;
  }
  for (const line of text.split('\n')) {
    const [word, , number] = line.split(':');
    if (word === name && number !== undefined && /^\d+$/.test(number)) return Number(number);
  }
  return undefined;
}

/**
 * The control socket's file: 0660 root:haclient where that group exists, else 0600. It is born closed (umask),
 * so there is no moment in which others can connect. Only the holder of the daemon's lock may call `prepare`:
 * what it finds there belongs to nobody.
 */
export function controlPlace(groupTable?: string): SocketPlace {
  return {
    prepare: clearSocket,
    guarded: (bind) => withUmask(0o177, bind),
    protect(file) {
      const group = findGroup(GROUP, groupTable);
      if (group === undefined || process.getuid?.() !== 0) return;
      try {
        fs.chownSync(file, 0, group);
      } catch {
        // A user namespace that does not know the group: the socket stays root's alone.
        return;
      }
      fs.chmodSync(file, 0o660);
    },
  };
}

/** The client socket's file: open to everybody, as programs of 3.0.6 find it; what a client may do is asked of the kernel. */
export function registerPlace(): SocketPlace {
  return {
    prepare: clearSocket,
    guarded: (bind) => withUmask(0, bind),
    protect: (file) => fs.chmodSync(file, 0o777),
  };
}

function clearSocket(file: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
  const found = fs.lstatSync(file, { throwIfNoEntry: false });
  if (found?.isSocket() === true) fs.unlinkSync(file);
}

function withUmask(mask: number, act: () => void): void {
  const before = process.umask(mask);
  try {
    act();
  } finally {
    process.umask(before);
  }
}
