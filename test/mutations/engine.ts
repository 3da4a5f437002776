import type { Mutation } from './mutation.ts';

/** Faults in how the parts are joined: start, beats, leave, news that go astray. */
export const ENGINE: readonly Mutation[] = [
  {
    name: 'sends-before-the-save',
    file: 'engine/joining.ts',
    find: 'if (!this.#saved || this.#mediaPending.size > 0',
    replace: 'if (this.#mediaPending.size > 0',
    breaks: 'packets leave before their generation is on the disk',
    quick: true,
  },
  {
    name: 'beat-skipped-after-a-pause',
    file: 'engine/joining.ts',
    find: 'this.#beatAt += (behind + 1) * keepaliveMs;',
    replace: 'this.#beatAt += (6 * behind + 1) * keepaliveMs;',
    breaks: 'after a standstill the next beats are missed',
  },
  {
    name: 'beats-at-half-pace',
    file: 'engine/joining.ts',
    find: 'this.#beatAt += (behind + 1) * keepaliveMs;',
    replace: 'this.#beatAt += (behind + 2) * keepaliveMs;',
    breaks: 'a status leaves at every second keepalive only',
  },
  {
    name: 'active-before-anybody-is-known',
    file: 'engine/joining.ts',
    find: "if (this.status !== 'up' || !this.#membership.everyoneKnown) return;",
    replace: "if (this.status !== 'up') return;",
    breaks: 'communication counts as up before the other node was heard or given up',
  },
  {
    name: 'leave-without-end',
    file: 'engine/leaving.ts',
    find: 'if (waiting && now.at < this.#until) return;',
    replace: 'if (waiting) return;',
    breaks: 'a stop waits for ever for a peer that cannot be reached',
  },
  {
    name: 'local-programs-speak-for-the-daemon',
    file: 'engine/local-messages.ts',
    find: "if (isDaemonsOwn(message.type)) return 'the daemon alone says this';",
    replace: '',
    breaks: 'a status that a local program has made up leaves as ours',
  },
  {
    name: 'gap-in-our-own-numbers',
    file: 'engine/outbox.ts',
    find: 'this.history.record(finished);',
    replace: "if (finished.type !== 'ask_resources') this.history.record(finished);",
    breaks: 'two messages bear the same number',
  },
];
