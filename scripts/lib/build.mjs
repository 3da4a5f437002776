#!/usr/bin/env node
// Makes dist/: one file per program, with everything in it but koffi, whose machine code must stay a file.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'dist');
const fresh = join(root, `dist.${process.pid}.new`);

const schemas = join(root, 'scripts/lib/compile-schemas.mjs');
if (existsSync(schemas)) (await import(schemas)).compileSchemas(root);

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: [
    'heartbeat',
    'cl_status',
    'hb_standby',
    'hb_takeover',
    'hb_addnode',
    'hb_delnode',
    'hb_setweight',
    'hb_setsite',
    'hb_clearfailure',
  ].map((name) => `src/bin/${name}.ts`),
  outdir: fresh,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['koffi'],
  // An ES module in the bundle may ask where it lies; CommonJS has no word for that.
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  sourcemap: 'external',
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
});
// A program that is running, or being started, never sees half a build.
const stale = `${dist}.${process.pid}.old`;
if (existsSync(dist)) renameSync(dist, stale);
renameSync(fresh, dist);
rmSync(stale, { recursive: true, force: true });
for (const [path, { bytes }] of Object.entries(result.metafile.outputs)) {
  if (path.endsWith('.cjs')) console.log(`${String(Math.round(bytes / 1024)).padStart(6)} KiB  ${path.replace(/^dist\.\d+\.new/, 'dist')}`);
}
