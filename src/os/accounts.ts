import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

/** More than any table of local accounts; a longer one is not read. */
const TABLE_BYTES_MAX = 4 * 1024 * 1024;

/** Names of users and groups by number, from the system's tables. Read once at the start and again when told to, off the loop. */
export interface Accounts {
  user(uid: number): string | undefined;
  group(gid: number): string | undefined;
  /** Reads the tables again, unless that is still under way. */
  refresh(): void;
}

export interface AccountTables {
  readonly users: string;
  readonly groups: string;
}

export function createAccounts(tables: AccountTables = { users: '/etc/passwd', groups: '/etc/group' }): Accounts {
  let users = namesByNumber(readNow(tables.users));
  let groups = namesByNumber(readNow(tables.groups));
  let reading = false;
  return {
    user: (uid) => users.get(uid),
    group: (gid) => groups.get(gid),
    refresh() {
      if (reading) return;
      reading = true;
      void Promise.all([readLater(tables.users), readLater(tables.groups)])
        .then(([userTable, groupTable]) => {
          if (userTable !== undefined) users = namesByNumber(userTable);
          if (groupTable !== undefined) groups = namesByNumber(groupTable);
        })
        .finally(() => {
          reading = false;
        });
    },
  };
}

/** `name:x:NUMBER:...`, the form of both tables; the first name of a number counts. */
function namesByNumber(table: string | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of (table ?? '').split('\n')) {
    const [name = '', , digits = ''] = line.split(':');
    if (name !== '' && /^\d{1,10}$/.test(digits) && !names.has(Number(digits))) names.set(Number(digits), name);
  }
  return names;
}

function readNow(file: string): string | undefined {
  try {
    return statSync(file).size > TABLE_BYTES_MAX ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function readLater(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size > TABLE_BYTES_MAX ? undefined : await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
