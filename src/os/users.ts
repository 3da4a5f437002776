import { execFile } from 'node:child_process';
import { readFile } from 'node:fs';
import { accountsOf } from './account-table.ts';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const LOOKUP_LIMIT_MS = 3000;

/** The user of that name: from /etc/passwd, else whatever the system asks (LDAP ...). Nothing here waits; `found` is called once, later. */
export function findUser(name: string, found: (user: User | undefined) => void, file = '/etc/passwd'): void {
  if (name === '' || name.length > 256 || /[\0:\n]/.test(name) || /^[0-9]+$/.test(name)) {
    setImmediate(found, undefined);
    return;
  }
  readFile(file, 'utf8', (fault, text) => {
    const known = fault === null ? userLine(text, name) : undefined;
    if (known !== undefined) found(known);
    else
      execFile('getent', ['passwd', '--', name], { timeout: LOOKUP_LIMIT_MS, maxBuffer: 65_536 }, (error, output) =>
        found(error === null ? userLine(output, name) : undefined),
      );
  });
}

function userLine(text: string, name: string): User | undefined {
  for (const account of accountsOf(text)) {
    if (account.name === name && account.next !== undefined) return { name, uid: account.id, gid: account.next };
  }
  return undefined;
}
