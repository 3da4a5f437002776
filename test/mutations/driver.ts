import type { Mutation } from './mutation.ts';

/** Faults between the engine and its world. */
export const DRIVER: readonly Mutation[] = [
  {
    name: 'save-skipped',
    file: 'daemon/driver.ts',
    find: 'store.save(effect.record, (fault) =>',
    replace:
      '((_record: unknown, done: (fault?: undefined) => void) => done())(store, (fault: { code: string; detail: string } | undefined) =>',
    breaks: 'a generation counts as saved and never was',
    quick: true,
  },
];
