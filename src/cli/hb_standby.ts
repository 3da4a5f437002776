import { type MoveProgram, type MoveWorld, moveResources } from './move.ts';

const HB_STANDBY: MoveProgram = {
  name: 'hb_standby',
  request: (set) => ({ name: 'standby', set }),
  message: (set) => ['t=ask_resources', `rsc_hold=${set === 'failback' ? 'foreign' : set}`, 'info=me'],
  accepted: (set) => `Going standby [${set === 'failback' ? 'foreign' : set}].`,
};

/** Gives resources of this node to the other. `local` are its own groups, `foreign` the other's, `failback` means foreign. */
export const hbStandby = (argv: readonly string[], world: MoveWorld): Promise<number> => moveResources(HB_STANDBY, argv, world);
