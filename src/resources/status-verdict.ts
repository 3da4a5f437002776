/**
 * Reads the text of a script's `status` as R1 does: its words decide, its exit status does not (haresources 3).
 * "not ... running" first, so that `not running` is not taken for `running`.
 */
export function saysRunning(output: string): boolean {
  if (/[Nn][Oo][Tt] [\s\S]*[Rr]unning/.test(output)) return false;
  return /[Rr]unning|OK/.test(output);
}
