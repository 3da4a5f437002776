import { fchown, fstat } from 'node:fs';
import { findId } from './account-table.ts';
import { ERRNO, errnoFault } from './errno.ts';

/** Whose the log files are, so that tools of the cluster's user may read them (tools 1). */
const USER = 'hacluster';
const GROUP = 'haclient';

export type GiveAway = (fd: number, done: (error: Error | null) => void) => void;

/**
 * Gives an open log file to hacluster:haclient. Nothing where these do not exist, or when we are not root. Only plain
 * files: `debugfile /dev/null` must stay everybody's.
 */
export function logOwner(users = '/etc/passwd', groups = '/etc/group'): GiveAway | undefined {
  const user = findId(USER, users);
  const group = findId(GROUP, groups);
  if (user === undefined || group === undefined || process.getuid?.() !== 0) return undefined;
  return (fd, done) =>
    fstat(fd, (fault, stats) => {
      if (fault !== null) return done(fault);
      if (!stats.isFile() || (stats.uid === user && stats.gid === group)) return done(null);
      fchown(fd, user, group, (error) => done(error === null ? null : new Error(sentence(error))));
    });
}

/** As the C library words it: `Operation not permitted`. */
function sentence(error: NodeJS.ErrnoException): string {
  const number = Object.entries(ERRNO).find(([name]) => name === error.code)?.[1];
  return number === undefined ? error.message : errnoFault('', number).detail.slice(': '.length);
}
