/** Three files that Heartbeat 3.0.6 and heartbeatd are both given to judge, and short ways to write them down. */

export interface Files {
  /** `null`: there is no such file. One character per byte. */
  readonly hacf: string | null;
  readonly authkeys: string | null;
  readonly haresources: string | null;
  /** Octal, of authkeys. */
  readonly mode: string;
}

export interface Case extends Files {
  /** What is special about it: unique, and what exceptions are matched against. */
  readonly name: string;
}

const GOOD_LINES = ['logfile /var/log/ha-log', 'keepalive 1', 'deadtime 5', 'initdead 10', 'auto_failback on', 'bcast eth0', 'node n1 n2'];

export const GOOD: Files = {
  hacf: `${GOOD_LINES.join('\n')}\n`,
  authkeys: 'auth 1\n1 sha1 labsecret\n',
  haresources: 'n1 10.77.0.100/24/eth0\n',
  mode: '600',
};

const firstWord = (line: string): string => line.trim().split(/\s/)[0] ?? '';

/** Lines of ha.cf above those of a good one that begin with other words. */
export function cf(...lines: readonly string[]): Case {
  const words = new Set(lines.map(firstWord));
  const rest = GOOD_LINES.filter((line) => !words.has(firstWord(line)));
  return { ...GOOD, name: lines.join(' | '), hacf: `${[...lines, ...rest].join('\n')}\n` };
}

/** A good ha.cf without its lines that begin with this word, and with these lines below. */
export function without(word: string, ...lines: readonly string[]): Case {
  const rest = GOOD_LINES.filter((line) => firstWord(line) !== word);
  return { ...GOOD, name: [`no ${word}`, ...lines].join(' | '), hacf: `${[...rest, ...lines].join('\n')}\n` };
}

/** Lines of ha.cf below a good one's. */
export function below(...lines: readonly string[]): Case {
  return { ...GOOD, name: `below: ${lines.join(' | ')}`, hacf: `${[...GOOD_LINES, ...lines].join('\n')}\n` };
}

export const raw = (name: string, files: Partial<Files>): Case => ({ ...GOOD, ...files, name });

export const keys = (text: string, mode = '600'): Case => raw(`authkeys ${mode}: ${JSON.stringify(text)}`, { authkeys: text, mode });

export const res = (text: string): Case => raw(`haresources: ${JSON.stringify(text)}`, { haresources: text });
