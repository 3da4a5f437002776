/** What programs write into the FIFO, and what is nearly that. */
import { bytesToText } from '../../src/base/bytes.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import type { Dice } from './dice.ts';
import type { Corpus } from './messages.ts';

/** These would rightly move resources, speak for the daemon itself, or end the attacker. One letter is changed, so that all lengths stay.
 * It is done to messages before they are written, since base64 hides words, and to what is written. */
const MEANT =
  /ask_resources|hb_takeover|(?<![a-z])(?:resource|starting|shutdone|status|addnode|delnode|stonith|setsignal)|ip-request|NS_|repnodes|reqnodes/g;

/** What a program may write, one character per byte. Any of it may be cut, doubled, run together. */
export function fifoText(dice: Dice, corpus: Corpus): string {
  const text = bytesToText(writePlain(corpus.message(dice), dice.pick(['classic', 'classic', 'netstring']))).replace(/\0$/, '');
  return dice.choose([
    [8, () => text],
    [3, () => dice.damage(text)],
    [1, () => dice.pick(['>>>\n', '###\n', '<<<\n', '%%%\n', '\n', '\0']) + text],
    [1, () => dice.noise(200)],
    [1, () => `>>>\n${'x'.repeat(dice.pick([500, 511, 512, 4000]))}=y\n<<<\n`],
    [1, () => `>>>\n${'a=b\n'.repeat(dice.pick([10, 900]))}`],
  ]);
}

export const harmlessText = (text: string): string => text.replace(MEANT, (word) => `x${word.slice(1)}`);
