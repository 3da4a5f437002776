/** The list of scenarios, generated: events on the base configuration, every value, and pairs of values with the walk. */
import { cover } from './cover.ts';
import { base, type Configuration, configurationName, type Dimension, dimensions, type Pairing, pairingNames } from './dimensions.ts';
import { type Event, events } from './events.ts';

export interface Scenario {
  /** `EVENT@CONFIGURATION`: the same in each pairing. */
  readonly subject: string;
  /** `SUBJECT/PAIRING`. */
  readonly name: string;
  readonly event: Event;
  readonly configuration: Configuration;
  readonly pairing: Pairing;
  readonly core: boolean;
}

/** A link can only be cut alone where there are two. */
const cutOne: Event = {
  name: 'cut-one',
  seconds: 30,
  steps: [
    { act: { do: 'cut' }, after: 'home' },
    { act: { do: 'wait', ms: 5000 }, after: 'home' },
    { act: { do: 'heal' }, after: 'home' },
    { act: { do: 'wait', ms: 2000 }, after: 'home' },
  ],
};

/** Each value of each dimension once, all else as in the base configuration; the base itself comes first. */
export function singles(): Configuration[] {
  const names = Object.keys(dimensions) as Dimension[];
  return [base, ...names.flatMap((name) => dimensions[name].slice(1).map((value) => ({ ...base, [name]: value }) as Configuration))];
}

/** Rows in which any two values of two dimensions meet. */
export function covering(): Configuration[] {
  return cover(dimensions) as unknown as Configuration[];
}

export function scenarios(): Scenario[] {
  const walk = events.find((event) => event.name === 'walk');
  if (walk === undefined) throw new Error('no event is called walk');
  const cases: (readonly [Event, Configuration])[] = [
    ...events.map((event) => [event, base] as const),
    [cutOne, { ...base, media: 'two' }],
    ...[...singles(), ...covering()].map((configuration) => [walk, configuration] as const),
  ];
  const found = new Map<string, Scenario>();
  for (const [event, configuration] of cases) {
    const subject = `${event.name}@${configurationName(configuration)}`;
    for (const pairing of pairingNames) {
      const core = event.core === true && pairing !== 'reference' && configurationName(configuration) === 'base';
      found.set(`${subject}/${pairing}`, { subject, name: `${subject}/${pairing}`, event, configuration, pairing, core });
    }
  }
  return [...found.values()];
}

/** Those whose name contains one of the words; without words the core set, or with `full` everything. */
export function choose(all: readonly Scenario[], { full, only }: { full: boolean; only: readonly string[] }): Scenario[] {
  const named = ({ name, event }: Scenario): boolean =>
    only.some((word) => name.includes(word) && (event.long !== true || word.includes(event.name)));
  if (only.length > 0) return all.filter(named);
  return all.filter(({ core, event }) => (full && event.long !== true) || core);
}
