import type { Now } from '../contracts/basics.ts';
import { EVERYTHING } from './ownership.ts';
import type { ResourceState } from './state.ts';

/**
 * The clean stop (wire-protocol 7.7): what is held here first, so that the peer can take it at once, and only
 * then, once and without consequences, the stop of what another node holds: 3.0.6 calls it too, and it sweeps up
 * left-overs. Nothing may be in motion when this begins. A node that was not active yet knows nothing of what an
 * earlier life has left running, and asks its scripts.
 */
export function releaseEverything(state: ResourceState, now: Now, tellPeer: () => void, released: () => void = () => undefined): void {
  const { port, work } = state;
  const wasActive = state.phase !== 'waiting';
  state.phase = 'shutdown';
  state.ownership.drop(EVERYTHING, state.groups);
  port.note('shutdownStarted');
  if (wasActive) tellPeer();
  port.note('givingUpAll');
  const release = (at: Now): void => {
    const held = state.everyGroup.filter((group) => work.mayRun(group));
    const others = wasActive ? state.groups.filter((group) => !work.mayRun(group)) : [];
    work.give(at, held, (later) => {
      port.note('allRelinquished');
      port.send('shutdone', [['st', 'dead']]);
      released();
      work.sweep(later, others, () => port.released());
    });
  };
  if (wasActive) release(now);
  else work.probe(now, state.everyGroup, release);
}
