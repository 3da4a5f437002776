import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From this file to the top of the installation it is two steps when bundled, three from the sources. */
const STEPS_MAX = 3;

/** Something that lies beside this program in its installation: `etc/ha.d/harc`, `etc/tools`. Links to the program are followed. */
export function ownFile(inside: string): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const path = join(folder, inside);
    if (existsSync(path)) return path;
    folder = dirname(folder);
  }
  return undefined;
}
