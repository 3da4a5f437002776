import type { CommandRequest, CommandResult } from '../contracts/engine.ts';

/**
 * What can be asked of a running daemon: one line of JSON in, one line of JSON out.
 *
 * `{"op":"standby","set":"all"}` -> `{"ok":true}` or `{"ok":false,"reason":"..."}`. The rights of the socket
 * file decide who may ask (root and group haclient); the checks here are written out, because they run in programs that must start fast.
 */
interface Operation {
  readonly op: CommandRequest['name'];
  /** Every field is required, and takes one of these words. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

/** Sets that can be moved (tools 4). `failback` means `foreign`. */
export const SET_WORDS = ['all', 'foreign', 'local', 'failback'] as const;
export type SetWord = (typeof SET_WORDS)[number];

export const OPERATIONS: readonly Operation[] = [
  { op: 'status', fields: {} },
  { op: 'standby', fields: { set: SET_WORDS } },
  { op: 'takeover', fields: { set: SET_WORDS } },
];

/** A request with all its bytes: more is an error of the caller. */
export const REQUEST_BYTES_MAX = 64 * 1024;
/** Room for the status of a large configuration. */
export const REPLY_BYTES_MAX = 4 * 1024 * 1024;

export type ReadRequest = { readonly ok: true; readonly request: CommandRequest } | { readonly ok: false; readonly reason: string };

/** One line from outside as a request, or a sentence about what is wrong with it. Never throws. */
export function readRequest(line: string): ReadRequest {
  const value = parse(line);
  if (!isRecord(value)) return refuse('a request is one JSON object on one line, such as {"op":"status"}');
  const operation = OPERATIONS.find(({ op }) => op === value.op);
  if (operation === undefined) return refuse(`unknown op; expected one of: ${OPERATIONS.map(({ op }) => op).join(' ')}`);
  for (const name of Object.keys(value)) {
    if (name !== 'op' && !Object.hasOwn(operation.fields, name)) return refuse(`${operation.op} takes no field of that name`);
  }
  for (const [name, words] of Object.entries(operation.fields)) {
    const word = value[name];
    if (typeof word !== 'string' || !words.includes(word)) return refuse(`${operation.op} needs ${name}: one of ${words.join(' ')}`);
  }
  // The table above names exactly the members of CommandRequest; `op` travels, `name` is ours.
  const { op, ...fields } = value;
  return { ok: true, request: { name: op, ...fields } as CommandRequest };
}

/** The line for a request, its end included. */
export function writeRequest(request: CommandRequest): string {
  const { name, ...fields } = request;
  return `${JSON.stringify({ op: name, ...fields })}\n`;
}

/** A reply line as a result; nothing when it is not one. The daemon is trusted with the inside of `status`. */
export function readReply(line: string): CommandResult | undefined {
  const value = parse(line);
  if (!isRecord(value)) return undefined;
  if (value.ok === false && typeof value.reason === 'string') return { ok: false, reason: value.reason };
  if (value.ok !== true) return undefined;
  if (value.status === undefined) return { ok: true };
  return isSnapshot(value.status) ? { ok: true, status: value.status } : undefined;
}

export function writeReply(result: CommandResult): string {
  return `${JSON.stringify(result)}\n`;
}

type Snapshot = NonNullable<Extract<CommandResult, { ok: true }>['status']>;

/** Enough to walk it without an exception. */
function isSnapshot(value: unknown): value is Snapshot {
  return (
    isRecord(value) &&
    typeof value.node === 'string' &&
    typeof value.version === 'string' &&
    Array.isArray(value.groups) &&
    isRecord(value.parameters) &&
    Array.isArray(value.nodes) &&
    value.nodes.every((node: unknown) => isRecord(node) && typeof node.name === 'string' && Array.isArray(node.links))
  );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

const refuse = (reason: string): ReadRequest => ({ ok: false, reason });
