/** What comes out of the network: a peer that knows the key and says strange things, and strangers. */
import { bytesToText, textToBytes } from '../../src/base/bytes.ts';
import type { AuthConfig } from '../../src/contracts/config.ts';
import { authCatalog } from '../../src/protocol/auth/index.ts';
import { sealClassic, sealFrame } from '../../src/protocol/envelope.ts';
import { stampMessage } from '../../src/protocol/header.ts';
import { binary, type Field, Message, text } from '../../src/protocol/message.ts';
import { encodeNetstring, writeNetstring } from '../../src/protocol/netstring.ts';
import type { Dice } from './dice.ts';
import type { Corpus } from './messages.ts';

/** Who a packet says it is from. `seq` counts on with each numbered message. */
export interface Voice {
  readonly name: string;
  readonly uuid: string;
  generation: number;
  seq: number;
}

export class PacketMaker {
  readonly #corpus: Corpus;
  readonly #auth: AuthConfig;

  constructor(corpus: Corpus, auth: AuthConfig) {
    this.#corpus = corpus;
    this.#auth = auth;
  }

  packet(dice: Dice, voice: Voice): Uint8Array {
    return dice.choose([
      [12, () => this.authentic(dice, voice)],
      [3, () => textToBytes(dice.damage(bytesToText(this.authentic(dice, voice))))],
      [1, () => this.#rubbishSigned(dice)],
      [1, () => textToBytes(dice.pick(['', '###\n', '>>>\n', '>>>\nauth=1 ab\n']) + dice.noise(300))],
    ]);
  }

  /** Gets past the digest, in one of the forms in which a message may travel. */
  authentic(dice: Dice, voice: Voice): Uint8Array {
    const message = this.#stamped(dice, voice);
    return dice.choose<Uint8Array>([
      [6, () => sealFrame(message, this.#auth, authCatalog, 'classic')],
      [4, () => sealFrame(message, this.#auth, authCatalog, 'netstring')],
      [3, () => sealClassic(message, this.#auth, authCatalog) ?? sealFrame(message, this.#auth, authCatalog, 'netstring')],
      [
        2,
        () =>
          this.#sealed([
            binary('_compressed_payload', this.#corpus.packed(dice, message)),
            text('_compression_algorithm', algorithm(dice)),
          ]),
      ],
    ]);
  }

  #stamped(dice: Dice, voice: Voice): Message {
    if (dice.chance(60)) voice.generation += dice.pick([1, 1, 2, 1000]);
    const message = this.#corpus.message(dice);
    const numbered = !message.type.startsWith('NS_');
    if (numbered) voice.seq = Math.max(1, voice.seq + dice.pick([1, 1, 1, 1, 1, 1, 0, 2, 5, -1, 240, 251, 600]));
    const stamped = stampMessage(message, {
      origin: voice.name,
      originUuid: voice.uuid,
      generation: voice.generation - (dice.chance(30) ? 1 : 0),
      unixSeconds: 1_700_000_000,
      ttl: 3,
      ...(numbered ? { sequence: voice.seq, load: '0.00 0.00 0.00 1/10 100' } : {}),
    });
    return dice.chance(12) ? this.#corpus.mutate(dice, stamped) : stamped;
  }

  #sealed(fields: readonly Field[]): Uint8Array {
    return sealFrame(new Message(fields), this.#auth, authCatalog, 'netstring');
  }

  /** A good digest over what is no message. */
  #rubbishSigned(dice: Dice): Uint8Array {
    const good = encodeNetstring(this.#corpus.message(dice).fields);
    const body = dice.chance(2) ? `###\n${dice.pick(['5:(9)a=,', '3:(0),', '7:(0)a=\0b,', '0:,', '1:(,'])}%%%\n` : dice.damage(good);
    const key = this.#auth.keys.find(({ index }) => index === this.#auth.signing);
    const digest = key === undefined ? '' : (authCatalog.find(key.method)?.digest(key.key, textToBytes(body)) ?? '');
    return textToBytes(body + writeNetstring(`${this.#auth.signing} ${digest}`));
  }
}

const algorithm = (dice: Dice): string => dice.pick(['zlib', 'zlib', 'bz2', 'lzma', '__proto__', '']);
