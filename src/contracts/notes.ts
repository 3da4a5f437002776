/** Level words as the log prints them (log-lines 1). */
export type Level = 'EMERG' | 'ALERT' | 'CRIT' | 'ERROR' | 'WARN' | 'notice' | 'info' | 'debug';

/** One line for the operator: a code of the table in base/notes.ts and the facts its text names. */
export interface Note {
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number>>;
}
