import { uuidFromName } from '../base/name-uuid.ts';
import type { Config } from '../contracts/config.ts';
import type { DurableRecord } from '../contracts/host.ts';
import { newUuid } from '../os/entropy.ts';
import { readEpochs, withEpochs } from '../os/epoch-file.ts';
import type { Paths } from '../os/paths.ts';
import { createStore, type DiskStore, nextGeneration, readRecord, type StorePaths } from '../os/store.ts';
import type { Log } from './log.ts';

type Identity = Pick<Config, 'self' | 'hbgenmethod' | 'uuidfrom'>;

/**
 * Who this node is in this life: generation and UUID from the files of the last one, or, where ha.cf says so, from the
 * clock and the name; these files are left alone then (wire-protocol 9).
 */
export function openIdentity(
  { self, hbgenmethod, uuidfrom }: Identity,
  paths: Pick<Paths, 'stateDir' | 'epochs'> & StorePaths,
  unixSeconds: number,
  log: Pick<Log, 'note' | 'line'>,
): { readonly record: DurableRecord; readonly store: DiskStore; readonly epochs: string | undefined } {
  const before = readRecord(paths);
  const byClock = hbgenmethod === 'time';
  const byName = uuidfrom === 'nodename';
  const generation = byClock ? unixSeconds : nextGeneration(before.generation, unixSeconds);
  if (!byClock && before.generation.kind === 'missing') log.note({ code: 'noPreviousGeneration', facts: { generation } });
  if (!byClock && before.generation.kind === 'broken') log.note({ code: 'brokenGeneration', facts: { generation } });
  const known = before.uuid.kind === 'found' ? before.uuid.value : undefined;
  if (!byName && known === undefined) log.note({ code: 'newUuid', facts: {} });
  const slow = () => log.line('CRIT', `${paths.stateDir} gives no answer: a start waits until the generation is saved there`);
  const kept: Partial<StorePaths> = {
    ...(byClock ? {} : { generation: paths.generation }),
    ...(byName ? {} : { uuid: paths.uuid }),
  };
  const uuid = byName ? uuidFromName(self) : (known ?? newUuid());
  const store = withEpochs(createStore(kept, known, slow), paths.epochs, (fault) =>
    log.line('WARN', `who owned which group is not kept for the next start: ${fault.detail}`),
  );
  return { record: { generation, uuid }, store, epochs: readEpochs(paths.epochs) };
}
