import type { Now } from '../contracts/basics.ts';
import type { CommandRequest } from '../contracts/engine.ts';
import type { ResourceSetWord } from '../contracts/status.ts';
import type { Message } from '../protocol/message.ts';
import type { Taker } from './local-messages.ts';
import { MEMBER_TYPES, type Members } from './members.ts';

type Move = Extract<CommandRequest, { name: 'standby' | 'takeover' }>;
export type LocalCommand = (now: Now, request: Move) => string | undefined;

/** The words of hb_standby and hb_takeover, as they stand in a message. */
function readMove(message: Message): ResourceSetWord | 'failback' | undefined {
  const word = message.get('rsc_hold');
  return word === 'all' || word === 'local' || word === 'foreign' || word === 'failback' ? word : undefined;
}

/** Types that local programs may write and that this daemon carries out: a line each. The rest is sent on, or refused. */
export function localTakers(command: LocalCommand, members: Members): Readonly<Record<string, Taker>> {
  const move = (name: Move['name']) => (now: Now, message: Message) => {
    const set = readMove(message);
    return set === undefined ? 'rsc_hold is none of all, local, foreign, failback' : command(now, { name, set });
  };
  const standby = move('standby');
  return {
    ask_resources: (now, message) => (message.get('info') === 'me' ? standby(now, message) : 'the daemon alone says this'),
    hb_takeover: move('takeover'),
    ...Object.fromEntries([...MEMBER_TYPES].map((type) => [type, (now: Now, message: Message) => members.local(now, message)])),
  };
}
