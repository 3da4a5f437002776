/** Number and description of the signals that end programs, as the log shows them (log-lines 9): `9 [SIGKILL - Kill, unblockable]`. */
const SIGNALS: Readonly<Record<string, readonly [number, string]>> = {
  SIGHUP: [1, 'Hangup'],
  SIGINT: [2, 'Interrupt'],
  SIGQUIT: [3, 'Quit'],
  SIGILL: [4, 'Illegal instruction'],
  SIGTRAP: [5, 'Trace trap'],
  SIGABRT: [6, 'Abort'],
  SIGBUS: [7, 'BUS error'],
  SIGFPE: [8, 'Floating-point exception'],
  SIGKILL: [9, 'Kill, unblockable'],
  SIGUSR1: [10, 'User-defined signal 1'],
  SIGSEGV: [11, 'Segmentation violation'],
  SIGUSR2: [12, 'User-defined signal 2'],
  SIGPIPE: [13, 'Broken pipe'],
  SIGALRM: [14, 'Alarm clock'],
  SIGTERM: [15, 'Termination'],
  SIGXCPU: [24, 'CPU limit exceeded'],
  SIGSYS: [31, 'Bad system call'],
};

/** What the line names of a signal; one that is not in the table shows its name alone. */
export function signalFacts(name: string): { readonly signal: string | number; readonly name: string } {
  const [number, text] = SIGNALS[name] ?? [];
  return { signal: number ?? '?', name: text === undefined ? name : `${name} - ${text}` };
}
