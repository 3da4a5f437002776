import { asBytes, changeMembers, type MemberProgram, type MemberWorld } from './members.ts';

const PROGRAM: MemberProgram = {
  name: 'hb_setsite',
  words: '<node> <site>',
  request: ([node, site, ...more]) =>
    node === undefined || site === undefined || more.length > 0 ? undefined : { name: 'setsite', node, site: asBytes(site) },
  fields: (request) =>
    'site' in request
      ? [
          ['node', request.node],
          ['site', request.site],
        ]
      : [],
};

/** Sets the site that cl_status nodesite shows, on all nodes; an empty word takes it away. */
export const hbSetsite = (argv: readonly string[], world: MemberWorld): Promise<number> => changeMembers(PROGRAM, argv, world);
