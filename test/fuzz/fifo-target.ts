/** Messages that local programs write into the FIFO, whole and as they come out of the pipe. */
import assert from 'node:assert/strict';
import { textToBytes } from '../../src/base/bytes.ts';
import { MAX_FRAME_BYTES } from '../../src/protocol/limits.ts';
import { PacketStream } from '../../src/protocol/packet-stream.ts';
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
    const stream = new PacketStream();
    for (let left = STEPS; left > 0 && !fire.ended; left -= 1) {
      if (dice.chance(10)) meanwhile(fire, config, dice);
      if (dice.chance(4) && speaker !== undefined) {
        fire.give({ kind: 'frame', medium: 'bcast eth1', bytes: maker.authentic(dice, speaker), from: '10.77.1.1' });
      }
      const text = fifoText(dice, corpus);
      trail.add('fifo', text);
      fire.give({ kind: 'localMessage', bytes: textToBytes(text) });
      // And as it comes through the pipe: in pieces, run together with what was written before.
      const bytes = textToBytes(text);
      const cut = dice.below(bytes.length + 1);
      for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        for (const packet of stream.push(piece)) {
          assert.ok(packet.length <= MAX_FRAME_BYTES, `a packet of ${packet.length} bytes`);
          fire.give({ kind: 'localMessage', bytes: packet });
        }
      }
      if (dice.chance(40)) stream.reset();
    }
    return fire.inputs;
  },
};
