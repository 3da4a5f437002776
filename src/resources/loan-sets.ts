import type { Instant } from '../contracts/basics.ts';
import type { ResourceGroup } from '../contracts/config.ts';
import type { GroupStatus } from '../contracts/status.ts';
import { NOTHING, type Side, type SideSet } from './ownership.ts';
import type { ResourceState } from './state.ts';

/** What failed starts and groups served elsewhere mean for whole sets, and how they are told. */

const groupsOf = (state: ResourceState, side: Side): ResourceGroup[] => state.groupsIn({ ...NOTHING, [side]: true });

/** Every group of the side has failed here, or is away: to a node that knows sets alone there is nothing to claim. */
export function isDown(state: ResourceState, side: Side): boolean {
  const { lending, ownership, work } = state;
  if (lending.quiet) return false;
  const groups = groupsOf(state, side).filter((group) => ownership.owns(group));
  const down = (group: ResourceGroup) => !work.mayRun(group) && (lending.failure(group) !== undefined || lending.isAway(group));
  return groups.length > 0 && groups.every(down);
}

/** What `rsc_hold` says: no set of which nothing runs here, and a set of which everything does. */
export function shownSet(state: ResourceState): SideSet {
  const { claimed, lending, work } = state;
  if (lending.quiet) return claimed;
  const says = (side: Side): boolean => {
    if (claimed[side]) return !isDown(state, side);
    const groups = groupsOf(state, side);
    return groups.length > 0 && groups.every((group) => lending.isGuest(group) && work.state(group) === 'running');
  };
  return { local: says('local'), foreign: says('foreign') };
}

/** These are not to go to a node that has failed to start each of them. */
export function allFailedThere(state: ResourceState, groups: readonly ResourceGroup[]): boolean {
  return groups.length > 0 && groups.every((group) => state.lending.failedThere(group));
}

/** For the status: what is known of a failure, and who serves the group. `at`: with ages and what is left of times. */
export function loanStatus(state: ResourceState, group: ResourceGroup, at: Instant | undefined): Partial<GroupStatus> {
  const { failback, lending, peerView } = state;
  const failure = lending.failure(group);
  // With `legacy` time changes nothing.
  const end = failback === 'legacy' ? undefined : lending.endOf(group);
  const node = peerView()?.name ?? '';
  const ages = (failedAt: Instant) =>
    at === undefined
      ? {}
      : { agoMs: Math.max(0, Math.round(at - failedAt)), ...(end === undefined ? {} : { endsInMs: Math.max(0, Math.round(end - at)) }) };
  return {
    ...(failure === undefined ? {} : { failure: { resource: failure.resource, times: failure.times, ...ages(failure.at) } }),
    ...(lending.failedThere(group) ? { failedOn: node } : {}),
    ...(lending.isAway(group) ? { servedBy: node } : {}),
    ...(lending.isHopeless(group) ? { servedByNobody: true as const } : {}),
  };
}
