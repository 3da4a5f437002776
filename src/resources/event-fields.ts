import type { ResourceGroup } from '../contracts/config.ts';
import type { ResourceState } from './state.ts';
import type { ScriptEnv } from './work.ts';

/**
 * What scripts are told of the event behind a start, under the names that 3.0.6 gives the fields of its message
 * (haresources 7): own groups come up on an `ip-request-resp` of the node to itself, those of a peer that has gone on
 * its status `dead`. What is started by a standby gets none of it.
 */
export function eventFields(state: ResourceState, group: ResourceGroup): ScriptEnv {
  const fields: Record<string, string> = { HA_OSTATUS: 'active' };
  if (state.failback !== 'legacy') fields.HA_NICEFAILBACK = 'yes';
  if (state.ownership.sideOf(group) === 'local') {
    const { self } = state;
    return { ...fields, HA_t: 'ip-request-resp', HA_src: self, HA_dest: self, HA_ipaddr: group.key, HA_weown: 'yes', HA_ok: 'OK' };
  }
  return { ...fields, HA_t: 'status', HA_src: state.peerView()?.name ?? '', HA_st: 'dead' };
}
