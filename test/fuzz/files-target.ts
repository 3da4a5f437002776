/** The three files, changed line by line and word by word; what is accepted has to carry an engine. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describeDirectives } from '../../src/config/directives.ts';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem, PROBLEMS_MAX } from '../../src/config/problems.ts';
import type { HostFacts } from '../../src/contracts/config.ts';
import { pathsOf, placesUnder } from '../../src/os/paths.ts';
import { scriptEnvironment } from '../../src/os/script-environment.ts';
import { CATALOGS, HOST, load } from '../config/support.ts';
import { handMade } from '../differential/cases.ts';
import type { Dice } from './dice.ts';
import { createFire } from './packets-target.ts';
import type { Target, Trail } from './target.ts';

interface Texts {
  hacf: string;
  authkeys: string;
  haresources: string;
}

const SAMPLES = new URL('../../etc/ha.d/', import.meta.url);
const sample = (name: string): string => readFileSync(new URL(`${name}.sample`, SAMPLES), 'latin1');
const SEEDS: readonly Texts[] = [
  ...(readdirSync(SAMPLES).includes('ha.cf.sample')
    ? [{ hacf: sample('ha.cf'), authkeys: sample('authkeys'), haresources: sample('haresources') }]
    : []),
  ...handMade.map(({ hacf, authkeys, haresources }) => ({ hacf: hacf ?? '', authkeys: authkeys ?? '', haresources: haresources ?? '' })),
];
/** The others are refused for what they show; little that is changed in them is looked at. */
const GOOD_SEEDS = SEEDS.filter((texts) => load(texts).config !== undefined);
const DIRECTIVES = describeDirectives(CATALOGS.media).flatMap(({ word, aliases }) => [word, ...aliases]);
const PATHS = pathsOf(placesUnder('/nowhere'));
const FILES_PER_EPISODE = 200;
const LOAD_MS_MAX = 4000;

function mutate(dice: Dice, text: string): string {
  const lines = text.split('\n');
  for (let left = dice.below(dice.pick([2, 2, 6])); left > 0; left -= 1) {
    const at = dice.below(lines.length + 1);
    const line = lines[at] ?? '';
    dice.choose<unknown>([
      [3, () => lines.splice(at, 1, changeWord(dice, line))],
      [
        2,
        () =>
          lines.splice(
            at,
            0,
            [dice.pick(DIRECTIVES), dice.value(), dice.chance(2) ? dice.value() : ''].join(dice.pick([' ', '\t', '=', ',', '  '])),
          ),
      ],
      [1, () => lines.splice(at, 1)],
      [1, () => lines.splice(at, 0, line, line)],
      [1, () => lines.splice(at, 0, lines[dice.below(lines.length)] ?? '')],
      [1, () => lines.splice(at, 1, dice.damage(line))],
      [
        1,
        () =>
          lines.splice(
            at,
            0,
            `${dice.pick(['env', 'apiauth', 'respawn', 'node', 'n1', 'n2', 'auth', '1'])} ${dice.value()}=${dice.value()}`,
          ),
      ],
      [1, () => lines.splice(at, 1, `${line}\\`)],
    ]);
  }
  const joined = lines.join(dice.chance(12) ? '\r\n' : '\n');
  return dice.chance(15) ? dice.damage(joined) : joined;
}

function changeWord(dice: Dice, line: string): string {
  const words = line.split(' ');
  words.splice(dice.below(words.length + 1), dice.below(2), dice.chance(3) ? dice.pick(DIRECTIVES) : dice.value());
  return words.join(' ');
}

function someHost(dice: Dice): HostFacts {
  return {
    ...HOST,
    hasUser: () => dice.chance(2),
    hasGroup: () => dice.chance(2),
    fileKind: () => dice.pick(['characterDevice', 'other', 'missing']),
  };
}

export const files: Target = {
  name: 'files',
  episode(dice: Dice, trail: Trail): number {
    let inputs = 0;
    for (let left = FILES_PER_EPISODE; left > 0; left -= 1) {
      const seed = dice.pick(dice.chance(4) ? SEEDS : GOOD_SEEDS);
      const other = dice.pick(SEEDS);
      const hacf = mutate(dice, seed.hacf);
      const authkeys = mutate(dice, dice.chance(4) ? other.authkeys : seed.authkeys);
      const haresources = mutate(dice, dice.chance(4) ? other.haresources : seed.haresources);
      for (const [name, text] of Object.entries({ hacf, authkeys, haresources })) trail.add(name, text);
      inputs += 1;
      const began = performance.now();
      const { config, problems } = loadConfig(
        {
          hacf: { path: '/etc/ha.d//ha.cf', text: hacf, mode: 0o644 },
          authkeys: { path: '/etc/ha.d//authkeys', text: authkeys, mode: dice.pick([0o600, 0o644, 0]) },
          haresources: { path: '/etc/ha.d//haresources', text: haresources, mode: 0o644 },
        },
        someHost(dice),
        CATALOGS,
      );
      assert.ok(performance.now() - began < LOAD_MS_MAX, 'files are read at once');
      assert.equal(
        config === undefined,
        problems.some(({ severity }) => severity === 'error'),
        'a Config comes only without an error',
      );
      assert.ok(problems.length <= PROBLEMS_MAX + 1);
      for (const problem of problems) {
        const line = formatProblem(problem);
        assert.ok(line.length < 4000 && ![...line].some((character) => character < ' '), 'a problem is one line');
      }
      if (config === undefined || config.media.length === 0) continue;
      for (const [name, value] of Object.entries(scriptEnvironment(config, PATHS, {}))) {
        assert.ok(!/[=\0]/.test(name) && !value.includes('\0'), `a variable that can be passed: ${JSON.stringify(name)}`);
      }
      const fire = createFire(config, dice);
      fire.pass(2 * config.keepaliveMs);
      fire.command({ name: 'status' });
    }
    return inputs;
  },
};
