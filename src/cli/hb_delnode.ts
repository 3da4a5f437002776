import { changeMembers, type MemberProgram, type MemberWorld } from './members.ts';

const PROGRAM: MemberProgram = {
  name: 'hb_delnode',
  words: '<node> <node> ...',
  request: (words) =>
    words.length === 0 ? undefined : { name: 'delnode', nodes: words.flatMap((word) => word.split(/\s+/).filter(Boolean)) },
  fields: (request) => ('nodes' in request ? [['nodelist', request.nodes.join(' ')]] : []),
};

/** Takes dead nodes out of the running cluster; all others must be there to hear of it. ha.cf is not written. */
export const hbDelnode = (argv: readonly string[], world: MemberWorld): Promise<number> => changeMembers(PROGRAM, argv, world);
