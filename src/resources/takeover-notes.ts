import type { ResourceState } from './state.ts';

/** Why the peer's groups are ours to take. */
export type TakeoverCause =
  /** Silent for its deadtime. */
  | 'died'
  /** Silent, and it had told us before that it holds nothing. */
  | 'gaveUp'
  /** It took its leave. */
  | 'left';

/** What the log and the cluster are told before a takeover (wire-protocol 7.6). */
export function tellTakeover(state: ResourceState, cause: TakeoverCause): void {
  const { port } = state;
  const node = state.peerView()?.name;
  if (node === undefined) return;
  if (cause !== 'left') {
    port.send('stonith', [
      ['node', node],
      ['result', cause === 'died' ? 'n_stnth' : 'unneeded'],
    ]);
  }
  if (cause === 'died') {
    port.note('noStonith');
    port.note('disksUnprotected');
  }
  port.note(cause === 'gaveUp' ? 'deadGaveUp' : 'acquiringFrom', { node });
}
