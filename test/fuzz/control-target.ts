/** Lines for the control socket: JSON, nearly JSON, and none; what is understood goes to an engine. */
import assert from 'node:assert/strict';
import { LineSplitter } from '../../src/control/framing.ts';
import { REQUEST_BYTES_MAX, readReply, readRequest } from '../../src/control/operations.ts';
import type { Dice } from './dice.ts';
import { createFire, someConfig } from './packets-target.ts';
import type { Target, Trail } from './target.ts';

const OPS = ['status', 'standby', 'takeover', 'addnode', 'delnode', 'setweight', 'setsite', 'name', 'stop', '__proto__', 'constructor'];
const FIELDS = ['op', 'name', 'set', 'nodes', 'node', 'weight', 'site', '__proto__', 'constructor', 'toString', 'x'];
const LINES = 400;

function someValue(dice: Dice, depth = 0): unknown {
  return dice.choose<unknown>([
    [4, () => dice.value()],
    [2, () => dice.pick([0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, 2 ** 31, 2 ** 32, -0])],
    [1, () => dice.pick([null, true, false])],
    [1, () => (depth < 4 ? Array.from({ length: dice.below(6) }, () => someValue(dice, depth + 1)) : [])],
    [1, () => (depth < 4 ? Object.fromEntries([[dice.pick(FIELDS), someValue(dice, depth + 1)]]) : {})],
  ]);
}

/** One line without its end, one character per byte. */
export function controlLine(dice: Dice): string {
  const fields: [string, unknown][] = [['op', dice.chance(8) ? someValue(dice) : dice.pick(OPS)]];
  if (dice.chance(2)) fields.push(['set', dice.chance(2) ? dice.pick(['all', 'local', 'foreign', 'failback']) : someValue(dice)]);
  if (dice.chance(3)) fields.push(['nodes', dice.chance(2) ? ['n3', dice.word()] : someValue(dice)]);
  if (dice.chance(3))
    fields.push(['node', dice.chance(2) ? 'n1' : someValue(dice)], ['weight', someValue(dice)], ['site', someValue(dice)]);
  while (dice.chance(4)) fields.push([dice.pick(FIELDS), someValue(dice)]);
  const body = fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? 'null'}`).join(',');
  const line = Buffer.from(`{${body}}`, 'utf8').toString('latin1');
  return dice.choose([
    [8, () => line],
    [3, () => dice.damage(line)],
    [1, () => dice.pick(['[', '{"a":', '"', '\\u0000', '[[[[']).repeat(dice.pick([1, 100, 10_000]))],
    [1, () => dice.noise(100)],
    [1, () => ''],
  ]);
}

export const control: Target = {
  name: 'control',
  episode(dice: Dice, trail: Trail): number {
    const config = someConfig(dice);
    const fire = createFire(config, dice);
    const splitter = new LineSplitter(REQUEST_BYTES_MAX);
    let inputs = 0;
    for (let left = LINES; left > 0 && !splitter.tooLong && !fire.ended; left -= 1) {
      const line = controlLine(dice);
      trail.add('line', line);
      inputs += 1;
      const bytes = Buffer.from(`${line}\n`, 'latin1');
      const cut = dice.below(bytes.length + 1);
      for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        for (const found of splitter.push(chunk)) {
          const read = readRequest(found);
          if (read.ok) fire.command(read.request);
          else assert.ok(read.reason.length < 500 && !/[\p{Cc}]/u.test(read.reason), 'a refusal is a short line');
          readReply(found);
        }
      }
      if (dice.chance(10)) fire.pass(1000);
    }
    return inputs;
  },
};
