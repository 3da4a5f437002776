import { readFile, stat } from 'node:fs/promises';
import { accountsOf, readTableNow, TABLE_BYTES_MAX } from './account-table.ts';

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
  let users = namesByNumber(readTableNow(tables.users));
  let groups = namesByNumber(readTableNow(tables.groups));
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

/** The first name of a number counts. */
function namesByNumber(table: string | undefined): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { name, id } of accountsOf(table ?? '')) if (!names.has(id)) names.set(id, name);
  return names;
}

async function readLater(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size > TABLE_BYTES_MAX ? undefined : await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
