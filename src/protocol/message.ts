import { FIELD } from './fields.ts';

/** 0 text, 1 binary, 2 nested message, 3 list, 4 compressed nested message, 5 nested message to be compressed (wire-protocol 1.1). */
export type FieldType = 0 | 1 | 2 | 3 | 4 | 5;

/**
 * One field. `value` is Latin-1 text: one character per byte (`base/bytes.ts`).
 * Types 2 to 5 hold the raw value as it stands in netstring form; `nested.ts` looks inside.
 */
export interface Field {
  readonly type: FieldType;
  readonly name: string;
  readonly value: string;
}

/**
 * In the classic form such a name would be the end of a line or a type: one message here, another for whoever gets it
 * in that form. 0x0f to 0x1f but for 0x13 are the newlines of nested messages.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const BAD_NAME = /[\0\n\x0f-\x12\x14-\x1f]|^\(/;

export function isFieldName(name: string): boolean {
  return name !== '' && !BAD_NAME.test(name);
}

/** A NUL ends it, as it ends a text of C: a value taken from a binary field may hold one, and nobody could read the message. */
export function text(name: string, value: string): Field {
  const end = value.indexOf('\0');
  return { type: 0, name, value: end < 0 ? value : value.slice(0, end) };
}

/** `value` is one character per byte. */
export function binary(name: string, value: string): Field {
  return { type: 1, name, value };
}

/** An ordered list of fields that never changes. */
export class Message {
  readonly fields: readonly Field[];

  constructor(fields: readonly Field[]) {
    this.fields = fields;
  }

  /** Text fields in the given order: `Message.of(['t', 'status'], ['st', 'up'])`. */
  static of(...pairs: readonly (readonly [name: string, value: string])[]): Message {
    return new Message(pairs.map(([name, value]) => text(name, value)));
  }

  /** The `t` field, or an empty text. */
  get type(): string {
    return this.get(FIELD.type) ?? '';
  }

  /** The value of the first field of that name. */
  get(name: string): string | undefined {
    return this.fields.find((field) => field.name === name)?.value;
  }

  /** The same message with more fields at its end. */
  with(...more: readonly Field[]): Message {
    return new Message([...this.fields, ...more]);
  }

  without(name: string): Message {
    return new Message(this.fields.filter((field) => field.name !== name));
  }

  mapFields(change: (field: Field) => Field): Message {
    return new Message(this.fields.map(change));
  }

  /** Such a message gets no inner `auth` on its way to the network (wire-protocol 1.3). */
  get holdsNested(): boolean {
    return this.fields.some(({ type }) => type === 2 || type === 4 || type === 5);
  }
}
