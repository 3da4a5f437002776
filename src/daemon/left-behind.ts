import type { Config } from '../contracts/config.ts';
import type { DaemonOptions } from '../contracts/daemon.ts';
import { createJournal, type JournalFile } from '../os/journal-file.ts';
import { bootId, discardJournal, type FoundJournal, readJournal } from '../os/journal-reader.ts';
import { type Paths, scriptDirs } from '../os/paths.ts';
import { scriptEnvironment } from '../os/script-environment.ts';
import { findScript } from '../os/script-runner.ts';
import type { Log } from './log.ts';

export type LeftBehind = FoundJournal;

/**
 * What a life that died has left running, by its journal; with the locks held, before anything else is done. Nothing is said of
 * a journal that names nothing, unless it is the guardian that starts us: then even that nothing is held is to go on.
 */
export function takeUpJournal(paths: Paths, { guardian }: DaemonOptions, log: Pick<Log, 'line'>): LeftBehind | undefined {
  const again = guardian === 'again';
  if (again) log.line('CRIT', 'heartbeat has died and was started again by its guardian');
  const found = readJournal(paths.journal, bootId());
  if (found === 'none') return undefined;
  if ('void' in found) {
    log.line('WARN', `the journal of what ran here is left aside: ${found.void}`);
    discardJournal(paths.journal);
    return undefined;
  }
  const { held, words } = found;
  if (!again && held.set === 'none' && words.length === 0) return undefined;
  log.line('WARN', `heartbeat died holding ${held.set}; its journal names [${words.join(' ')}]: what of it runs is taken up as it is`);
  return { ...found, stop: again && found.stop };
}

/** The journal of this life. `current`: a reload may have changed what scripts get. */
export function openJournal(paths: Paths, current: () => Config, log: Pick<Log, 'line'>): JournalFile {
  return createJournal({
    file: paths.journal,
    bootId: bootId(),
    find: (script) => findScript(script, scriptDirs(paths, current().env)),
    environment: () => scriptEnvironment(current(), paths),
    failed: (fault) => log.line('ERROR', `the journal is not as it should be, should heartbeat die now: ${fault.detail}`),
  });
}
