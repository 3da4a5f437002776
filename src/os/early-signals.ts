/**
 * A program that starts again in place has a moment in which nobody has said yet what SIGTERM means, and would be ended by it
 * with its services running. So the first thing it does is to remember what arrives.
 */
const EARLY = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
type EarlySignal = (typeof EARLY)[number];

const arrived = new Set<EarlySignal>();
const remember = (signal: NodeJS.Signals): void => void arrived.add(signal as EarlySignal);

export function holdSignals(): void {
  for (const signal of EARLY) process.on(signal, remember);
}

/** Call it once the real listeners are there; what came before is theirs to answer. */
export function heldSignals(): readonly EarlySignal[] {
  for (const signal of EARLY) process.off(signal, remember);
  const came = [...arrived];
  arrived.clear();
  return came;
}
