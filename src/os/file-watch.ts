import { stat } from 'node:fs';

/**
 * Notices that a file became another one, by a look every now and then: editors write a new file and rename it, so
 * watching the file itself would lose it, and a folder on a network gives no events at all. Each look is one
 * asynchronous call, and the next waits for its answer: a file system that stands still costs one thread and no beat.
 */

/** What two looks are compared by. Times in nanoseconds: two edits may fall into one second. */
export interface FileStats {
  readonly ino: bigint;
  readonly dev: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export interface FileWatchParts {
  /** Calls `look` now and then; the answer ends that. */
  every(ms: number, look: () => void): () => void;
  stat(file: string, done: (error: unknown, stats: FileStats | undefined) => void): void;
}

const LOOK_MS = 2000;

const systemParts: FileWatchParts = {
  every(ms, look) {
    const timer = setInterval(look, ms).unref();
    return () => clearInterval(timer);
  },
  stat: (file, done) => stat(file, { bigint: true }, done),
};

/**
 * Calls `changed` once for each new state of `file`, when two looks in a row have found the same: who is still
 * writing is left to finish. The first state found counts as new, since nobody knows what was there when the file was read
 * last. `changed` learns nothing of the content. The answer ends the watch.
 */
export function watchFile(file: string, changed: () => void, parts: FileWatchParts = systemParts, everyMs = LOOK_MS): () => void {
  let told: string | undefined;
  let seen: string | undefined;
  let looking = false;
  let ended = false;
  const stop = parts.every(everyMs, () => {
    if (looking) return;
    looking = true;
    parts.stat(file, (_error, stats) => {
      looking = false;
      if (ended) return;
      const state = stats === undefined ? 'none' : `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`;
      const settled = state === seen;
      seen = state;
      if (!settled || state === told) return;
      told = state;
      changed();
    });
  });
  return () => {
    ended = true;
    stop();
  };
}
