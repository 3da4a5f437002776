import type { ApiAnswer, ApiClient, ApiFields } from '../control/api-client.ts';
import type { Options } from './getopt.ts';
import type { Io } from './io.ts';

/** What each sub-command of cl_status asks over the client socket, and prints: words, order and exit statuses of 3.0.6 (tools 3). */

/** Exit statuses of cl_status, not those of `heartbeat`. `timeout`: the daemon says nothing. */
export const CL_STATUS_EXIT = { ok: 0, no: 1, parameter: 11, timeout: 12, other: 13 } as const;

export interface SubCommand {
  readonly name: string;
  readonly help: string;
  /** Names of its arguments, for the help. */
  readonly words: readonly string[];
  /** Letters as `getopt` reads them. `m` is for a sentence instead of a word. */
  readonly options: string;
  /** Printed, with exit 11, when an argument is missing. */
  readonly missing: string;
  run(client: ApiClient, options: Options, io: Io): Promise<number>;
}

const FEW = 'Not enough parameters.';
const NO_PARAMETER = 'No enough parameter.';
const WRONG_NODE = 'Error. May be due to incorrect node name';

/**
 * The default of 3.0.6 is 500 ms, which is also how long its daemon sleeps before it answers: the same question is
 * answered or not, by luck.
 */
const CLIENT_STATUS_MS = 1000;

const ALIVE: ReadonlySet<string> = new Set(['active', 'up', 'ping']);

const field = (row: ApiFields | undefined, name: string): string => row?.get(name) ?? '';

function cannot(io: Io, what: string, reason: string): void {
  io.err(`ERROR: ${what}`);
  io.err(`ERROR: REASON: ${reason}`);
}

/** The first word as a node, one field of the answer as the result. */
async function askNode(client: ApiClient, reqtype: string, node: string, name: string): Promise<string | undefined> {
  const answer = await client.request(reqtype, { node });
  return answer.ok ? field(answer.rows[0], name) : undefined;
}

/** A sub-command that asks one thing about one node. */
function nodeCommand(
  name: string,
  help: string,
  fieldName: string,
  texts: { readonly missing?: string; readonly wrong?: string },
  sentence: (node: string, value: string) => string,
  statusOf: (value: string) => number = () => CL_STATUS_EXIT.ok,
): SubCommand {
  return {
    name,
    help,
    words: ['NODE'],
    options: 'm',
    missing: texts.missing ?? FEW,
    async run(client, { words, flags }, io) {
      const [node = ''] = words;
      const value = await askNode(client, name, node, fieldName);
      if (value === undefined) {
        io.err(texts.wrong ?? WRONG_NODE);
        return CL_STATUS_EXIT.parameter;
      }
      io.out(flags.has('m') ? sentence(node, value) : value);
      return statusOf(value);
    },
  };
}

/** Lists come newest first, as 3.0.6 prints them: it turns round what the daemon sends. */
async function printLinks(
  client: ApiClient,
  node: string,
  style: { readonly m: boolean; readonly v: boolean },
  io: Io,
): Promise<ApiAnswer> {
  const answer = await client.request('iflist', { node });
  if (!answer.ok) return answer;
  if (style.m) io.out('\tthis node has the following heartbeat links:');
  for (const row of answer.rows.toReversed())
    io.out(style.v ? `\t${field(row, 'ifname')}\t${field(row, 'st')}` : `\t${field(row, 'ifname')}`);
  return answer;
}

async function printNodes(client: ApiClient, flags: ReadonlySet<string>, io: Io): Promise<number> {
  const answer = await client.request('nodelist');
  if (!answer.ok) {
    cannot(io, 'Cannot start node walk.', answer.info);
    return CL_STATUS_EXIT.other;
  }
  if (flags.has('m')) io.out('The nodes are as follow:');
  // Both words together leave nobody out.
  const only = flags.has('n') === flags.has('p') ? undefined : flags.has('n') ? 'normal' : 'ping';
  for (const row of answer.rows.toReversed()) {
    const [node, type] = [field(row, 'node'), field(row, 'nodetype')];
    if (only !== undefined && type !== only) continue;
    if (!flags.has('v')) {
      io.out(node);
      continue;
    }
    io.out('');
    io.out(`${node}\t${field(row, 'st')}\t(nodetype: ${type})`);
    const links = await printLinks(client, node, { m: flags.has('m'), v: true }, io);
    if (!links.ok) cannot(io, 'Cannot start heartbeat link interface walk.', links.info);
  }
  return CL_STATUS_EXIT.ok;
}

export const SUB_COMMANDS: readonly SubCommand[] = [
  {
    name: 'hbstatus',
    help: 'is heartbeat running on this machine? (-v: version, nodes and links)',
    words: [],
    options: 'mv',
    missing: '',
    async run(client, { flags }, io) {
      if (!flags.has('v')) {
        io.out('Heartbeat is running on this machine.');
        return CL_STATUS_EXIT.ok;
      }
      const version = field(client.signOnFields, 'hbversion');
      const sentences = flags.has('m');
      io.out(sentences ? `Heartbeat version ${version}` : `version:\t${version}`);
      io.out(sentences ? 'Resources controlled by "haresources"' : 'managed by:\t"haresources"');
      return printNodes(client, new Set(flags), io);
    },
  },
  {
    name: 'listnodes',
    help: 'names of all nodes (-n: ordinary ones, -p: ping nodes, -v: with status, type and links)',
    words: [],
    options: 'mpnv',
    missing: '',
    run: (client, { flags }, io) => printNodes(client, flags, io),
  },
  nodeCommand(
    'nodestatus',
    'active, up, init, dead or ping; exit 1 for init and dead',
    'st',
    {},
    (node, value) => `The cluster node ${node} is ${value}`,
    (value) => (ALIVE.has(value) ? CL_STATUS_EXIT.ok : CL_STATUS_EXIT.no),
  ),
  nodeCommand('nodetype', 'normal or ping', 'nodetype', { missing: NO_PARAMETER }, (node, value) => `The node ${node}'s type: ${value}`),
  nodeCommand(
    'nodeweight',
    'the weight of a node: 100 unless hb_setweight set it',
    'weight',
    { wrong: 'Error. Maybe due to incorrect node name.' },
    (node, value) => `The weight of the cluster node ${node} is ${value}`,
  ),
  nodeCommand(
    'nodesite',
    'the site of a node: empty unless hb_setsite set it',
    'site',
    {},
    (node, value) => `The site of the cluster node ${node} is ${value}`,
  ),
  {
    name: 'listhblinks',
    help: 'links over which a node is heard (-v: with their status)',
    words: ['NODE'],
    options: 'mv',
    missing: NO_PARAMETER,
    async run(client, { words, flags }, io) {
      const answer = await printLinks(client, words[0] ?? '', { m: flags.has('m'), v: flags.has('v') }, io);
      if (answer.ok) return CL_STATUS_EXIT.ok;
      cannot(io, 'Cannot start heartbeat link interface walk.', answer.info);
      return CL_STATUS_EXIT.other;
    },
  },
  {
    name: 'hblinkstatus',
    help: 'up or dead; exit 1 for dead',
    words: ['NODE', 'LINK'],
    options: 'm',
    missing: NO_PARAMETER,
    async run(client, { words, flags }, io) {
      const [node = '', ifname = ''] = words;
      const answer = await client.request('ifstatus', { node, ifname });
      if (!answer.ok) {
        cannot(io, 'Cannot get heartbeat link status', answer.info);
        return CL_STATUS_EXIT.other;
      }
      const status = field(answer.rows[0], 'st');
      io.out(flags.has('m') ? `The node ${node}'s heartbeat link ${ifname} is ${status}` : status);
      return status === 'up' ? CL_STATUS_EXIT.ok : CL_STATUS_EXIT.no;
    },
  },
  {
    name: 'clientstatus',
    help: 'is a program signed on there? online or offline (exit 1); [TIMEOUT] in ms',
    words: ['NODE', 'CLIENT'],
    options: 'm',
    missing: NO_PARAMETER,
    async run(client, { words }, io) {
      const [node = '', name = '', wait] = words;
      const status = await client.clientStatus(node, name, waitMs(wait)).catch((error: unknown) => {
        if ((error as { failure?: unknown }).failure === 'timeout') return undefined;
        throw error;
      });
      if (status === undefined) {
        cannot(io, `Cannot get heartbeat client ${name}'s status`, 'No timely response.');
        return CL_STATUS_EXIT.other;
      }
      io.out(status);
      return status === 'online' ? CL_STATUS_EXIT.ok : CL_STATUS_EXIT.no;
    },
  },
  {
    name: 'rscstatus',
    help: 'none, local, foreign, all, or transition while resources move',
    words: [],
    options: 'm',
    missing: '',
    async run(client, { flags }, io) {
      const answer = await client.request('getrsc');
      if (!answer.ok) {
        cannot(io, 'Cannot get cluster resource status', answer.info || 'Resource is managed by crm. Use crm tool to query resource');
        return CL_STATUS_EXIT.other;
      }
      const held = field(answer.rows[0], 'rsc_hold');
      io.out(flags.has('m') ? `This node is holding ${held} resources.` : held);
      return CL_STATUS_EXIT.ok;
    },
  },
  {
    name: 'hbparameter',
    help: 'what ha.cf says about a directive, or its default (-p NAME)',
    words: [],
    options: 'mp:',
    missing: '',
    async run(client, { flags, values }, io) {
      const name = values.get('p');
      if (name === undefined) {
        io.err('ERROR: parameter name required');
        return CL_STATUS_EXIT.parameter;
      }
      const value = await parameter(client, name);
      if (typeof value !== 'string') {
        cannot(io, `Cannot get parameter ${name}'s value`, value.reason);
        return CL_STATUS_EXIT.no;
      }
      io.out(flags.has('m') ? `Heartbeat parameter ${name}'s value: ${value}` : value);
      return CL_STATUS_EXIT.ok;
    },
  },
];

/** Two of them are told at the sign-on. An answer without a value means that there is none of that name. */
async function parameter(client: ApiClient, name: string): Promise<string | { readonly reason: string }> {
  const told = name === 'hbversion' || name === 'pacemaker' ? client.signOnFields.get(name) : undefined;
  if (told !== undefined) return told;
  const answer = await client.request('getparm', { pname: name });
  if (!answer.ok) return { reason: answer.info };
  return answer.rows[0]?.get('pvalue') ?? { reason: '' };
}

const WAIT_MS_MAX = 3_600_000;

/** As `atoi` reads it: what is no number is 0. */
function waitMs(word: string | undefined): number {
  if (word === undefined) return CLIENT_STATUS_MS;
  const digits = /^\s*(\d+)/.exec(word)?.[1];
  return digits === undefined ? 0 : Math.min(Number(digits), WAIT_MS_MAX);
}
