/** Messages to begin with, and what may be done to one field by field. */
import { textToBytes } from '../../src/base/bytes.ts';
import type { Compressors } from '../../src/contracts/compressor.ts';
import { FIELD } from '../../src/protocol/fields.ts';
import { type Field, type FieldType, Message } from '../../src/protocol/message.ts';
import { encodeNetstring } from '../../src/protocol/netstring.ts';
import { writePlain } from '../../src/protocol/plain.ts';
import { MESSAGE_TYPES } from '../../src/protocol/types.ts';
import { loadVector, vectorNames } from '../protocol/vectors.ts';
import type { Dice } from './dice.ts';

const STAMPED: ReadonlySet<string> = new Set([
  ...[FIELD.origin, FIELD.originUuid, FIELD.sequence, FIELD.generation, FIELD.time, FIELD.load, FIELD.ttl, FIELD.auth],
]);

const FIELD_NAMES: readonly string[] = [
  ...new Set([...Object.values(FIELD), ...Object.values(MESSAGE_TYPES).flatMap(({ fields }): readonly string[] => fields)]),
  ...['hbd_v', 'hbd_re', 'hbd_hold', 'hbd_before', 'hbd_ask', 'reqtype', 'uid', 'gid', 'pid', 'fmask', 'signal', 'pname', 'queryname'],
  ...['queryuuid', 'ifname', 'sendqlen', 'client_gen', 'from_id', 'to_id'],
];

/** What the recorded hosts said to each other, each message once, without what the daemon adds. */
function recorded(): Message[] {
  const found = new Map<string, Message>();
  for (const name of vectorNames) {
    for (const { fields } of loadVector(name).datagrams) {
      const own = new Message(fields.filter((field) => !STAMPED.has(field.name)));
      found.set(encodeNetstring(own.fields), own);
    }
  }
  return [...found.values()];
}

/** Every type with something in each of its fields. */
function typical(): Message[] {
  const values: Readonly<Record<string, string>> = {
    ...{
      st: 'active',
      dt: '1388',
      protocol: '1',
      dest: 'n2',
      ackseq: '1',
      firstseq: '1',
      lastseq: '5',
      nodelist: 'n1 n2 ',
      delnodelist: ' ',
    },
    ...{ rsc_hold: 'all', rtype: 'full', isstable: '1', ipaddr: 'IPaddr::10.77.0.100', node: 'n1', weight: '7', site: 'here', ok: 'OK' },
  };
  return Object.entries(MESSAGE_TYPES).map(([type, { fields }]) =>
    Message.of(...fields.map((name): [string, string] => [name, name === 't' ? type : (values[name] ?? 'x')])),
  );
}

export class Corpus {
  readonly messages: readonly Message[];
  readonly #compressors: Compressors;

  /** `worded`: what becomes of each value of a recorded message, before anything else is done to it. */
  constructor(compressors: Compressors, worded: (value: string) => string = (value) => value) {
    this.#compressors = compressors;
    const messages = [...recorded(), ...typical(), ...typical()];
    this.messages = messages.map((message) => message.mapFields((field) => ({ ...field, value: worded(field.value) })));
  }

  /** A recorded or typical message, in half of the cases changed. */
  message(dice: Dice): Message {
    const base = dice.pick(this.messages);
    return dice.chance(3) ? base : this.mutate(dice, base);
  }

  /** One to five changes, each of which leaves something that can be written down. */
  mutate(dice: Dice, message: Message): Message {
    let fields = message.fields;
    for (let left = 1 + dice.below(5); left > 0; left -= 1) fields = this.#change(dice, fields);
    return new Message(fields);
  }

  #change(dice: Dice, fields: readonly Field[]): readonly Field[] {
    const at = dice.below(fields.length + 1);
    const field = fields[at];
    const put = (...given: readonly Field[]): readonly Field[] => [...fields.slice(0, at), ...given, ...fields.slice(at + 1)];
    if (field === undefined) return [...fields, this.#field(dice)];
    return dice.choose<readonly Field[]>([
      [6, () => put({ ...field, value: dice.value() })],
      [2, () => put({ ...field, value: dice.damage(field.value) })],
      [2, () => put()],
      [2, () => put(field, { ...field, value: dice.chance(2) ? field.value : dice.value() })],
      [2, () => put(this.#field(dice), field)],
      [1, () => put({ ...field, name: dice.chance(2) ? dice.pick(FIELD_NAMES) : named(dice.word()) })],
      [1, () => put({ ...field, type: dice.below(6) as FieldType })],
      [1, () => [...fields.slice(at), ...fields.slice(0, at)]],
      [1, () => [...fields].reverse()],
      [1, () => put(field, ...Array.from({ length: dice.below(dice.chance(20) ? 3000 : 20) }, () => field))],
    ]);
  }

  #field(dice: Dice): Field {
    const name = dice.chance(3) ? named(dice.word()) : dice.pick(FIELD_NAMES);
    const inside = dice.pick(this.messages);
    return dice.choose<Field>([
      [6, () => ({ type: 0, name, value: dice.value() })],
      [1, () => ({ type: 1, name, value: dice.noise(32) })],
      [1, () => ({ type: 2, name, value: nest(dice, encodeNetstring(inside.fields)) })],
      [1, () => ({ type: 5, name, value: encodeNetstring(inside.fields) })],
      [1, () => ({ type: 3, name, value: dice.chance(2) ? '1:a,3:b c,0:,' : dice.value() })],
      [1, () => ({ type: 4, name, value: this.packed(dice, inside) })],
    ]);
  }

  /** The message compressed, some of it damaged, some of it a bomb. One character per byte. */
  packed(dice: Dice, message: Message): string {
    const compressor = this.#compressors.find(dice.pick(['zlib', 'zlib', 'bz2']));
    const plain = dice.choose([
      [10, () => writePlain(message, dice.pick(['classic', 'netstring']))],
      [1, () => textToBytes(dice.huge())],
      [1, () => new Uint8Array(dice.pick([1 << 16, 1 << 21, (1 << 21) + 1, 1 << 23]))],
      [1, () => textToBytes(`>>>\n${'a=b\n'.repeat(dice.pick([10, 8192, 100_000]))}<<<\n`)],
    ]);
    const bytes = compressor?.compress(plain) ?? new Uint8Array(0);
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return dice.chance(4) ? dice.damage(text) : text;
  }
}

/** A name has no `=`, or it would not be one, and is not empty. */
const named = (word: string): string => word.replaceAll('=', '') || 'x';

function nest(dice: Dice, value: string): string {
  let out = value;
  for (let depth = dice.chance(3) ? dice.below(20) : 0; depth > 0; depth -= 1) out = encodeNetstring([{ type: 2, name: 'in', value: out }]);
  return out;
}
