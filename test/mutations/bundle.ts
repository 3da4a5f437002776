import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Mutation, mutated } from './mutation.ts';

export const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const PLAYER = fileURLToPath(new URL('player.ts', import.meta.url));

/** The source file with the fault in it. The file itself stays as it is. */
export function mutatedSource(mutation: Mutation): string {
  return mutated(mutation, readFileSync(join(SOURCES, mutation.file), 'utf8'));
}

/** The simulator and all that runs in it as one program, with the fault in it; as it is where none is given. */
export async function bundle(outfile: string, mutation?: Mutation): Promise<void> {
  const path = mutation === undefined ? '' : join(SOURCES, mutation.file);
  let placed = mutation === undefined;
  await build({
    entryPoints: [PLAYER],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'silent',
    // A simulated node never calls the system: what loads machine code stays outside and unused.
    external: ['koffi', 'esbuild'],
    plugins: [
      {
        name: 'mutation',
        setup: ({ onLoad }) => {
          onLoad({ filter: /\.ts$/ }, (args) => {
            if (mutation === undefined || args.path !== path) return undefined;
            placed = true;
            return { contents: mutatedSource(mutation), loader: 'ts' };
          });
        },
      },
    ],
  });
  if (!placed) throw new Error(`mutation ${mutation?.name}: nothing that the simulator runs imports src/${mutation?.file}`);
}
