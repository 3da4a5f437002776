import { fchown, fstat, readFileSync } from 'node:fs';
import { ERRNO, errnoFault } from './errno.ts';

/** Whose the log files are, so that tools of the cluster's user may read them (tools 1). */
const USER = 'hacluster';
const GROUP = 'haclient';

const TABLE_BYTES_MAX = 4 * 1024 * 1024;

/** Numbers out of the system's own tables: asking others (LDAP) could wait. */
function numberOf(name: string, table: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(table, 'latin1').slice(0, TABLE_BYTES_MAX);
  } catch {
    return undefined;
  }
  for (const line of text.split('\n')) {
    const [word, , number] = line.split(':');
    if (word === name && number !== undefined && /^\d+$/.test(number)) return Number(number);
  }
  return undefined;
}

export type GiveAway = (fd: number, done: (error: Error | null) => void) => void;

/**
 * Gives an open log file to hacluster:haclient. Nothing where these do not exist, or when we are not root. Only plain
 * files: `debugfile /dev/null` must stay everybody's.
 */
export function logOwner(users = '/etc/passwd', groups = '/etc/group'): GiveAway | undefined {
  const user = numberOf(USER, users);
  const group = numberOf(GROUP, groups);
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
