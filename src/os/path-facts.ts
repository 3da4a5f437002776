import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { HostFacts } from '../contracts/config.ts';

/** A disk that has not answered by then is not waited for. */
const LOOK_MS = 2000;
/** Of one file; more absolute paths than this no ha.cf has. */
const PATHS_MAX = 500;

export type PathFacts = Required<Pick<HostFacts, 'isExecutable' | 'fileKind'>>;

export interface Look {
  readonly executable: boolean;
  readonly kind: ReturnType<PathFacts['fileKind']>;
}

/**
 * What lies at the paths that a text names, looked at off the loop: a running daemon must not stand still with the
 * disk that one of them is on. Of a path that was not looked at in time nothing is held against it.
 */
export async function lookAtPaths(text: string, look: (path: string) => Promise<Look> = lookAt, limitMs = LOOK_MS): Promise<PathFacts> {
  const looks = new Map<string, Look>();
  const paths = [...new Set(text.split(/[\s,]+/).filter((word) => word.startsWith('/')))].slice(0, PATHS_MAX);
  const all = Promise.all(paths.map(async (path) => looks.set(path, await look(path))));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([all, late]);
  clearTimeout(timer);
  return {
    isExecutable: (path) => looks.get(path)?.executable !== false,
    fileKind: (path) => looks.get(path)?.kind ?? 'characterDevice',
  };
}

async function lookAt(path: string): Promise<Look> {
  const executable = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  const kind = await stat(path).then(
    (stats) => (stats.isCharacterDevice() ? ('characterDevice' as const) : ('other' as const)),
    () => 'missing' as const,
  );
  return { executable, kind };
}
