/** The way in from the network: codec, digests, unpacking, membership, numbers, resources; all in one engine. */
import type { Config } from '../../src/contracts/config.ts';
import type { CommandRequest } from '../../src/contracts/engine.ts';
import { createCompressors } from '../../src/os/compressor.ts';
import { bcast, testConfig } from '../engine/support.ts';
import { key } from '../protocol/vectors.ts';
import { group } from '../resources/support.ts';
import type { Dice } from './dice.ts';
import { Fire } from './fire.ts';
import { Corpus } from './messages.ts';
import { PacketMaker, type Voice } from './packets.ts';
import type { Target, Trail } from './target.ts';

const compressors = createCompressors();
export const corpus = new Corpus(compressors);
const STEPS = 1500;

export function someConfig(dice: Dice): Config {
  const keys = [key(0, 'crc'), key(1, 'sha1', 'labsecret'), key(2, 'md5', 'another'), key(15, 'sha1', 'x'.repeat(200))];
  return testConfig({
    nodes: dice.chance(5) ? ['n1', 'n2', 'n3'] : ['n1', 'n2'],
    autoFailback: dice.pick(['on', 'off', 'legacy']),
    msgfmt: dice.pick(['classic', 'netstring']),
    compression: dice.pick(['zlib', 'bz2']),
    traditionalCompression: dice.chance(3),
    autojoin: dice.pick(['none', 'other', 'any']),
    auth: { signing: dice.pick([0, 1, 2, 15]), keys },
    media: [bcast('eth1'), bcast('eth2')],
    groups: dice.chance(4) ? [] : [group('n1', 'IPaddr::10.77.0.100', 'web'), group('n2', 'IPaddr::10.77.0.101'), group('n2', 'db')],
  });
}

const COMMANDS: readonly CommandRequest[] = [
  { name: 'status' },
  { name: 'standby', set: 'all' },
  { name: 'standby', set: 'failback' },
  { name: 'takeover', set: 'local' },
  { name: 'takeover', set: 'all' },
];

export function createFire(config: Config, dice: Dice): Fire {
  return new Fire(config, compressors, dice);
}

/** Now and then something other than a packet happens: time, an operator, a reload, a lost medium. */
export function meanwhile(fire: Fire, config: Config, dice: Dice): void {
  dice.choose([
    [10, () => fire.pass(dice.pick([1, 20, 100, 300]))],
    [3, () => fire.pass(dice.pick([1000, 3000, 8000]))],
    [2, () => fire.command(dice.pick(COMMANDS))],
    [1, () => fire.give({ kind: 'configured', config: { ...config, keepaliveMs: dice.pick([200, 1000]) } })],
    [1, () => fire.give({ kind: 'mediumFailed', medium: 'bcast eth2', fault: { code: 'ENODEV', detail: 'gone' } })],
    [1, () => fire.give({ kind: 'mediumOpened', medium: 'bcast eth2' })],
  ]);
}

export function voices(dice: Dice): readonly Voice[] {
  const voice = (name: string, uuid = `uuid-of-${name}--------`.slice(0, 16)): Voice => ({ name, uuid, generation: 500, seq: 0 });
  return [voice('n1'), voice('n1'), voice('n2', 'our-own-uuid-16.'), voice('n3'), voice(dice.word() || 'x', dice.noise(20))];
}

export const packets: Target = {
  name: 'packets',
  episode(dice: Dice, trail: Trail): number {
    const config = someConfig(dice);
    const maker = new PacketMaker(corpus, config.auth);
    const fire = createFire(config, dice);
    const speakers = voices(dice);
    for (let left = STEPS; left > 0 && !fire.ended; left -= 1) {
      if (dice.chance(8)) meanwhile(fire, config, dice);
      const speaker = dice.chance(3) ? dice.pick(speakers) : speakers[0];
      if (speaker === undefined) break;
      const bytes = maker.packet(dice, speaker);
      trail.add('frame', bytes);
      fire.give({ kind: 'frame', medium: dice.pick(['bcast eth1', 'bcast eth1', 'bcast eth2', 'nowhere']), bytes, from: '10.77.1.1' });
    }
    fire.give({ kind: 'stopAsked' });
    fire.pass(100_000);
    return fire.inputs;
  },
};
