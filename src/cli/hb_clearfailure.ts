import { asBytes, changeMembers, type MemberProgram, type MemberWorld } from './members.ts';

const PROGRAM: MemberProgram = {
  name: 'hb_clearfailure',
  words: '<first resource of a group>|all',
  request: ([group, ...more]) => (group === undefined || more.length > 0 ? undefined : { name: 'clearfailure', group: asBytes(group) }),
};

/** Forgets failed starts, on both nodes: what failed may be tried again, and goes home where auto_failback is on. */
export const hbClearfailure = (argv: readonly string[], world: MemberWorld): Promise<number> => changeMembers(PROGRAM, argv, world);
