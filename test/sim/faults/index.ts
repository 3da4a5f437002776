import { DISK_FAULTS } from './disks.ts';
import type { Faults } from './fault.ts';
import { MEMBER_FAULTS } from './members.ts';
import { OPERATOR_FAULTS, OPERATOR_REMEDIES } from './operators.ts';
import { PROCESS_FAULTS, PROCESS_REMEDIES } from './processes.ts';
import { SCRIPT_FAULTS } from './scripts.ts';
import { STRANGER_FAULTS } from './strangers.ts';
import { WIRE_FAULTS } from './wires.ts';

/** Everything that can go wrong in a storm, by kind. */
export const FAULTS: Faults = {
  ...WIRE_FAULTS,
  ...STRANGER_FAULTS,
  ...PROCESS_FAULTS,
  ...SCRIPT_FAULTS,
  ...DISK_FAULTS,
  ...OPERATOR_FAULTS,
  ...MEMBER_FAULTS,
};

/** What people do about it meanwhile. It is not counted as a fault. */
export const REMEDIES: Faults = { ...PROCESS_REMEDIES, ...OPERATOR_REMEDIES };
