/** Directives about local programs: who may connect, and what runs beside the daemon (directives 2, 5). */
import type { Directive, WholeLineDirective } from './directive.ts';
import { refuse } from './directive.ts';
import type { LineContext } from './draft.ts';
import { shown } from './problems.ts';

/** Programs of the package whose absence makes the cluster less safe; others are the site's own. */
const GUARDS: Readonly<Record<string, { readonly unguarded: string; readonly needsPing: boolean }>> = {
  ipfail: { unguarded: 'a node that loses its service network keeps its resources', needsPing: true },
  dopd: { unguarded: 'an outdated DRBD disk is not marked as such', needsPing: false },
};

const COMMAND = /^[^ \t\r\n\f]+[ \t\r\n\f]+[^ \t\r\n\f]+[ \t\r\n\f]+/;
/** Accounts that a package of Heartbeat makes; heartbeatd does not depend on them. */
const HEARTBEAT_ACCOUNTS: ReadonlySet<string> = new Set(['hacluster', 'haclient']);

/** A line as 3.0.6 judges it, but for its own ipfail and dopd, which a host with heartbeatd alone lacks. */
function applyClient(word: 'respawn' | 'failfast', [user = '', path = '']: readonly string[], line: LineContext): void {
  const expected = `\`${word} USER /PATH [ARG ...]\``;
  const rest = line.words.join(' ');
  const guard = GUARDS[path.split('/').at(-1) ?? ''];
  const noUser = user === '' || line.host.hasUser?.(user) === false;
  const noProgram = path.startsWith('/') && line.host.isExecutable?.(path) === false;
  if (path.startsWith('/') && user !== '' && guard !== undefined && (noUser || noProgram)) {
    const lacking = noUser ? noUserText(user) : notExecutableText(path);
    unmet(word, line, `${lacking}: the program is not run, so ${guard.unguarded}`);
    return;
  }
  if (noUser) {
    refuse(line, word, rest, expected, noUserText(user));
  } else if (!path.startsWith('/')) {
    refuse(line, word, rest, expected, `Client child command [${shown(path)}] is not full pathname`);
  } else if (noProgram) {
    refuse(line, word, rest, 'a program that may be executed', notExecutableText(path));
  } else {
    line.draft.programs.push({ user, command: line.lineText.replace(COMMAND, ''), failfast: word === 'failfast' });
    if (guard?.needsPing === true) {
      unmet(word, line, `the program is run, but ping nodes are not watched in this version and it sees none, so ${guard.unguarded}`);
    }
    if (word === 'failfast') {
      unmet(
        word,
        line,
        'the program is run and started again, but the host is not reset when it dies: that is not carried out in this version',
      );
    }
  }
}

const noUserText = (user: string): string => `Invalid uid [${shown(user)}] specified for client child`;
const notExecutableText = (path: string): string => `Client child command [${shown(path)}] is not executable`;

function unmet(word: string, { draft, problems, at, lineText }: LineContext, what: string): void {
  const text = `\`${shown(lineText)}\`: ${what}`;
  problems.warning(at, text);
  draft.unmet.push({ word, text });
}

function client(word: 'respawn' | 'failfast', help: string): WholeLineDirective {
  return {
    word,
    form: 'wholeLine',
    syntax: `${word} USER /PATH [ARG ...]`,
    help,
    status: 'implemented',
    recorded: false,
    apply: (words, line) => applyClient(word, words, line),
  };
}

/** What 3.0.6 says about a list with an unknown name in it; numbers are taken as they are. */
function unknownAccount(list: string, { host }: LineContext): string | undefined {
  const kind = list.startsWith('uid=') ? 'uid' : 'gid';
  const names = namesOf(list);
  const isKnown = (name: string) => {
    if (/^[0-9]*$/.test(name) || HEARTBEAT_ACCOUNTS.has(name)) return true;
    return (kind === 'uid' ? host.hasUser?.(name) : host.hasGroup?.(name)) !== false;
  };
  const unknown = names.find((name) => !isKnown(name));
  if (unknown === undefined) return undefined;
  const what = kind === 'uid' ? 'user id' : 'group';
  return `Invalid ${what} name [${shown(unknown)}]; Bad ${kind} list [${shown(names.join(','))}]`;
}

function namesOf(list: string): readonly string[] {
  return list.slice('uid='.length).split(',');
}

function applyApiauth([name = '', ...lists]: readonly string[], line: LineContext): void {
  const syntax = '`apiauth client [uid=uidlist] [gid=gidlist]`';
  const rest = shown(line.words.join(' '));
  const keys = lists.map((list) => /^(uid|gid)=/.exec(list)?.[1]);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  let fault: string | undefined;
  if (line.draft.apiClients.has(name)) fault = `Duplicate apiauth directive for API client ${shown(name)}: [${rest}]`;
  else if (name === '' || lists.length === 0 || keys.includes(undefined)) fault = 'Missing uid or gid in apiauth';
  else if (twice !== undefined) fault = `Duplicate ${twice} list in apiauth`;
  else fault = lists.map((list) => unknownAccount(list, line)).find((text) => text !== undefined);
  line.draft.apiClients.add(name);
  if (fault !== undefined) {
    refuse(line, 'apiauth', rest, syntax, `${fault}; Invalid apiauth directive [${rest}]`);
    return;
  }
  const of = (key: string) => lists.filter((list) => list.startsWith(key)).flatMap((list) => namesOf(list).filter((each) => each !== ''));
  line.draft.apiauth.push({ client: name, users: of('uid='), groups: of('gid=') });
}

export const CLIENT_DIRECTIVES: readonly Directive[] = [
  {
    word: 'apiauth',
    form: 'wholeLine',
    syntax: 'apiauth CLIENT [uid=LIST] [gid=LIST]',
    help:
      'Who may connect as a client of that name. Built in: ipfail uid=hacluster, ccm uid=hacluster, ping gid=haclient, ' +
      'lha-snmpagent uid=root, anon uid=root gid=haclient.',
    status: 'implemented',
    recorded: false,
    apply: applyApiauth,
  },
  client('respawn', 'A program kept running beside the daemon, from the moment the node is active; exit status 100 ends that.'),
  client('failfast', 'As respawn, but the host reboots when the program dies.'),
];
