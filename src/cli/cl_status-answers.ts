import type { LinkStatus, NodeStatus, StatusSnapshot } from '../contracts/status.ts';

/**
 * What each sub-command of cl_status answers from one snapshot (tools 3). Pure: snapshot and words in, lines and exit
 * status out.
 */

/** Exit statuses of cl_status, not those of `heartbeat`. */
export const CL_STATUS_EXIT = { ok: 0, no: 1, parameter: 11, other: 13 } as const;

export interface Answer {
  readonly status: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** What `--json` prints instead of `out`. */
  readonly json: unknown;
}

export interface AskedFor {
  readonly words: readonly string[];
  /** `-m`: a sentence instead of a word. */
  readonly sentence: boolean;
  /** One-letter flags that were given. */
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface SubCommand {
  readonly name: string;
  readonly help: string;
  /** Names of its arguments. */
  readonly words: readonly string[];
  /** As commander reads them. */
  readonly flags: readonly (readonly [flag: string, help: string])[];
  /** Printed, with exit 11, when an argument is missing. */
  readonly missing: string;
  answer(snapshot: StatusSnapshot, asked: AskedFor): Answer;
}

const yes = (json: unknown, ...out: string[]): Answer => ({ status: CL_STATUS_EXIT.ok, out, err: [], json });

const refusal = (status: number, text: string): Answer => ({ status, out: [], err: [text], json: null });

/** As 3.0.6 answers with `-M`, whoever manages the resources then. */
const UNMANAGED: Answer = {
  status: CL_STATUS_EXIT.other,
  out: [],
  err: ['ERROR: Cannot get cluster resource status', 'ERROR: REASON: Resource is managed by crm. Use crm tool to query resource'],
  json: null,
};

const NOT_ENOUGH = 'Not enough parameters.';

function withNode(snapshot: StatusSnapshot, name: string | undefined, unknownStatus: number, then: (node: NodeStatus) => Answer): Answer {
  const folded = (name ?? '').toLowerCase();
  const node = snapshot.nodes.find((one) => one.name.toLowerCase() === folded);
  return node === undefined ? refusal(unknownStatus, 'Error. May be due to incorrect node name') : then(node);
}

/** A ping node is its own only link (tools 3). */
function linksOf(node: NodeStatus): readonly LinkStatus[] {
  if (node.links.length > 0 || node.type === 'normal') return node.links;
  return [{ name: node.name, status: node.status === 'dead' ? 'dead' : 'up' }];
}

const nodeLine = (node: NodeStatus): string => `${node.name}\t${node.status}\t(nodetype: ${node.type})`;

const linkLine = (link: LinkStatus): string => `\t${link.name}\t${link.status}`;

const ALIVE: ReadonlySet<string> = new Set(['active', 'up', 'ping']);

export const SUB_COMMANDS: readonly SubCommand[] = [
  {
    name: 'hbstatus',
    help: 'is heartbeat running on this machine? (-v: version, nodes and links)',
    words: [],
    flags: [['-v', 'version, nodes and links']],
    missing: '',
    answer(snapshot, { flags }) {
      const json = { running: true, ...snapshot };
      if (flags.v !== true) return yes(json, 'Heartbeat is running on this machine.');
      const nodes = snapshot.nodes.flatMap((node) => ['', nodeLine(node), ...linksOf(node).map(linkLine)]);
      return yes(json, `version:\t${snapshot.version}`, 'managed by:\t"haresources"', ...nodes);
    },
  },
  {
    name: 'listnodes',
    help: 'names of all nodes (-n: ordinary ones, -p: ping nodes, -v: with status and type)',
    words: [],
    flags: [
      ['-n', 'ordinary nodes only'],
      ['-p', 'ping nodes only'],
      ['-v', 'with status and type'],
    ],
    missing: '',
    answer(snapshot, { flags }) {
      const wanted = snapshot.nodes.filter(({ type }) => (flags.n === true ? type === 'normal' : flags.p !== true || type === 'ping'));
      return yes(
        flags.v === true ? wanted : wanted.map(({ name }) => name),
        ...wanted.map((node) => (flags.v === true ? nodeLine(node) : node.name)),
      );
    },
  },
  {
    name: 'nodestatus',
    help: 'active, up, init, dead or ping; exit 1 for init and dead',
    words: ['NODE'],
    flags: [],
    missing: NOT_ENOUGH,
    answer: (snapshot, { words, sentence }) =>
      withNode(snapshot, words[0], CL_STATUS_EXIT.parameter, (node) => ({
        status: ALIVE.has(node.status) ? CL_STATUS_EXIT.ok : CL_STATUS_EXIT.no,
        out: [sentence ? `The cluster node ${node.name} is ${node.status}` : node.status],
        err: [],
        json: node,
      })),
  },
  {
    name: 'nodetype',
    help: 'normal or ping',
    words: ['NODE'],
    flags: [],
    missing: NOT_ENOUGH,
    answer: (snapshot, { words, sentence }) =>
      withNode(snapshot, words[0], CL_STATUS_EXIT.parameter, (node) =>
        yes(node.type, sentence ? `The cluster node ${node.name} is of type ${node.type}` : node.type),
      ),
  },
  {
    name: 'nodeweight',
    help: 'the weight of a node: 100',
    words: ['NODE'],
    flags: [],
    missing: NOT_ENOUGH,
    answer: (snapshot, { words }) => withNode(snapshot, words[0], CL_STATUS_EXIT.parameter, () => yes(100, '100')),
  },
  {
    name: 'nodesite',
    help: 'the site of a node: empty',
    words: ['NODE'],
    flags: [],
    missing: NOT_ENOUGH,
    answer: (snapshot, { words }) => withNode(snapshot, words[0], CL_STATUS_EXIT.parameter, () => yes('', '')),
  },
  {
    name: 'listhblinks',
    help: 'links over which a node is heard',
    words: ['NODE'],
    flags: [],
    missing: NOT_ENOUGH,
    answer: (snapshot, { words }) =>
      withNode(snapshot, words[0], CL_STATUS_EXIT.other, (node) => yes(linksOf(node), ...linksOf(node).map(({ name }) => `\t${name}`))),
  },
  {
    name: 'hblinkstatus',
    help: 'up or dead; exit 1 for dead',
    words: ['NODE', 'LINK'],
    flags: [],
    missing: 'No enough parameter.',
    answer: (snapshot, { words, sentence }) =>
      withNode(snapshot, words[0], CL_STATUS_EXIT.other, (node) => {
        const link = linksOf(node).find(({ name }) => name === words[1]);
        if (link === undefined) return refusal(CL_STATUS_EXIT.other, `ERROR: node ${node.name} has no link of that name`);
        const text = sentence ? `The heartbeat link ${link.name} of node ${node.name} is ${link.status}` : link.status;
        return { status: link.status === 'up' ? CL_STATUS_EXIT.ok : CL_STATUS_EXIT.no, out: [text], err: [], json: link };
      }),
  },
  {
    name: 'rscstatus',
    help: 'none, local, foreign, all, or transition while resources move',
    words: [],
    flags: [],
    missing: '',
    answer: ({ rscstatus, unmanaged }, { sentence }) =>
      unmanaged ? UNMANAGED : yes(rscstatus, sentence ? `This node is holding ${rscstatus} resources.` : rscstatus),
  },
  {
    name: 'hbparameter',
    help: 'what ha.cf says about a directive, or its default',
    words: [],
    flags: [['-p <name>', 'name of the directive']],
    missing: '',
    answer(snapshot, { flags }) {
      const name = flags.p;
      if (typeof name !== 'string') return refusal(CL_STATUS_EXIT.parameter, 'ERROR: hbparameter needs -p NAME');
      if (name === 'hbversion') return yes(snapshot.version, snapshot.version);
      const value = Object.hasOwn(snapshot.parameters, name) ? snapshot.parameters[name] : undefined;
      return value === undefined ? refusal(CL_STATUS_EXIT.no, `ERROR: no parameter of that name: ${name}`) : yes(value, value);
    },
  },
];
