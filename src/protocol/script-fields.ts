import type { Message } from './message.ts';

/**
 * Messages come from the network, and their fields end in the environment of scripts that run as root. 3.0.6 takes any
 * name: a field `DIR` there replaces HA_DIR, and harc looks for its scripts in a folder of the sender's choice. Here a name
 * has a small letter, as all names of the protocol have: the fixed variables (HA_DIR, HA_FUNCS, HA_BIN, HA_NICEFAILBACK ...)
 * have none. What else the daemon's environment holds (`HA_<directive>`) is left alone by those who join the two.
 */
const NAME = /^(?=.*[a-z])[A-Za-z0-9_]{1,128}$/;
/** One text of an environment may have 131,072 bytes, and what is no UTF-8 doubles on its way there. */
const VALUE_CHARS_MAX = 60_000;
const FIELDS_MAX = 500;
const ALL_CHARS_MAX = 200_000;

export type ScriptFields = Readonly<Record<string, string>>;

/** The text fields of a message that scripts may see, unprefixed; of a name that occurs twice the last (wire-protocol 1.1). */
export function scriptFields(message: Message): ScriptFields {
  const fields = new Map<string, string>();
  let left = ALL_CHARS_MAX;
  for (const { type, name, value } of message.fields) {
    if (type !== 0 || !NAME.test(name) || value.length > VALUE_CHARS_MAX) continue;
    left -= name.length + value.length;
    if (left < 0 || fields.size >= FIELDS_MAX) break;
    fields.set(name, value.split('\0', 1)[0] ?? '');
  }
  return Object.fromEntries(fields);
}
