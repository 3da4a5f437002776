import { KEY_FAULTS } from '../keys.ts';
import { CLOCK_FAULTS } from './clocks.ts';
import { DISK_FAULTS } from './disks.ts';
import type { Faults } from './fault.ts';
import { GUARDIAN_FAULTS } from './guardian.ts';
import { MEMBER_FAULTS } from './members.ts';
import { OPERATOR_FAULTS, OPERATOR_REMEDIES } from './operators.ts';
import { PROCESS_FAULTS, PROCESS_REMEDIES } from './processes.ts';
import { SCRIPT_FAULTS } from './scripts.ts';
import { START_FAULTS, START_REMEDIES } from './starts.ts';
import { STRANGER_FAULTS } from './strangers.ts';
import { WIRE_FAULTS } from './wires.ts';

/** Everything that can go wrong in a storm, by kind. */
export const FAULTS: Faults = {
  ...WIRE_FAULTS,
  ...STRANGER_FAULTS,
  ...KEY_FAULTS,
  ...PROCESS_FAULTS,
  ...GUARDIAN_FAULTS,
  ...CLOCK_FAULTS,
  ...SCRIPT_FAULTS,
  ...START_FAULTS,
  ...DISK_FAULTS,
  ...OPERATOR_FAULTS,
  ...MEMBER_FAULTS,
};

/** What people do about it meanwhile. It is not counted as a fault. */
export const REMEDIES: Faults = { ...PROCESS_REMEDIES, ...OPERATOR_REMEDIES, ...START_REMEDIES };

/**
 * What 3.0.6 has no answer to at all, so that nothing can be asked of the pair: it reads haresources anew at each action, knows nothing of what
 * runs at its start, believes its scripts, and what its killed daemon has left running is held twice until somebody starts it again.
 */
const BEYOND_LEGACY = new Set([
  'editOne',
  'editBoth',
  'alreadyRunning',
  'lyingStatus',
  'failingStart',
  'failingStop',
  'failStart',
  'clearFailure',
  'kill',
  'guardianKill',
  'quickRestart',
]);

/** With a node that does no more than 3.0.6 does. */
export function besideLegacy(faults: Faults): Faults {
  return Object.fromEntries(Object.entries(faults).filter(([kind]) => !BEYOND_LEGACY.has(kind)));
}
