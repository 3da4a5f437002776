#!/usr/bin/env node
// Turns every src/**/NAME.schema.json into a validator of plain code, src/**/generated/NAME.validator.js, with its
// types beside it: the daemon then starts without the schema compiler and in less memory.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';

const SUFFIX = '.schema.json';
const TYPES = `// Written by scripts/lib/compile-schemas.mjs.
export interface SchemaFault {
  readonly instancePath: string;
  readonly message?: string;
}
export interface Validate {
  (value: unknown): boolean;
  errors?: readonly SchemaFault[] | null;
}
export declare const validate: Validate;
`;

/** Writes the validators of all schemas below `root`; answers their paths. */
export function compileSchemas(root) {
  const schemas = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith(SUFFIX));
  return schemas.sort().map((path) => compileSchema(join(root, 'src', path)));
}

function compileSchema(path) {
  const schema = { ...JSON.parse(readFileSync(path, 'utf8')), $id: 'validate' };
  const ajv = new Ajv({ schemas: [schema], code: { source: true, esm: true }, strict: true, ownProperties: true });
  const code = standalone.default(ajv, { validate: 'validate' });
  // Some keywords call the library at run time, and that by `require`, which modules lack.
  if (code.includes('require(')) throw new Error(`${path}: uses a keyword that needs ajv at run time (minLength, uniqueItems, ...)`);
  const folder = join(dirname(path), 'generated');
  const out = join(folder, `${basename(path, SUFFIX)}.validator.js`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(out, `// Written by scripts/lib/compile-schemas.mjs.\n${code}\n`);
  writeFileSync(out.replace(/\.js$/, '.d.ts'), TYPES);
  return out;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  for (const path of compileSchemas(root)) console.log(path);
}
