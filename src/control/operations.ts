import type { CommandRequest, CommandResult } from '../contracts/engine.ts';

/**
 * What can be asked of a running daemon: one line of JSON in, one line of JSON out.
 *
 * `{"op":"standby","set":"all"}` -> `{"ok":true}` or `{"ok":false,"reason":"..."}`. The rights of the socket
 * file decide who may ask (root and group haclient); the checks here are written out, because they run in programs that must start fast.
 */
interface Operation {
  readonly op: CommandRequest['name'];
  /** Every field is required. */
  readonly fields: Readonly<Record<string, FieldForm>>;
}

/** One of these words, or what a check lets pass; `needs` says what that is. */
type FieldForm = readonly string[] | { readonly needs: string; readonly isGood: (value: unknown) => boolean };

const NODE_NAME = /^[!-<>-~]{1,99}$/;
const NODES_MAX = 100;
const WEIGHT_MAX = 999_999_999;
const SITE = /^[ -~\x80-\xff]{0,255}$/;

const isNode = (value: unknown): boolean => typeof value === 'string' && NODE_NAME.test(value);
const NODE: FieldForm = { needs: 'a node name: at most 99 letters, digits and signs without blanks', isGood: isNode };
const NODES: FieldForm = {
  needs: `1 to ${NODES_MAX} node names, each of at most 99 letters, digits and signs without blanks`,
  isGood: (value) => Array.isArray(value) && value.length > 0 && value.length <= NODES_MAX && value.every(isNode),
};
const GROUP: FieldForm = {
  needs: 'the first resource of a group as haresources has it, or all',
  isGood: (value) => typeof value === 'string' && /^[!-~\x80-\xff]{1,1000}$/.test(value),
};
const WEIGHT: FieldForm = {
  needs: `a whole number from -${WEIGHT_MAX} to ${WEIGHT_MAX}`,
  isGood: (value) => typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= WEIGHT_MAX,
};
const SITE_NAME: FieldForm = {
  needs: 'a text of at most 255 bytes on one line',
  isGood: (value) => typeof value === 'string' && SITE.test(value),
};

/** Sets that can be moved (tools 4). `failback` means `foreign`. */
export const SET_WORDS = ['all', 'foreign', 'local', 'failback'] as const;
export type SetWord = (typeof SET_WORDS)[number];

export const OPERATIONS: readonly Operation[] = [
  { op: 'status', fields: {} },
  { op: 'standby', fields: { set: SET_WORDS } },
  { op: 'takeover', fields: { set: SET_WORDS } },
  { op: 'clearfailure', fields: { group: GROUP } },
  { op: 'addnode', fields: { nodes: NODES } },
  { op: 'delnode', fields: { nodes: NODES } },
  { op: 'setweight', fields: { node: NODE, weight: WEIGHT } },
  { op: 'setsite', fields: { node: NODE, site: SITE_NAME } },
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
  const wrong = wrongFields(operation, value);
  if (wrong !== undefined) return refuse(wrong);
  // The table above names exactly the members of CommandRequest; `op` travels, `name` is ours.
  const { op, ...fields } = value;
  return { ok: true, request: { name: op, ...fields } as CommandRequest };
}

/** The same check before anything is sent: what a program was given, in its own words. */
export function whatIsWrong({ name, ...fields }: CommandRequest): string | undefined {
  const operation = OPERATIONS.find(({ op }) => op === name);
  return operation === undefined ? `unknown op ${name}` : wrongFields(operation, fields);
}

function wrongFields(operation: Operation, value: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(value)) {
    if (name !== 'op' && !Object.hasOwn(operation.fields, name)) return `${operation.op} takes no field of that name`;
  }
  for (const [name, form] of Object.entries(operation.fields)) {
    const given = value[name];
    if ('needs' in form) {
      if (!form.isGood(given)) return `${operation.op} needs ${name}: ${form.needs}`;
    } else if (typeof given !== 'string' || !form.includes(given)) return `${operation.op} needs ${name}: one of ${form.join(' ')}`;
  }
  return undefined;
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
