import type { ApiAuth, ClientCredentials } from '../contracts/clients.ts';

/** The line that speaks for casual clients, and the one for named clients without a line of their own. */
const CASUAL = 'anon';
const DEFAULT = 'default';

function lists(words: readonly string[], id: number, name: string | undefined): boolean {
  return words.some((word) => (/^[0-9]+$/.test(word) ? Number(word) === id : word === name));
}

/**
 * Whether a program may sign on; the answer is the reason why not (wire-protocol 10.3). `lines` are those of ha.cf and the
 * built-in ones: one list that names the program is enough, and a line without any lets everybody in.
 */
export function refuseSignOn(lines: readonly ApiAuth[], name: string | undefined, who: ClientCredentials): string | undefined {
  const find = (client: string) => lines.find((line) => line.client === client);
  // The line for casual clients lets nobody speak, not even who calls itself so.
  const line = name === undefined ? find(CASUAL) : ((name === CASUAL ? undefined : find(name)) ?? find(DEFAULT));
  // Without a line for casual clients everybody may ask; who speaks must be named in one.
  if (line === undefined) return name === undefined ? undefined : 'no default client auth';
  if (line.users.length === 0 && line.groups.length === 0) return undefined;
  return lists(line.users, who.uid, who.user) || lists(line.groups, who.gid, who.group) ? undefined : 'client failed authorization';
}
