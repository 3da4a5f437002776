import { changeMembers, type MemberProgram, type MemberWorld } from './members.ts';

const PROGRAM: MemberProgram = {
  name: 'hb_setweight',
  words: '<node> <weight>',
  request: ([node, weight, ...more]) =>
    node === undefined || weight === undefined || more.length > 0
      ? undefined
      : { name: 'setweight', node, weight: /^[+-]?\d+$/.test(weight) ? Number(weight) : Number.NaN },
  fields: (request) =>
    'weight' in request
      ? [
          ['node', request.node],
          ['weight', String(request.weight)],
        ]
      : [],
};

/** Sets the weight that cl_status nodeweight shows, on all nodes. */
export const hbSetweight = (argv: readonly string[], world: MemberWorld): Promise<number> => changeMembers(PROGRAM, argv, world);
