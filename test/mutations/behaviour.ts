import type { Mutation } from './mutation.ts';

/** Faults in what heartbeatd nodes do among themselves: heal, absence, journal, keys, loans. */
export const BEHAVIOUR: readonly Mutation[] = [
  {
    name: 'let-go-without-the-word',
    file: 'resources/heal-groups.ts',
    find: "    if (theirs.keeps && serves <= 0) return { does: 'lose', why };",
    replace: "    if (who === 'theirs' || theirs.keeps) return { does: 'lose', why };",
    breaks: 'a group is let go of before its keeper has said that it keeps it',
  },
  {
    name: 'keeper-says-nothing',
    file: 'resources/heal-groups.ts',
    find: '    this.#state.epochs.keep(groups);',
    replace: '',
    breaks: 'nobody promises to keep a group after a heal',
  },
  {
    name: 'starts-while-away',
    file: 'resources/absence.ts',
    find: '    this.#state.work.gate.shut();',
    replace: '',
    breaks: 'a node that stood still goes on with its starts before it knows who holds what',
  },
  {
    name: 'announces-while-away',
    file: 'engine/announcing.ts',
    find: '    this.#held = true;',
    replace: '',
    breaks: 'a node that stood still goes on announcing its addresses',
  },
  {
    name: 'journal-comes-late',
    file: 'daemon/driver.ts',
    find: "if (this.#recording > 0 && effect.job.action === 'start')",
    replace: "if (this.#recording > 99 && effect.job.action === 'start')",
    breaks: 'a resource is started before the journal names it',
  },
  {
    name: 'journal-stands-still',
    file: 'engine/journal-keeper.ts',
    find: "    this.#effects({ kind: 'journal', held: state.record });",
    replace: "    if (set !== 'all') this.#effects({ kind: 'journal', held: state.record });",
    breaks: 'what is taken over is in no journal',
  },
];
