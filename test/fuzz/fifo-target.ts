/** Messages that local programs write into the FIFO, as they reach the engine. */
import { textToBytes } from '../../src/base/bytes.ts';
import type { Dice } from './dice.ts';
import { fifoText } from './fifo-text.ts';
import { PacketMaker } from './packets.ts';
import { corpus, createFire, meanwhile, someConfig, voices } from './packets-target.ts';
import type { Target, Trail } from './target.ts';

const STEPS = 1500;

export const fifo: Target = {
  name: 'fifo',
  episode(dice: Dice, trail: Trail): number {
    const config = someConfig(dice);
    const maker = new PacketMaker(corpus, config.auth);
    const fire = createFire(config, dice);
    const [speaker] = voices(dice);
    for (let left = STEPS; left > 0 && !fire.ended; left -= 1) {
      if (dice.chance(10)) meanwhile(fire, config, dice);
      if (dice.chance(4) && speaker !== undefined) {
        fire.give({ kind: 'frame', medium: 'bcast eth1', bytes: maker.authentic(dice, speaker), from: '10.77.1.1' });
      }
      const text = fifoText(dice, corpus);
      trail.add('fifo', text);
      fire.give({ kind: 'localMessage', bytes: textToBytes(text) });
    }
    return fire.inputs;
  },
};
