import type { Mutation } from './mutation.ts';

/** Faults in what two hosts must agree on: digests, numbers, retransmission. */
export const PROTOCOL: readonly Mutation[] = [
  {
    name: 'digest-unchecked',
    file: 'protocol/envelope.ts',
    find: 'return sameText(method.digest(key.key, covered), digest) ? { keyIndex }',
    replace: 'return sameText(method.digest(key.key, covered), digest) || digest.length > 0 ? { keyIndex }',
    breaks: 'a packet with any digest at all is believed',
  },
  {
    name: 'old-copy-delivered',
    file: 'protocol/sequence.ts',
    find: "if (!this.#missing.delete(sequence)) return { verdict: 'oldDuplicate' };",
    replace: 'this.#missing.delete(sequence);',
    breaks: 'a number that was delivered is delivered again',
  },
  {
    name: 'newest-copy-delivered',
    file: 'protocol/sequence.ts',
    find: "if (sequence === last) return { verdict: 'duplicate' };",
    replace: "if (sequence === last) return { verdict: 'deliver' };",
    breaks: 'the second copy of the newest message is delivered, too',
  },
  {
    name: 'gap-not-remembered',
    file: 'protocol/sequence.ts',
    find: 'for (let number = last + 1; number < sequence; number += 1) this.#missing.set(number, { dueAt, asked: 0 });',
    replace: '',
    breaks: 'lost messages are not asked for',
  },
  {
    name: 'asks-without-pause',
    file: 'protocol/sequence.ts',
    find: 'request.dueAt = at + (request.asked < REXMIT_PATIENCE ? REXMIT_REPEAT_MS : REXMIT_SLOW_REPEAT_MS);',
    replace: 'request.dueAt = at + (request.asked < REXMIT_PATIENCE ? REXMIT_REPEAT_MS : REXMIT_SLOW_REPEAT_MS) / 500;',
    breaks: 'a missing number is asked for every half millisecond',
  },
  {
    name: 'numbers-of-the-old-life',
    file: 'protocol/sequence.ts',
    find: '  restart(): void {\n    this.#last = undefined;',
    replace: '  restart(): void {',
    breaks: 'a node that starts again is held against the numbers of its life before',
  },
  {
    name: 'history-forgets',
    file: 'protocol/history.ts',
    find: 'if (this.#sent.size <= HISTORY_MESSAGES && (',
    replace: 'if (this.#sent.size <= HISTORY_MESSAGES / 250 && (',
    breaks: 'only the last two messages can be sent again',
  },
];
