import { changeMembers, type MemberProgram, type MemberWorld } from './members.ts';

const PROGRAM: MemberProgram = {
  name: 'hb_addnode',
  words: '<node> <node> ...',
  request: (words) =>
    words.length === 0 ? undefined : { name: 'addnode', nodes: words.flatMap((word) => word.split(/\s+/).filter(Boolean)) },
  fields: (request) => ('nodes' in request ? [['nodelist', request.nodes.join(' ')]] : []),
};

/** Adds nodes to the running cluster, on all nodes and until heartbeat stops. ha.cf is not written. */
export const hbAddnode = (argv: readonly string[], world: MemberWorld): Promise<number> => changeMembers(PROGRAM, argv, world);
