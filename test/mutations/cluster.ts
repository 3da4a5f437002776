import type { Mutation } from './mutation.ts';

/** Faults in who is there: lives, deaths, returns, links. */
export const CLUSTER: readonly Mutation[] = [
  {
    name: 'replay-wakes-the-dead',
    file: 'cluster/membership.ts',
    find: "if ((header.sequence ?? 0) <= node.highestSeq) return 'replay';",
    replace: '',
    breaks: 'an old packet brings a dead node back',
  },
  {
    name: 'dead-too-early',
    file: 'cluster/membership.ts',
    find: 'return this.#commUp ? node.deadtimeMs :',
    replace: 'return this.#commUp ? node.deadtimeMs * 0.9 :',
    breaks: 'a node is declared dead before its deadtime has passed',
    quick: true,
  },
  {
    name: 'dead-too-late',
    file: 'cluster/membership.ts',
    find: 'return this.#commUp ? node.deadtimeMs :',
    replace: 'return this.#commUp ? node.deadtimeMs * 1.5 :',
    breaks: 'a dead node is taken for living longer than its deadtime',
  },
  {
    name: 'initdead-unheeded',
    file: 'cluster/membership.ts',
    find: 'Math.max(this.#config.initdeadMs, node.heard ? node.deadtimeMs : 0)',
    replace: 'Math.max(this.#config.deadtimeMs, node.heard ? node.deadtimeMs : 0)',
    breaks: 'at start a node that boots more slowly is given up after deadtime instead of initdead',
  },
  {
    name: 'late-status-counts',
    file: 'cluster/membership.ts',
    find: 'if (sequence <= node.statusSeq) return;',
    replace: '',
    breaks: 'an old status that was asked for again counts as a life sign, and as the present status',
  },
  {
    name: 'restart-unnoticed',
    file: 'cluster/membership.ts',
    find: 'this.#events.restarted(now, node);',
    replace: '',
    breaks: 'a new life of the peer goes on with what the old one had said',
  },
  {
    name: 'return-unnoticed',
    file: 'cluster/membership.ts',
    find: 'this.#events.returned(now, node);',
    replace: '',
    breaks: 'after a partition nothing is exchanged',
  },
  {
    name: 'death-without-consequence',
    file: 'cluster/membership.ts',
    find: 'this.#events.died(now, node);',
    replace: '',
    breaks: 'nobody takes over from a dead node',
  },
  {
    name: 'status-number-of-the-old-life',
    file: 'cluster/membership.ts',
    find: '      node.statusSeq = 0;\n',
    replace: '',
    breaks: 'the statuses of a new life are held against those of the old one',
  },
];
