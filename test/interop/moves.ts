/** Every word of both tools on both nodes, from home and from a node that holds everything. */
import type { Event, Placement, Side, Step, What } from './events.ts';

/** Who holds the group of the first node, and that of the second. */
type Sets = readonly [Side, Side];

const words: readonly What[] = ['all', 'local', 'foreign', 'failback'];
const other = (side: Side): Side => (side === 'first' ? 'second' : 'first');
const number = { first: 0, second: 1 } as const;

export const HOME: Sets = ['first', 'second'];
export const AWAY: Sets = ['second', 'second'];

export function placementOf([first, second]: Sets): Placement {
  if (first === second) return first;
  return first === 'first' ? 'home' : 'swapped';
}

/** What a node holds after it gave up `what` (haresources 5): `failback` is `foreign`. */
export function afterStandby(sets: Sets, on: Side, what: What): Sets {
  const gives = (home: Side): boolean => {
    if (sets[number[home]] !== on) return false;
    return what === 'all' || (what === 'local') === (home === on);
  };
  return [gives('first') ? other(on) : sets[0], gives('second') ? other(on) : sets[1]];
}

/** A takeover asks the other node for a standby, and turns local and foreign round. */
export function afterTakeover(sets: Sets, on: Side, what: What): Sets | undefined {
  // 3.0.6 hands `failback` on as it is and its script makes it `all` (scenarios 6: "bug").
  if (what === 'failback') return undefined;
  const turned = { all: 'all', local: 'foreign', foreign: 'local' } as const;
  return afterStandby(sets, other(on), turned[what]);
}

const asked = { only: ['on', 'off'], needsWord: true } as const;

function standby(sets: Sets, on: Side, what: What): { step: Step; sets: Sets } {
  const after = afterStandby(sets, on, what);
  return { step: { act: { do: 'standby', on, what }, after: placementOf(after), ...asked }, sets: after };
}

/** Back to where a row begins, in as many commands as it takes from anywhere. */
function back(sets: Sets, to: Sets): Step[] {
  const commands: readonly (readonly [Side, What])[] =
    to === HOME
      ? [
          ['second', 'foreign'],
          ['first', 'foreign'],
        ]
      : [['first', 'all']];
  let now = sets;
  return commands.map(([on, what]) => {
    const { step, sets: after } = standby(now, on, what);
    now = after;
    return step;
  });
}

const OPEN_MS = 5000;

function row(tool: 'standby' | 'takeover', on: Side, from: Sets): Event {
  const steps: Step[] = [];
  if (from === AWAY) steps.push(standby(HOME, 'first', 'all').step);
  for (const what of words) {
    const after = tool === 'standby' ? afterStandby(from, on, what) : afterTakeover(from, on, what);
    const act = { do: tool, on, what } as const;
    if (after === undefined) {
      // Wherever it ended, everything is taken from there to the second node, and from there back.
      steps.push({ act, after: 'open', openMs: OPEN_MS, ...asked });
      steps.push({ act: { do: 'standby', on: 'first', what: 'all' }, after: placementOf(AWAY), ...asked });
      steps.push(...back(AWAY, from));
      continue;
    }
    steps.push({ act, after: placementOf(after), ...asked }, ...back(after, from));
  }
  return { name: `${tool}-${on}-${from === HOME ? 'home' : 'away'}`, seconds: 75, steps };
}

export function moves(): Event[] {
  return (['standby', 'takeover'] as const).flatMap((tool) =>
    (['first', 'second'] as const).flatMap((on) => [HOME, AWAY].map((from) => row(tool, on, from))),
  );
}
