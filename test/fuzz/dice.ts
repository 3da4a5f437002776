/** Seeded chance, and the values at which programs stumble. */
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/contracts/basics.ts';

/** Numbers as text: the edges of every width, and what is nearly a number. */
const NUMBERS = [
  ...['0', '1', '-1', '2', '10', '00', '01', '7f', '80', 'ff', '100', '255', '256', '65535', '65536', '7fffffff', '80000000', 'ffffffff'],
  ...['100000000', '2147483647', '2147483648', '4294967295', '4294967296', '9007199254740991', '9007199254740993', 'fffffffffffff'],
  ...['1fffffffffffff', '99999999999999999999', '1e9', '1e999', '0x10', '0b1', ' 1', '1 ', '+1', '1.5', '.5', '1,5', 'NaN', 'Infinity'],
  ...['-0', '--1', '1_000', '\u00b2', '1\0', '1\n2', '', ' ', '\t'],
];

/** Words that mean something to JavaScript, to a shell, to a terminal, to a log or to the protocol. */
const WORDS = [
  ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf', '__defineGetter__', 'then', 'toJSON', 'length'],
  ...[
    'n1',
    'N1',
    'n2',
    'n3',
    'n1.',
    'localhost',
    'all',
    'local',
    'foreign',
    'none',
    'transition',
    'failback',
    'full',
    'me',
    'OK',
    'ok/more',
  ],
  ...[
    'up',
    'init',
    'active',
    'dead',
    'ping',
    'join',
    'leave',
    'signon',
    'signoff',
    'zlib',
    'bz2',
    'api_test',
    'anon',
    'ipfail',
    'hacluster',
  ],
  ...[
    '$(id)',
    '`id`',
    '; id',
    '| id',
    '../../etc/passwd',
    '/dev/zero',
    '%s%n',
    '{node}',
    '\x1b[2J\x1b]0;x\x07',
    '\r',
    '\x9b2J',
    '\u00c3\u00a4',
  ],
  ...[
    '>>>',
    '<<<',
    '###',
    '%%%',
    '>>>\n',
    '<<<\n',
    '###\n',
    '%%%\n',
    '=',
    '(2)',
    '(9)x',
    ',',
    ':',
    '\x13',
    '\x14',
    '\x1f',
    '\xff',
    '\0',
    '#',
  ],
  ...['\\', '\\\n', '::', 'IPaddr::', '10.0.0.1', '999.1.1.1', '/', '//', '*', '"', "'", '-', '--', '[', '{', ']'],
];

const HUGE_BYTES = [200, 1023, 1024, 4096, 5119, 5120, 32_000, 65_000];

export class Dice {
  readonly #random: Random;

  constructor(readonly seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A dice of its own for part `number` of the work: what the others do to theirs does not change it. */
  fork(number: number): Dice {
    return new Dice((Math.imul(this.seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0);
  }

  /** 0 .. limit - 1 */
  below(limit: number): number {
    return this.#random.below(limit);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** One of several things to do, each as likely as its weight. */
  choose<T>(ways: readonly (readonly [weight: number, act: () => T])[]): T {
    let left = this.below(ways.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, act] of ways) {
      if (left < weight) return act();
      left -= weight;
    }
    throw new Error('weights are positive');
  }

  number(): string {
    return this.pick(NUMBERS);
  }

  word(): string {
    return this.pick(WORDS);
  }

  /** One character per byte. */
  noise(bytesMax: number): string {
    let text = '';
    for (let left = this.below(bytesMax + 1); left > 0; left -= 1) text += String.fromCharCode(this.below(256));
    return text;
  }

  huge(): string {
    const unit = this.chance(3) ? this.word() || 'x' : this.pick(['x', '\n', '=', ' ', '\x14', '1:a,', '(2)', '[', '{"a":']);
    const bytes = this.pick(HUGE_BYTES);
    return unit.repeat(Math.ceil(bytes / unit.length)).slice(0, bytes);
  }

  /** Anything that may stand where a value stands. */
  value(): string {
    return this.choose([
      [4, () => this.number()],
      [4, () => this.word()],
      [1, () => this.noise(40)],
      [1, () => (this.chance(8) ? this.huge() : this.word() + this.number())],
    ]);
  }

  /** Cut, doubled, flipped and pushed in: one to four places. `text` is one character per byte. */
  damage(text: string): string {
    let out = text;
    for (let left = 1 + this.below(4); left > 0; left -= 1) {
      const at = this.below(out.length + 1);
      const to = Math.min(out.length, at + 1 + this.below(this.chance(4) ? 200 : 4));
      out = this.choose([
        [3, () => out.slice(0, at) + String.fromCharCode((out.charCodeAt(at) || 0) ^ (1 << this.below(8))) + out.slice(at + 1)],
        [2, () => out.slice(0, at) + out.slice(to)],
        [2, () => out.slice(0, to) + out.slice(at)],
        [2, () => out.slice(0, at) + this.value() + out.slice(at)],
        [1, () => out.slice(0, at)],
        [1, () => out.slice(0, at) + this.noise(8) + out.slice(to)],
      ]);
    }
    return out;
  }
}
