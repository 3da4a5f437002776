import { readdirSync, readFileSync } from 'node:fs';
import type { ScriptRunner } from '../contracts/host.ts';
import { systemText } from './text.ts';

const LOOK_MS = 50;
const ACTIONS = ['start', 'stop'];

interface Process {
  readonly pid: number;
  /** Its start, which tells it from a later one of the same number. */
  readonly mark: string;
}

/**
 * Scripts of a life of the daemon before this one that still run: each was started in a session of its own, with the name and the
 * words of a resource. What such a script leaves behind, a service, is no leader of that session.
 */
export function leftOverScripts(commands: readonly (readonly string[])[]): Process[] {
  const wanted = new Set(commands.map((words) => words.map(systemText).join('\0')));
  if (wanted.size === 0) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .flatMap((pid) => {
      const mark = leaderMark(pid);
      return mark !== undefined && isScript(pid, wanted) ? [{ pid, mark }] : [];
    });
}

/** Start time of a live process that leads its session. */
function leaderMark(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] !== 'Z' && fields[3] === String(pid) ? fields[19] : undefined;
}

/** `[INTERPRETER [OPTION]] FOLDER/SCRIPT WORD... start`. */
function isScript(pid: number, wanted: ReadonlySet<string>): boolean {
  const words = read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
  if (!ACTIONS.includes(words.at(-1) ?? '')) return false;
  return [0, 1, 2].some((at) => {
    const [path = '', ...args] = words.slice(at, -1);
    return path.startsWith('/') && wanted.has([path.slice(path.lastIndexOf('/') + 1), ...args].join('\0'));
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** No script runs beside one that a dead life has begun: its status would be true for a moment only. */
export function afterLeftOvers(runner: ScriptRunner, left: readonly Process[], lookMs = LOOK_MS): ScriptRunner {
  let remaining = left;
  const waiting: (() => void)[] = [];
  const look = (): void => {
    remaining = remaining.filter(({ pid, mark }) => leaderMark(pid) === mark);
    if (remaining.length > 0) setTimeout(look, lookMs);
    else for (const run of waiting.splice(0)) run();
  };
  if (remaining.length > 0) look();
  return {
    start(job, ended) {
      if (remaining.length > 0) waiting.push(() => runner.start(job, ended));
      else runner.start(job, ended);
    },
  };
}
