/** Programs that write into the FIFO, each writing over the others' ends. */
import { constants, openSync, writeSync } from 'node:fs';
import { createCompressors } from '../../src/os/compressor.ts';
import { type Attack, count, steadily } from './attack.ts';
import { fifoText, harmlessText } from './fifo-text.ts';
import { Corpus } from './messages.ts';

const PATH = '/var/lib/heartbeat/fifo';
export async function attackFifo(attack: Attack): Promise<void> {
  const { dice, tally } = attack;
  const corpus = new Corpus(createCompressors(), harmlessText);
  const fd = openSync(PATH, constants.O_WRONLY | constants.O_NONBLOCK);
  await steadily(attack, () => {
    const bytes = Buffer.from(harmlessText(fifoText(dice, corpus)), 'latin1');
    try {
      writeSync(fd, bytes);
      count(tally, 'written');
    } catch {
      // Full: the reader takes its time, as it may.
      count(tally, 'full');
    }
  });
}
