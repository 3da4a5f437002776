/** What happens to a pair, as data: steps, and who holds what after each of them. */
import type { Configuration, Failback } from './dimensions.ts';
import { moves } from './moves.ts';

export type Side = 'first' | 'second';
/** A third machine, home of nothing. */
export type Seat = Side | 'third';
export type Who = Seat | 'both' | 'three';
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
  /** Both get a new key and sign with it from then on. */
  | { readonly do: 'rekey' }
  | { readonly do: 'add-node' | 'delete-node'; readonly on: Side }
  /** From now on the service script fails at this word. */
  | { readonly do: 'spoil'; readonly on: Side; readonly word: 'start' | 'stop' };

/**
 * 'home': each group on its own node. 'first', 'second': all groups there. 'swapped': each on the node that is not its home.
 * 'split': all groups on both. 'off': nothing runs. 'open': where it ends is compared with where two 3.0.6 end.
 */
export type Placement = 'home' | 'first' | 'second' | 'swapped' | 'split' | 'off' | 'open';

export interface Step {
  readonly act: Act;
  readonly after: Placement | ((before: Placement, failback: Failback) => Placement);
  /**
   * 'move' (default): nobody may hold what changes its holder, all else stays. 'pass': anybody but both, for a while. 'split': also two
   * holders. 'any': the nodes have just found each other again, or a script fails; how long anything is held twice or by nobody is
   * compared with two 3.0.6.
   */
  readonly allows?: 'move' | 'pass' | 'split' | 'any';
  /** With a heartbeatd in the pair nobody is without its service for longer, whatever two 3.0.6 do. */
  readonly mixedGapMaxMs?: number;
  /** How long a step with an open end is watched. */
  readonly openMs?: number;
  /** Left out with other settings of auto_failback. */
  readonly only?: readonly Failback[];
  /**
   * Needs a word that a tool or script of 3.0.6 gives its daemon, which it loses under `msgfmt netstring`: left out there. Without the word
   * of mach_down it also waits for the end of its takeover for ever, and then never stops.
   */
  readonly needsWord?: true;
}

export interface Event {
  readonly name: string;
  /** 'home' (default): both nodes run and nothing moves when the first step begins. */
  readonly from?: 'off';
  readonly steps: readonly Step[];
  /** Part of the core set. */
  readonly core?: true;
  /** Not part of the full set: run by its name. */
  readonly long?: true;
  /** With a third node. */
  readonly third?: true;
  /** About how long it takes. */
  readonly seconds: number;
}

/** A node comes back to one that holds everything. */
const returned = (before: Placement, failback: Failback): Placement => (failback === 'off' ? before : 'home');
const unmoved = (before: Placement): Placement => before;
/** 3.0.6 refuses both tools with `legacy`. */
const asked = { only: ['on', 'off'], needsWord: true } as const;

/** A service is handed from node to node in less. */
const HANDOVER_MAX_MS = 1500;

const startBoth: Step = { act: { do: 'start', on: 'both' }, after: 'home' };
const watched = (act: Act, openMs: number): Step => ({ act, after: 'open', openMs });
const startAgain = (on: Side): Step => ({ act: { do: 'start', on }, after: returned });
const stop = (on: Side): Step => ({ act: { do: 'stop', on }, after: on === 'first' ? 'second' : 'first' });
const powerOff = (on: Side): Step => ({ act: { do: 'power-off', on }, after: on === 'first' ? 'second' : 'first' });
const standby = (on: Side, what: What, after: Placement): Step => ({ act: { do: 'standby', on, what }, after, ...asked });
const takeover = (on: Side, what: What, after: Placement): Step => ({ act: { do: 'takeover', on, what }, after, ...asked });
const wait = (ms: number, after: Placement): Step => ({ act: { do: 'wait', ms }, after });

/** In its first 5 s 3.0.6 announces a deadtime that is 2 s longer (wire-protocol 6.2). */
const settled: Step = { act: { do: 'wait', ms: 5000 }, after: unmoved };
/** Long enough for a death to be noticed, where nothing else tells. */
const DEATH_MS = 6000;

/** Gone in every configuration: with `off` and `legacy` the same steps end elsewhere, or are left out. */
const walk: Event = {
  name: 'walk',
  from: 'off',
  core: true,
  seconds: 110,
  steps: [
    startBoth,
    standby('first', 'all', 'second'),
    takeover('first', 'all', 'first'),
    stop('first'),
    startAgain('first'),
    { ...standby('second', 'all', 'first'), only: ['off'] },
    settled,
    powerOff('first'),
    startAgain('first'),
    { ...stop('second'), needsWord: true },
    { ...startAgain('second'), needsWord: true },
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
  // Whichever command is there first, the other node may take over until its own comes.
  { name: 'stop-both', seconds: 20, steps: [{ act: { do: 'stop', on: 'both' }, after: 'off', allows: 'pass' }] },
  { name: 'power-off-first', seconds: 45, steps: [settled, powerOff('first'), startAgain('first')] },
  { name: 'power-off-second', seconds: 45, steps: [settled, powerOff('second'), wait(DEATH_MS, 'first'), startAgain('second')] },
  ...(['first', 'second'] as const).map(
    (on): Event => ({
      name: `kill-${on}`,
      seconds: 45,
      ...(on === 'first' ? { core: true } : {}),
      steps: [
        settled,
        // The group stays where it runs; who holds it has no daemon any more, and the other cannot know.
        { act: { do: 'kill', on }, after: on === 'first' ? 'split' : 'home', allows: 'split' },
        ...(on === 'first' ? [] : [wait(DEATH_MS, 'home')]),
        { act: { do: 'start', on }, after: 'home', allows: 'any' },
      ],
    }),
  ),
  ...moves(),
  {
    name: 'cut-all',
    core: true,
    seconds: 65,
    steps: [
      { act: { do: 'cut' }, after: 'split', allows: 'split' },
      { act: { do: 'heal' }, after: 'home', allows: 'any', mixedGapMaxMs: HANDOVER_MAX_MS },
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
  {
    name: 'loss-hour',
    seconds: 3700,
    long: true,
    steps: [{ act: { do: 'lose', percent: 5, ms: 3_600_000 }, after: 'home' }, wait(3000, 'home')],
  },
  { name: 'silence', seconds: 25, steps: [{ act: { do: 'silence', ms: 2000 }, after: 'home' }, wait(2000, 'home')] },
  ...(['first', 'second'] as const).flatMap((on): Event[] => [
    { name: `freeze-short-${on}`, seconds: 25, steps: [{ act: { do: 'freeze', on, ms: 1500 }, after: 'home' }, wait(3000, 'home')] },
    {
      name: `freeze-long-${on}`,
      seconds: 60,
      ...(on === 'first' ? { core: true } : {}),
      steps: [{ act: { do: 'freeze', on, ms: 7000 }, after: 'home', allows: 'any', mixedGapMaxMs: HANDOVER_MAX_MS }, wait(3000, 'home')],
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
  { name: 'rekey', seconds: 25, steps: [{ act: { do: 'rekey' }, after: 'home' }, wait(8000, 'home')] },
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
  // R1 knows two nodes: with three, 3.0.6 takes a dead node's group on every other one, and ours leaves all groups alone. Whatever is
  // held, who lives is seen alike by all.
  {
    name: 'third-comes-and-goes',
    from: 'off',
    seconds: 60,
    third: true,
    steps: [
      watched({ do: 'start', on: 'three' }, 16_000),
      watched({ do: 'power-off', on: 'third' }, DEATH_MS),
      watched({ do: 'start', on: 'third' }, DEATH_MS),
      watched({ do: 'stop', on: 'third' }, DEATH_MS),
    ],
  },
  ...(['first', 'second'] as const).map(
    (on): Event => ({
      name: `third-watches-${on}`,
      from: 'off',
      seconds: 60,
      third: true,
      steps: [watched({ do: 'start', on: 'three' }, 16_000), watched({ do: 'power-off', on }, DEATH_MS)],
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

export type PlannedStep = Omit<Step, 'after'> & { readonly after: Placement };

/** All steps of a configuration, the start of both included where the event does not begin with nothing running. */
export function stepsFor(event: Event, { failback, msgfmt }: Pick<Configuration, 'failback' | 'msgfmt'>): PlannedStep[] {
  const steps = event.from === 'off' ? event.steps : [startBoth, ...event.steps];
  let before: Placement = 'off';
  return steps
    .filter((step) => step.only === undefined || step.only.includes(failback))
    .filter((step) => step.needsWord !== true || msgfmt !== 'netstring')
    .map((step) => {
      const after: Placement = typeof step.after === 'string' ? step.after : step.after(before, failback);
      before = after;
      return { ...step, after };
    });
}
