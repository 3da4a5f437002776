import { ProgramKeeper } from '../clients/programs.ts';
import type { ClientProgram } from '../contracts/clients.ts';
import type { Effect } from '../contracts/engine.ts';
import type { Notes } from './notes.ts';

/** The programs of `respawn` and `failfast` lines, with their wishes as effects. */
export function createPrograms(programs: readonly ClientProgram[], effects: (effect: Effect) => void, notes: Notes): ProgramKeeper {
  return new ProgramKeeper(
    {
      note: (code, facts) => notes.note(code, facts),
      start: (id, program) => effects({ kind: 'startProgram', id, program }),
      signal: (id, signal) => effects({ kind: 'signalProgram', id, signal }),
      resetHost: (reason) => effects({ kind: 'resetHost', reason }),
    },
    programs,
  );
}
