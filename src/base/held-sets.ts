import type { ResourceSetWord } from '../contracts/status.ts';

/** The sets of `-C`, and of a journal. */
export const HELD_SETS: readonly ResourceSetWord[] = ['none', 'local', 'foreign', 'all'];
