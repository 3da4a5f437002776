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
    find: 'if (!peer.answered) return;\n    state.lending',
    replace: 'state.lending',
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
  {
    name: 'ack-beyond-a-gap',
    file: 'protocol/sequence.ts',
    find: 'const complete = firstMissing === undefined ? (this.#last ?? 0) : firstMissing - 1;',
    replace: 'const complete = firstMissing === undefined ? (this.#last ?? 0) : Math.max(firstMissing, this.#last ?? 0);',
    breaks: 'what is missing is acknowledged, and so never sent again',
  },
  {
    name: 'lost-request-forgotten',
    file: 'protocol/sequence.ts',
    find: 'request.dueAt = at + (request.asked < REXMIT_PATIENCE ? REXMIT_REPEAT_MS : REXMIT_SLOW_REPEAT_MS);',
    replace: 'request.dueAt = request.asked < REXMIT_PATIENCE ? Number.POSITIVE_INFINITY : REXMIT_REPEAT_MS + REXMIT_SLOW_REPEAT_MS;',
    breaks: 'a request that got lost is not repeated',
  },
  {
    name: 'handshake-outlives-the-peer',
    file: 'resources/standby.ts',
    find: '    this.#overSeq = 0;\n    if (this.idle) return;\n',
    replace: '    this.#overSeq = 0;\n    if (!this.waitingForReply) return;\n',
    breaks: 'what was agreed with a node that died is waited for for ever',
  },
  {
    name: 'unwanted-start',
    file: 'resources/work.ts',
    find: "this.state(group) === 'stopFailed' || !order.wanted(group)) {",
    replace: "this.state(group) === 'stopFailed') {",
    breaks: 'a start goes on although its claim has fallen meanwhile',
  },
  {
    name: 'restart-forgets-what-it-holds',
    file: 'resources/state.ts',
    find: '    this.departing = missing;\n    this.inheritedSet = set;',
    replace: '    this.departing = missing;\n    this.inheritedSet = known.size > 0 ? NOTHING : set;',
    breaks: 'the next life of a restart in place does not know what it runs',
  },
  {
    name: 'restart-in-the-middle',
    file: 'engine/restarting.ts',
    find: 'if (resources === undefined || resources.atRest) {',
    replace: 'if (resources === undefined || this.#asked) {',
    breaks: 'a restart in place does not wait until nothing moves',
  },
  {
    name: 'one-medium-only',
    file: 'daemon/driver.ts',
    find: 'for (const medium of this.#media) medium.send(effect.bytes);',
    replace: 'this.#media[0]?.send(effect.bytes);',
    breaks: 'packets leave over the first medium only',
  },
  {
    name: 'earlier-alarm-lost',
    file: 'daemon/driver.ts',
    find: 'if (at === this.#alarm?.at) return;',
    replace: 'if (at !== undefined && this.#alarm !== undefined) return;',
    breaks: 'an alarm that is due earlier does not take the place of the one that is set',
  },
  {
    name: 'reload-keeps-media',
    file: 'daemon/driver.ts',
    find: 'for (const medium of this.#media) if (!before.includes(medium)) this.#open(medium);',
    replace: '',
    breaks: 'a medium that a reload brings is not opened',
  },
];
