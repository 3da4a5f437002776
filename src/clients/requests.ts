/** The questions of local programs, one line each (wire-protocol 10.3). */
import { assertNever } from '../base/assert.ts';
import { COMPATIBLE_VERSION } from '../base/version.ts';
import { binary, type Field, Message, text } from '../protocol/message.ts';
import { readDecimal, readHex } from '../protocol/numbers.ts';
import { isUuid } from '../protocol/uuid.ts';
import type { Client } from './client.ts';
import { type ClusterView, findNode, type NodeView } from './view.ts';

/** `list`: one answer per item, all but the last with `ok/more`. `none`: nobody answers, or another node does. */
export type Answer =
  | { readonly kind: 'ok'; readonly fields: readonly Field[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Field[])[] }
  | { readonly kind: 'bad'; readonly info?: string }
  | { readonly kind: 'none' };

export interface Request {
  readonly client: Client;
  readonly message: Message;
  readonly view: ClusterView;
  /** Whether a client of that name is signed on here. */
  isOnline(name: string): boolean;
  /** Asks another node about a client of its; false when too many questions are open. */
  ask(node: string, name: string): boolean;
}

interface RequestForm {
  /** Without one of these it is a bad request, for this reason when it is another one than `EINVAL`; '' for none. */
  readonly needs: readonly string[];
  readonly lacks?: string;
  answer(request: Request): Answer;
}

const BAD: Answer = { kind: 'bad', info: 'EINVAL' };
const TOO_MANY: Answer = { kind: 'bad', info: 'too many questions are open' };
const NO_QUERY_NAME = 'no query node name found';
const DONE: Answer = { kind: 'ok', fields: [] };
const SIGNALS_MAX = 64;

function ok(...pairs: readonly (readonly [string, string])[]): Answer {
  return { kind: 'ok', fields: pairs.map(([name, value]) => text(name, value)) };
}

function aboutNode(tell: (node: NodeView, request: Request) => Answer, ...needs: string[]): RequestForm {
  return {
    needs: ['node', ...needs],
    answer: (request) => {
      const node = findNode(request.view, request.message.get('node'));
      return node === undefined ? BAD : tell(node, request);
    },
  };
}

function clientStatus(node: NodeView, request: Request): Answer {
  const name = request.message.get('cn') ?? '';
  const here = node.name === request.view.config.self;
  if (!here && node.status === 'active') return request.ask(node.name, name) ? { kind: 'none' } : TOO_MANY;
  const status = here && request.isOnline(name) ? 'online' : 'offline';
  return ok(['subt', 'respond-cstatus'], ['cs', status]);
}

const REQUESTS: Readonly<Record<string, RequestForm>> = {
  setfilter: {
    needs: ['fmask'],
    answer: ({ client, message }) => {
      const mask = readHex(message.get('fmask'));
      if (mask === undefined || mask === 0) return BAD;
      client.filter = mask;
      return DONE;
    },
  },
  setsignal: {
    needs: ['signal'],
    lacks: '',
    answer: ({ client, message }) => {
      const signal = readDecimal(message.get('signal'));
      if (signal === undefined || signal > SIGNALS_MAX) return BAD;
      client.signal = signal;
      return DONE;
    },
  },
  nodelist: {
    needs: [],
    answer: ({ view }) => ({
      kind: 'list',
      items: view.nodes.map(({ name, type, status }) => [text('node', name), text('nodetype', type), text('st', status)]),
    }),
  },
  nodestatus: aboutNode(({ status }) => ok(['st', status])),
  nodetype: aboutNode(({ type }) => ok(['nodetype', type])),
  nodeweight: aboutNode(({ weight }) => ok(['weight', String(weight)])),
  nodesite: aboutNode(({ site }) => ok(['site', site])),
  numnodes: {
    needs: [],
    answer: ({ view }) => ok(['numnodes', String(view.nodes.filter(({ type }) => type === 'normal').length)]),
  },
  iflist: aboutNode(({ links }) => {
    const items = links.map(({ name, status }) => [text('ifname', name), text('st', status)]);
    return items.length === 0 ? BAD : { kind: 'list', items };
  }),
  ifstatus: aboutNode(({ links }, { message }) => {
    const link = links.find(({ name }) => name === message.get('ifname'));
    return link === undefined ? BAD : ok(['st', link.status]);
  }, 'ifname'),
  clientstatus: aboutNode(clientStatus, 'cn'),
  getparm: {
    needs: ['pname'],
    answer: ({ view, message }) => {
      const name = message.get('pname') ?? '';
      const value = Object.hasOwn(view.config.parameters, name) ? view.config.parameters[name] : undefined;
      if (value !== undefined) return ok(['pvalue', value]);
      return name === 'hbversion' ? ok(['pvalue', COMPATIBLE_VERSION]) : DONE;
    },
  },
  // With `-M` 3.0.6 does not know the question.
  getrsc: { needs: [], answer: ({ view }) => (view.config.manageResources ? ok(['rsc_hold', view.rscstatus]) : { kind: 'bad' }) },
  getuuid: {
    needs: ['queryname'],
    lacks: NO_QUERY_NAME,
    answer: ({ view, message }) => {
      const uuid = findNode(view, message.get('queryname'))?.uuid;
      return isUuid(uuid) ? { kind: 'ok', fields: [binary('queryuuid', uuid)] } : DONE;
    },
  },
  getnodename: {
    needs: ['queryuuid'],
    lacks: NO_QUERY_NAME,
    answer: ({ view, message }) => {
      const uuid = message.get('queryuuid');
      const node = isUuid(uuid) ? view.nodes.find((entry) => entry.uuid === uuid) : undefined;
      return node === undefined ? DONE : ok(['queryname', node.name]);
    },
  },
  // A client that does not read is cut off at a bound of our own.
  set_sendqlen: { needs: [], answer: () => ({ kind: 'none' }) },
};

/** The answer to any question but sign-on and sign-off. What is no question at all gets no reason (3.0.6). */
export function answerRequest(type: string, request: Request): Answer {
  const form = Object.hasOwn(REQUESTS, type) ? REQUESTS[type] : undefined;
  if (form === undefined) return { kind: 'bad' };
  const lacks = form.lacks ?? 'EINVAL';
  if (form.needs.some((name) => request.message.get(name) === undefined))
    return lacks === '' ? { kind: 'bad' } : { kind: 'bad', info: lacks };
  return form.answer(request);
}

/** The messages that carry it: `t` `reqtype` first, `result` behind what was asked for. */
export function answerMessages(type: string, answer: Answer): Message[] {
  const message = (result: string, fields: readonly Field[], info?: string) =>
    new Message([
      text('t', 'hbapi-resp'),
      text('reqtype', type),
      ...fields,
      text('result', result),
      ...(info === undefined ? [] : [text('info', info)]),
    ]);
  switch (answer.kind) {
    case 'ok':
      return [message('OK', answer.fields)];
    case 'bad':
      return [message('badreq', [], answer.info)];
    case 'list':
      return answer.items.map((fields, index) => message(index + 1 < answer.items.length ? 'ok/more' : 'OK', fields));
    case 'none':
      return [];
    default:
      return assertNever(answer);
  }
}
