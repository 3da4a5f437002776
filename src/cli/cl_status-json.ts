import type { LinkStatus, NodeStatus, StatusSnapshot } from '../contracts/status.ts';
import { CL_STATUS_EXIT } from './cl_status-commands.ts';
import type { Options } from './getopt.ts';

/** What `--json` prints for each sub-command, from one snapshot of our daemon, with the exit status of the plain form. */
export interface JsonAnswer {
  readonly status: number;
  readonly json: unknown;
  readonly err?: string;
}

type Answerer = (snapshot: StatusSnapshot, options: Options) => JsonAnswer;

const yes = (json: unknown): JsonAnswer => ({ status: CL_STATUS_EXIT.ok, json });

const refusal = (status: number, err: string): JsonAnswer => ({ status, json: null, err });

const ALIVE: ReadonlySet<string> = new Set(['active', 'up', 'ping']);

/** A ping node is its own only link (tools 3). */
function linksOf(node: NodeStatus): readonly LinkStatus[] {
  if (node.links.length > 0 || node.type === 'normal') return node.links;
  return [{ name: node.name, status: node.status === 'dead' ? 'dead' : 'up' }];
}

function aboutNode(unknownStatus: number, answer: (node: NodeStatus, options: Options) => JsonAnswer): Answerer {
  return (snapshot, options) => {
    const name = (options.words[0] ?? '').toLowerCase();
    const node = snapshot.nodes.find((one) => one.name.toLowerCase() === name);
    return node === undefined ? refusal(unknownStatus, 'Error. May be due to incorrect node name') : answer(node, options);
  };
}

const { no, ok, other, parameter } = CL_STATUS_EXIT;

/** `clientstatus` is not among them: its answer may come from the other node. */
export const JSON_ANSWERS: Readonly<Record<string, Answerer>> = {
  hbstatus: (snapshot) => yes({ running: true, ...snapshot }),
  listnodes(snapshot, { flags }) {
    const only = flags.has('n') === flags.has('p') ? undefined : flags.has('n') ? 'normal' : 'ping';
    const wanted = snapshot.nodes.filter(({ type }) => only === undefined || type === only);
    return yes(flags.has('v') ? wanted : wanted.map(({ name }) => name));
  },
  nodestatus: aboutNode(parameter, (node) => ({ status: ALIVE.has(node.status) ? ok : no, json: node })),
  nodetype: aboutNode(parameter, ({ type }) => yes(type)),
  nodeweight: aboutNode(parameter, ({ weight }) => yes(weight)),
  nodesite: aboutNode(parameter, ({ site }) => yes(site)),
  listhblinks: aboutNode(other, (node) => yes(linksOf(node))),
  hblinkstatus: aboutNode(other, (node, { words }) => {
    const link = linksOf(node).find(({ name }) => name === words[1]);
    if (link === undefined) return refusal(other, `ERROR: node ${node.name} has no link of that name`);
    return { status: link.status === 'up' ? ok : no, json: link };
  }),
  rscstatus: ({ rscstatus, unmanaged }) => (unmanaged ? refusal(other, 'ERROR: Cannot get cluster resource status') : yes(rscstatus)),
  hbparameter({ version, parameters }, { values }) {
    const name = values.get('p');
    if (name === undefined) return refusal(parameter, 'ERROR: parameter name required');
    if (name === 'hbversion') return yes(version);
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    return value === undefined ? refusal(no, `ERROR: no parameter of that name: ${name}`) : yes(value);
  },
};
