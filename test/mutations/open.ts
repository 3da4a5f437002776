import type { Mutation } from './mutation.ts';

/**
 * Faults that the simulator does not find within its runs yet: each is a hole in it, waits for a checker or a kind of fault, and
 * then moves to its place in the list. `scripts/mutate --open` plays them.
 */
export const OPEN: readonly Mutation[] = [
  {
    name: 'older-life-accepted',
    file: 'cluster/membership.ts',
    find: "if (header.generation < node.generation) return 'replay';",
    replace: '',
    breaks: 'packets of a life that is over count as news',
  },
  {
    name: 'standstill-unnoticed',
    file: 'cluster/membership.ts',
    find: 'this.#graceUntil = now.at + GRACE_KEEPALIVES * this.#config.keepaliveMs;',
    replace: 'this.#graceUntil = now.at - GRACE_KEEPALIVES * this.#config.keepaliveMs;',
    breaks: 'after a standstill the others are judged by what the daemon itself has missed',
  },
  {
    name: 'start-without-answer',
    file: 'resources/nice.ts',
    find: 'if (!peer.answered) return;\n    // We are',
    replace: '// We are',
    breaks: 'own groups are started before the peer has said what it holds',
  },
  {
    name: 'older-news-believed',
    file: 'resources/peer-resources.ts',
    find: 'if (message.seq < peer.seq || peer.left) return false;',
    replace: '',
    breaks: 'a word about resources that arrives late undoes a newer one',
  },
  {
    name: 'any-answer-will-do',
    file: 'resources/asking.ts',
    find: "message.get('hbd_re') === this.#state.generation.toString(16)",
    replace: "message.get('hbd_v') !== 'none'",
    breaks: 'an answer to an earlier start counts for this one',
  },
  {
    name: 'standby-timer-lost',
    file: 'resources/standby.ts',
    find: "return this.#shake.step === 'asked' || this.#shake.step === 'offered' ? this.#shake.deadline : undefined;",
    replace: "return this.#shake.step === 'offered' ? this.#shake.deadline : undefined;",
    breaks: 'a hand-over that nobody answers has no end',
  },
  {
    name: 'word-of-an-earlier-move',
    file: 'resources/standby.ts',
    find: "if (info !== 'me' && 'seq' in this.#shake && seq <= this.#shake.seq) return;",
    replace: '',
    breaks: 'a `done` of an earlier hand-over starts what still runs on the other node',
  },
  {
    name: 'old-news-stand',
    file: 'engine/inbox.ts',
    find: '      this.#newsAstray(now, node);\n      this.#again = { node, at: now.at + SAY_AGAIN_MS };',
    replace: '',
    breaks: 'what was sent again late is not followed by what is true now',
  },
];
