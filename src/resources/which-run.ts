import type { Now } from '../contracts/basics.ts';
import type { Resource, ResourceGroup } from '../contracts/config.ts';
import type { Started } from './started.ts';

type Ask = (resource: Resource, verdict: (now: Now, running: boolean) => void) => void;
/** `any`: some of it, and perhaps all. undefined: nobody was asked. */
type Done = (now: Now, up: readonly string[] | 'any' | undefined) => void;

/**
 * What of a group runs here that this life has not started. Its first resource stands for all of it (`any`), unless a journal names
 * what may run: then each of those is asked. So are the others where the life before has left the group running and its first
 * is gone: whatever is still up must not be lost. What runs as part of another group is no sign that this one runs.
 */
export function whatRuns(now: Now, group: ResourceGroup, started: Started, ask: Ask, done: Done): void {
  const mine = (resource: Resource) => !started.runs(resource.word);
  const named = started.named(group);
  const [first, ...others] = group.resources;
  if (named !== undefined) {
    const asked = group.resources.filter((resource) => named.includes(resource.word) && mine(resource));
    if (asked.length === 0) done(now, undefined);
    else whichRun(now, asked, ask, done);
  } else if (first === undefined || !mine(first)) done(now, undefined);
  else {
    ask(first, (later, running) => {
      if (running) done(later, 'any');
      else if (started.knows(group)) whichRun(later, others.filter(mine), ask, done);
      else done(later, []);
    });
  }
}

/** Asks one after another; `done` gets the words of those that run. */
function whichRun(now: Now, resources: readonly Resource[], ask: Ask, done: Done): void {
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
