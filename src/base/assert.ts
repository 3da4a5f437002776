/** A bug, never an input: the process ends, and the peer does the rest. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: boolean, text: string): asserts condition {
  if (!condition) throw new AssertionError(text);
}

export function assertNever(value: never): never {
  throw new AssertionError(`unexpected value: ${JSON.stringify(value)}`);
}
