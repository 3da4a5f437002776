import type { ResourceGroup } from '../contracts/config.ts';

/** Scripts that bring up a disk which two nodes must never write to at once. */
const STORAGE: ReadonlySet<string> = new Set(['Filesystem', 'drbddisk', 'LVM', 'Raid1']);

export function hasStorage(group: ResourceGroup): boolean {
  return group.resources.some(({ script }) => STORAGE.has(script));
}
