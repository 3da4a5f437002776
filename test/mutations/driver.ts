import type { Mutation } from './mutation.ts';

/** Faults between the engine and its world. */
export const DRIVER: readonly Mutation[] = [
  {
    name: 'one-medium-only',
    file: 'daemon/driver.ts',
    find: 'for (const medium of this.#media) medium.send(effect.bytes);',
    replace: 'this.#media[0]?.send(effect.bytes);',
    breaks: 'packets leave over the first medium only',
  },
  {
    name: 'save-skipped',
    file: 'daemon/driver.ts',
    find: 'store.save(effect.record, (fault) =>',
    replace:
      '((_record: unknown, done: (fault?: undefined) => void) => done())(store, (fault: { code: string; detail: string } | undefined) =>',
    breaks: 'a generation counts as saved and never was',
    quick: true,
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
