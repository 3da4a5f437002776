import { type MoveProgram, type MoveWorld, moveResources } from './move.ts';

const HB_TAKEOVER: MoveProgram = {
  name: 'hb_takeover',
  request: (set) => ({ name: 'takeover', set }),
  message: (set) => ['t=hb_takeover', `rsc_hold=${set === 'failback' ? 'foreign' : set}`],
  // 3.0.6 prints nothing here (tools 4).
  accepted: () => undefined,
};

/** Asks the other node for resources, in words seen from this node. */
export const hbTakeover = (argv: readonly string[], world: MoveWorld): Promise<number> => moveResources(HB_TAKEOVER, argv, world);
