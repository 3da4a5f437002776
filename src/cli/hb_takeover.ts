import type { ControlWorld } from './cl_status.ts';
import { type MoveProgram, moveResources } from './move.ts';

const HB_TAKEOVER: MoveProgram = {
  name: 'hb_takeover',
  request: (set) => ({ name: 'takeover', set }),
  // 3.0.6 prints nothing here (tools 4).
  accepted: () => undefined,
};

/** Asks the other node for resources, in words seen from this node. */
export const hbTakeover = (argv: readonly string[], world: ControlWorld): Promise<number> => moveResources(HB_TAKEOVER, argv, world);
