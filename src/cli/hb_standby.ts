import type { ControlWorld } from './cl_status.ts';
import { type MoveProgram, moveResources } from './move.ts';

const HB_STANDBY: MoveProgram = {
  name: 'hb_standby',
  request: (set) => ({ name: 'standby', set }),
  accepted: (set) => `Going standby [${set === 'failback' ? 'foreign' : set}].`,
};

/** Gives resources of this node to the other. `local` are its own groups, `foreign` the other's, `failback` means foreign. */
export const hbStandby = (argv: readonly string[], world: ControlWorld): Promise<number> => moveResources(HB_STANDBY, argv, world);
