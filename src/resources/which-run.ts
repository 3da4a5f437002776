import type { Now } from '../contracts/basics.ts';
import type { Resource } from '../contracts/config.ts';

/** Asks one after another; `done` gets the words of those that run. */
export function whichRun(
  now: Now,
  resources: readonly Resource[],
  ask: (resource: Resource, verdict: (now: Now, running: boolean) => void) => void,
  done: (now: Now, up: readonly string[]) => void,
): void {
  const up: string[] = [];
  const next = (at: Now, index: number): void => {
    const resource = resources[index];
    if (resource === undefined) {
      done(at, up);
      return;
    }
    ask(resource, (later, running) => {
      if (running) up.push(resource.word);
      next(later, index + 1);
    });
  };
  next(now, 0);
}
