import { rmSync } from 'node:fs';

/** Removes a folder in which a process that is on its way out may still make a file; waits at most half a second. */
export function removeFolder(folder: string): void {
  for (let tries = 25; ; tries -= 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
