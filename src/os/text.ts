import { isUtf8 } from 'node:buffer';
import type { ScriptRunner } from '../contracts/host.ts';

/**
 * Texts of the files and of the wire hold one character per byte (`bytesToText`), while Node hands every text to the
 * system as UTF-8. So before one goes to a script, a path or the log, what was UTF-8 in the file becomes its characters
 * again. Bytes that are no UTF-8 (an old Latin-1 file) count as Latin-1: Node cannot pass them on as they are.
 */
export function systemText(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text) || /[^\0-\u00ff]/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
}

/** Scripts get their words and fields as the files have them. */
export function inSystemText(runner: ScriptRunner): ScriptRunner {
  return {
    start(job, ended) {
      const env = Object.fromEntries(Object.entries(job.env).map(([name, value]) => [name, systemText(value)]));
      runner.start({ ...job, script: systemText(job.script), args: job.args.map(systemText), env }, ended);
    },
  };
}
