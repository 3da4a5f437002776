/** What happens to a pair, as data: steps, and who holds what after each of them. */
import type { Failback } from './dimensions.ts';

export type Side = 'first' | 'second';
export type Who = Side | 'both';
export type What = 'all' | 'foreign' | 'local' | 'failback';

export type Act =
  | { readonly do: 'start' | 'stop' | 'power-off' | 'kill'; readonly on: Who }
  | { readonly do: 'standby' | 'takeover'; readonly on: Side; readonly what: What }
  | { readonly do: 'cut' | 'heal' }
  /** Packets vanish on their way into both nodes. */
  | { readonly do: 'lose'; readonly percent: number; readonly ms: number }
  /** Both keep their carrier and hear nothing. */
  | { readonly do: 'silence' | 'wait'; readonly ms: number }
  | { readonly do: 'freeze'; readonly on: Side; readonly ms: number }
  | { readonly do: 'reload'; readonly on: Who; readonly file: 'ha.cf' | 'authkeys' }
  | { readonly do: 'add-node' | 'delete-node'; readonly on: Side }
  /** From now on the service script fails at this word. */
  | { readonly do: 'spoil'; readonly on: Side; readonly word: 'start' | 'stop' };

/**
 * 'home': each group on its own node. 'first', 'second': all groups there. 'split': all groups on both. 'off': nothing runs.
 * 'open': no expectation; where it ends is written down and not judged.
 */
export type Placement = 'home' | 'first' | 'second' | 'split' | 'off' | 'open';

export interface Step {
  readonly act: Act;
  readonly after: Placement | Readonly<Record<Failback, Placement>>;
  /** 'move' (default): nobody may hold what changes its holder, all else stays. 'split': also two holders. 'any': whatever. */
  readonly allows?: 'move' | 'split' | 'any';
  /** Left out with other settings of auto_failback. */
  readonly only?: readonly Failback[];
}

export interface Event {
  readonly name: string;
  /** 'home' (default): both nodes run and nothing moves when the first step begins. */
  readonly from?: 'off';
  readonly steps: readonly Step[];
  /** Part of the core set. */
  readonly core?: true;
  /** About how long it takes. */
  readonly seconds: number;
}

/** A node comes back to one that holds everything. */
const returned = (holder: Side): Record<Failback, Placement> => ({ on: 'home', legacy: 'home', off: holder });
const asked: readonly Failback[] = ['on', 'off'];

const startBoth: Step = { act: { do: 'start', on: 'both' }, after: 'home' };
const startAgain = (on: Side): Step => ({ act: { do: 'start', on }, after: returned(on === 'first' ? 'second' : 'first') });
const stop = (on: Side): Step => ({ act: { do: 'stop', on }, after: on === 'first' ? 'second' : 'first' });
const powerOff = (on: Side): Step => ({ act: { do: 'power-off', on }, after: on === 'first' ? 'second' : 'first' });
const standby = (on: Side, what: What, after: Placement): Step => ({ act: { do: 'standby', on, what }, after, only: asked });
const takeover = (on: Side, what: What, after: Placement): Step => ({ act: { do: 'takeover', on, what }, after, only: asked });
const wait = (ms: number, after: Placement): Step => ({ act: { do: 'wait', ms }, after });

/** Gone in every configuration: with `off` and `legacy` the same steps end elsewhere, or are left out. */
const walk: Event = {
  name: 'walk',
  from: 'off',
  core: true,
  seconds: 100,
  steps: [
    startBoth,
    standby('first', 'all', 'second'),
    takeover('first', 'all', 'first'),
    stop('first'),
    startAgain('first'),
    { ...standby('second', 'all', 'first'), only: ['off'] },
    powerOff('first'),
    startAgain('first'),
    stop('second'),
    startAgain('second'),
  ],
};

export const events: readonly Event[] = [
  walk,
  {
    name: 'start-first-then-second',
    from: 'off',
    seconds: 35,
    steps: [{ act: { do: 'start', on: 'first' }, after: 'first' }, startAgain('second'), wait(1000, 'home')],
  },
  {
    name: 'start-second-then-first',
    from: 'off',
    core: true,
    seconds: 40,
    steps: [{ act: { do: 'start', on: 'second' }, after: 'second' }, startAgain('first'), wait(1000, 'home')],
  },
  { name: 'stop-both', seconds: 20, steps: [{ act: { do: 'stop', on: 'both' }, after: 'off' }] },
  { name: 'power-off-first', seconds: 35, steps: [powerOff('first'), startAgain('first')] },
  { name: 'power-off-second', seconds: 35, steps: [powerOff('second'), startAgain('second')] },
  ...(['first', 'second'] as const).map(
    (on): Event => ({
      name: `kill-${on}`,
      seconds: 40,
      ...(on === 'first' ? { core: true } : {}),
      steps: [
        // The group stays where it runs; who holds it has no daemon any more, and the other cannot know.
        { act: { do: 'kill', on }, after: on === 'first' ? 'split' : 'home', allows: 'split' },
        { act: { do: 'start', on }, after: 'home', allows: 'any' },
      ],
    }),
  ),
  { name: 'standby-local-first', seconds: 35, steps: [standby('first', 'local', 'second'), standby('second', 'foreign', 'home')] },
  { name: 'standby-failback', seconds: 35, steps: [standby('first', 'all', 'second'), standby('second', 'failback', 'home')] },
  { name: 'standby-foreign-idle', seconds: 25, steps: [standby('first', 'foreign', 'home'), wait(2000, 'home')] },
  { name: 'standby-idle', seconds: 25, steps: [standby('second', 'all', 'first'), wait(2000, 'first')] },
  { name: 'takeover-all-second', seconds: 35, steps: [takeover('second', 'all', 'second'), takeover('first', 'local', 'home')] },
  { name: 'takeover-foreign-second', seconds: 35, steps: [takeover('second', 'foreign', 'second'), takeover('first', 'all', 'first')] },
  // 3.0.6 moves all at `failback`, whatever it holds; where it ends depends on whose tool and whose script meet.
  {
    name: 'takeover-failback',
    seconds: 35,
    steps: [takeover('second', 'all', 'second'), { act: { do: 'takeover', on: 'first', what: 'failback' }, after: 'open', allows: 'any' }],
  },
  {
    name: 'cut-all',
    core: true,
    seconds: 65,
    steps: [
      { act: { do: 'cut' }, after: 'split', allows: 'split' },
      { act: { do: 'heal' }, after: 'home', allows: 'any' },
      wait(3000, 'home'),
    ],
  },
  ...[5, 20].map(
    (percent): Event => ({
      name: `loss-${percent}`,
      seconds: 80,
      steps: [{ act: { do: 'lose', percent, ms: 60_000 }, after: 'home' }, wait(3000, 'home')],
    }),
  ),
  { name: 'silence', seconds: 25, steps: [{ act: { do: 'silence', ms: 2000 }, after: 'home' }, wait(2000, 'home')] },
  ...(['first', 'second'] as const).flatMap((on): Event[] => [
    { name: `freeze-short-${on}`, seconds: 25, steps: [{ act: { do: 'freeze', on, ms: 1500 }, after: 'home' }, wait(3000, 'home')] },
    {
      name: `freeze-long-${on}`,
      seconds: 60,
      ...(on === 'first' ? { core: true } : {}),
      steps: [{ act: { do: 'freeze', on, ms: 7000 }, after: 'home', allows: 'any' }, wait(3000, 'home')],
    },
  ]),
  ...(['first', 'second'] as const).map(
    (on): Event => ({
      name: `reload-hacf-${on}`,
      seconds: 30,
      steps: [{ act: { do: 'reload', on, file: 'ha.cf' }, after: 'home' }, wait(5000, 'home')],
    }),
  ),
  {
    name: 'reload-authkeys',
    seconds: 25,
    steps: [{ act: { do: 'reload', on: 'both', file: 'authkeys' }, after: 'home' }, wait(5000, 'home')],
  },
  ...(['first', 'second'] as const).map(
    (on): Event => ({
      name: `members-${on}`,
      seconds: 35,
      steps: [
        { act: { do: 'add-node', on }, after: 'home' },
        wait(4000, 'home'),
        { act: { do: 'delete-node', on }, after: 'home' },
        wait(2000, 'home'),
      ],
    }),
  ),
  {
    name: 'failing-start-second',
    seconds: 45,
    steps: [
      { act: { do: 'spoil', on: 'second', word: 'start' }, after: 'home' },
      { act: { do: 'standby', on: 'first', what: 'all' }, after: 'open', allows: 'any' },
    ],
  },
  {
    name: 'failing-stop-first',
    seconds: 45,
    steps: [
      { act: { do: 'spoil', on: 'first', word: 'stop' }, after: 'home' },
      { act: { do: 'standby', on: 'first', what: 'all' }, after: 'open', allows: 'any' },
    ],
  },
  {
    name: 'failing-start-first',
    from: 'off',
    seconds: 60,
    steps: [
      { act: { do: 'spoil', on: 'first', word: 'start' }, after: 'off' },
      { act: { do: 'start', on: 'both' }, after: 'open', allows: 'any' },
    ],
  },
  {
    name: 'failing-stop-second',
    seconds: 60,
    steps: [
      standby('first', 'all', 'second'),
      { act: { do: 'spoil', on: 'second', word: 'stop' }, after: 'second' },
      { act: { do: 'standby', on: 'second', what: 'all' }, after: 'open', allows: 'any' },
    ],
  },
];

/** Steps as they are with a setting of auto_failback, each with its one expectation. */
export function stepsFor(event: Event, failback: Failback): (Step & { readonly after: Placement })[] {
  return event.steps
    .filter((step) => step.only === undefined || step.only.includes(failback))
    .map((step) => ({ ...step, after: typeof step.after === 'string' ? step.after : step.after[failback] }));
}
