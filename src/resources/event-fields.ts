import type { ResourceGroup } from '../contracts/config.ts';
import { FIELD } from '../protocol/fields.ts';
import type { ScriptFields } from '../protocol/script-fields.ts';
import type { ResourceState } from './state.ts';
import type { ScriptEnv } from './work.ts';

/** The fields of a message as resource scripts see them (haresources 7). */
export function scriptEnv(state: ResourceState, fields: ScriptFields): ScriptEnv {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) env[`HA_${name}`] = value;
  env.HA_OSTATUS = 'active';
  if (state.failback !== 'legacy') env.HA_NICEFAILBACK = 'yes';
  return env;
}

/**
 * What scripts are told of the event behind a start, as in 3.0.6: own groups come up on an `ip-request-resp` of the node to
 * itself, those of a peer that has gone on the `status` that 3.0.6 makes up for it. What is started by a standby gets none of
 * it. The first is told to the scripts of the site, too, once for each group.
 */
export function eventFields(state: ResourceState): (group: ResourceGroup) => ScriptEnv {
  const made = new Map<string, ScriptEnv>();
  const make = (group: ResourceGroup): ScriptEnv => {
    const { port, self } = state;
    if (state.ownership.sideOf(group) === 'local') {
      const fields = port.unsent('ip-request-resp', [
        ['dest', self],
        ['ipaddr', group.key],
        ['weown', 'yes'],
        ['ok', 'OK'],
      ]);
      port.tell('ip-request-resp', fields);
      return scriptEnv(state, fields);
    }
    const ts = port.unsent('status', [])[FIELD.time] ?? '';
    return scriptEnv(state, { t: 'status', seq: '1', ts, src: state.peerView()?.name ?? '', st: 'dead' });
  };
  return (group) => {
    const env = made.get(group.id) ?? make(group);
    made.set(group.id, env);
    return env;
  };
}
