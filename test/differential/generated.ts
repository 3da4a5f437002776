/** Configurations from a seeded generator over the directive table: nobody thought of their mistakes beforehand. */
import { seededRandom } from '../../src/base/random.ts';
import { describeDirectives } from '../../src/config/directives.ts';
import { mediaCatalog } from '../../src/media/index.ts';
import { type Case, cf } from './files.ts';

const VALUES = [
  '1',
  '0',
  '-1',
  '3',
  '20',
  '255',
  '256',
  '2.5',
  '500ms',
  '7s',
  'on',
  'off',
  'Yes',
  'none',
  'file',
  'abc',
  'root',
  'eth0',
  'eth1',
];
const MORE = [
  '',
  '1 2',
  '1,x',
  '/dev/null',
  '/bin/true',
  '10.0.0.2',
  'a=b',
  '=',
  '"on"',
  '+5',
  '1x',
  '*',
  'n1',
  'n9',
  'root /bin/true',
  'eth1 10.0.0.2',
];

/** Up to three lines, each with a directive of the table and a value of its syntax or of the pool. */
export function generated(count: number, seed: number): readonly Case[] {
  const random = seededRandom(seed);
  const rows = describeDirectives(mediaCatalog);
  const names = rows.flatMap(({ word, aliases, syntax }) => [word, ...aliases].map((name) => ({ name, syntax })));
  const pick = <T>(from: readonly T[]): T | undefined => from[random.below(from.length)];
  const found = new Map<string, Case>();
  for (let number = 0; found.size < count && number < 10 * count; number += 1) {
    // Each directive in turn, so that none is left out; the further lines by chance.
    const lines = Array.from({ length: 1 + random.below(3) }, (_, index) => {
      const { name = '', syntax = '' } = (index === 0 ? names[number % names.length] : pick(names)) ?? {};
      const own = syntax.split(' ').slice(1).join(' ').split('|');
      const value = pick(pick([VALUES, VALUES, MORE, own]) ?? []) ?? '';
      return `${name} ${value}`.trim();
    });
    const made = cf(...lines);
    found.set(made.name, made);
  }
  return [...found.values()];
}
