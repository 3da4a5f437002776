import { heldSignals } from '../os/early-signals.ts';

export interface SignalActions {
  stop(): void;
  /** SIGHUP. */
  hangup(): void;
  /** SIGUSR1 and SIGUSR2. */
  debugBy(step: 1 | -1): void;
}

export interface Signals {
  /** Carries out what came before anybody listened. */
  catchUp(): void;
  release(): void;
}

/** What each signal does (tools 1). */
export function onSignals(actions: SignalActions): Signals {
  const ignored = (): void => undefined;
  // SIGTERM first: whoever sees that SIGHUP is caught may rely on both.
  const table: readonly (readonly [NodeJS.Signals, () => void])[] = [
    ['SIGTERM', actions.stop],
    ['SIGINT', actions.stop],
    ['SIGHUP', actions.hangup],
    ['SIGUSR1', () => actions.debugBy(1)],
    ['SIGUSR2', () => actions.debugBy(-1)],
    ['SIGQUIT', ignored],
    ['SIGPIPE', ignored],
  ];
  for (const [signal, act] of table) process.on(signal, act);
  const early = heldSignals();
  return {
    catchUp() {
      for (const [signal, act] of table) if (early.some((one) => one === signal)) act();
    },
    release() {
      for (const [signal, act] of table) process.off(signal, act);
    },
  };
}
