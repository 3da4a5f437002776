/** One of two processes on one machine: says hello over `bcast lo` until it has heard the other. */
import { createMedium } from '../../src/media/index.ts';
import { loopbackSpec } from './support.ts';

const [own = '', other = '', port = '0'] = process.argv.slice(2);
const medium = createMedium(loopbackSpec('bcast', Number(port)));
const beat = setInterval(() => medium?.send(Buffer.from(own)), 20);
const limit = setTimeout(() => process.exit(1), 15_000);
medium?.open({
  opened() {},
  failed(fault) {
    console.error(fault.detail);
    process.exit(2);
  },
  frame(bytes) {
    if (Buffer.from(bytes).toString() !== other) return;
    clearTimeout(limit);
    // The other one is there, then: a few beats more and it has heard us too.
    setTimeout(() => {
      clearInterval(beat);
      medium?.close();
      process.exit(0);
    }, 300);
    console.log(`heard ${other}`);
  },
});
