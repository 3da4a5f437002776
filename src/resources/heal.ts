import { common, isEmpty, type SideSet, union, without } from './ownership.ts';

/**
 * Who keeps what both nodes hold after a partition. Pure arithmetic over facts that both nodes have exchanged,
 * so both come to the same answer:
 *
 *   held before the split by exactly one of them  -> that one keeps it
 *   by both or by neither                         -> its home node keeps it
 *
 * All sets from our viewpoint. Answers what we have to give up.
 */
export function toGiveUp(both: SideSet, ourBefore: SideSet, theirBefore: SideSet): SideSet {
  if (isEmpty(both)) return both;
  const onlyTheirs = without(theirBefore, ourBefore);
  const onlyOurs = without(ourBefore, theirBefore);
  const undecided = without(both, union(onlyTheirs, onlyOurs));
  return union(common(both, onlyTheirs), { local: false, foreign: undecided.foreign });
}
