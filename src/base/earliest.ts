import type { Instant } from '../contracts/basics.ts';

export function earliest(moments: readonly (Instant | undefined)[]): Instant | undefined {
  let first: Instant | undefined;
  for (const at of moments) if (at !== undefined && (first === undefined || at < first)) first = at;
  return first;
}
