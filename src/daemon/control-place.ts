import fs from 'node:fs';
import path from 'node:path';
import type { SocketPlace } from '../control/server.ts';
import { findId } from '../os/account-table.ts';

/** May ask and command the daemon, as it may with 3.0.6. */
const GROUP = 'haclient';

/**
 * The control socket's file: 0660 root:haclient where that group exists, else 0600. It is born with these rights (umask),
 * so there is no moment in which others can connect, and none of them is changed afterwards by name: the folder may belong
 * to hacluster, who could put a link to any file in its place. Only the holder of the daemon's lock may call `prepare`:
 * what it finds there belongs to nobody.
 */
export function controlPlace(groupTable?: string): SocketPlace {
  const group = (): number | undefined => (process.getuid?.() === 0 ? findId(GROUP, groupTable ?? '/etc/group') : undefined);
  return {
    prepare: clearSocket,
    guarded: (bind) => withUmask(group() === undefined ? 0o177 : 0o117, bind),
    protect(file) {
      const found = group();
      if (found === undefined) return;
      try {
        fs.lchownSync(file, 0, found);
      } catch {
        // A user namespace that does not know the group: the socket stays root's alone.
      }
    },
  };
}

/** The client socket's file: open to everybody, as programs of 3.0.6 find it; what a client may do is asked of the kernel. */
export function registerPlace(): SocketPlace {
  return { prepare: clearSocket, guarded: (bind) => withUmask(0, bind), protect: () => undefined };
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
