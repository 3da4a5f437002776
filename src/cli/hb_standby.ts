import { type MoveProgram, type MoveWorld, moveResources } from './move.ts';

const HB_STANDBY: MoveProgram = {
  name: 'hb_standby',
  request: (set) => ({ name: 'standby', set }),
  message: (set) => ['t=ask_resources', `rsc_hold=${set === 'failback' ? 'foreign' : set}`, 'info=me'],
  accepted: (set) => `Going standby [${set === 'failback' ? 'foreign' : set}].`,
};

/**
 * Gives resources of this node to the other. `local` are its own groups, `foreign` the other's, `failback` means foreign.
 * `event` is the type of the message that has a script of rc.d run us: the daemon has answered a `hb_takeover` before any
 * script heard of it, and the script of 3.0.6 calls this program for just that.
 */
export async function hbStandby(argv: readonly string[], world: MoveWorld, event?: string): Promise<number> {
  if (event !== 'hb_takeover') return moveResources(HB_STANDBY, argv, world);
  world.out('hb_standby: nothing to do, heartbeat answers hb_takeover by itself');
  return 0;
}
