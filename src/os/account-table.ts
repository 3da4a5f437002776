import { readFileSync, statSync } from 'node:fs';

/** More than any table of local accounts; a longer one is not read. */
export const TABLE_BYTES_MAX = 4 * 1024 * 1024;
const ID_MAX = 0xffff_fffe;

/** A line of /etc/passwd or /etc/group. */
export interface Account {
  readonly name: string;
  readonly id: number;
  /** The field behind the number: a user's group. */
  readonly next: number | undefined;
}

/** `name:x:NUMBER:...`, the form of both tables; other lines are passed over. */
export function* accountsOf(table: string): Iterable<Account> {
  for (const line of table.split('\n')) {
    const [name = '', , id = '', next = ''] = line.split(':');
    const number = idOf(id);
    if (name !== '' && number !== undefined) yield { name, id: number, next: idOf(next) };
  }
}

function idOf(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) && Number(text) <= ID_MAX ? Number(text) : undefined;
}

/** The text of a table, read at once: for the start alone. Nothing when it cannot be read. */
export function readTableNow(file: string): string | undefined {
  try {
    return statSync(file).size > TABLE_BYTES_MAX ? undefined : readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The number of a name in the system's own table: asking others (LDAP) could wait. */
export function findId(name: string, file: string): number | undefined {
  for (const account of accountsOf(readTableNow(file) ?? '')) if (account.name === name) return account.id;
  return undefined;
}
