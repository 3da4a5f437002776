const TRUE_WORDS: ReadonlySet<string> = new Set(['true', 'on', 'yes', 'y', '1']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['false', 'off', 'no', 'n', '0']);

export const BOOLEAN_FORMS = 'one of true on yes y 1, or false off no n 0';

/** A switch as ha.cf writes it, in any case (directives 1); `undefined` for any other word. */
export function parseBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  return undefined;
}
